"""The results as a Markdown table, the ratios that they are judged by, and a plot."""

import math
from dataclasses import dataclass
from html import escape

# Of (what, measure, server, other server or nothing, at most).
TARGETS = [
    ("Fast path against nghttpd", "cpu_microseconds", "fast", "nghttpd", 1.5),
    ("Fast path against gRPC C++", "cpu_microseconds", "fast", "cpp", 0.25),
    ("GRPCCore against gRPC C++", "cpu_microseconds", "core", "cpp", 0.75),
    ("GRPCCore against grpc-swift's NIO transport", "cpu_microseconds", "core", "nio", 0.1),
    ("An idle connection, KiB", "idle_connection_kib", "core", None, 20),
]


def comparisons(results):
    """What was compared, what was measured and whether that reaches the target, for the servers that were measured."""
    servers = {server["name"]: server for server in results["servers"]}
    for what, measure, name, other, limit in TARGETS:
        if name not in servers or other and other not in servers:
            continue
        value = servers[name][measure]
        if other:
            value /= servers[other][measure]
        yield what, value, "x" if other else "", limit, value <= limit


def reaches_all(results):
    return all(is_reached for *_, is_reached in comparisons(results))


def table(results):
    lines = [
        f"{results['machine']}. Median of {results['rounds']} rounds; 8 connections of 32 streams, unary, 50-byte message;"
        " server on one core, h2load on another.",
        "",
        "| server | CPU a call, µs | calls/s | p50, ms | p99, ms | memory, MiB | an idle connection, KiB |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for server in results["servers"]:
        lines.append(
            f"| {server['label']} | {server['cpu_microseconds']:.1f} | {server['calls_per_second']:,.0f}"
            f" | {server['p50_microseconds'] / 1000:.2f} | {server['p99_microseconds'] / 1000:.2f}"
            f" | {server['memory_kib'] / 1024:.0f} | {server['idle_connection_kib']:.1f} |")
    lines += ["", "| compared, server CPU a call unless said | measured | target |  |", "|---|--:|--:|---|"]
    for what, value, unit, limit, is_reached in comparisons(results):
        lines.append(f"| {what} | {value:.3g}{unit} | <= {limit}{unit} | {'reached' if is_reached else 'missed'} |")
    return "\n".join(lines) + "\n"


ROW = 46
TOP = 96
LABELS = 218
OURS = "#1f6feb"
OTHERS = "#8c96a3"
INK = "#1f2328"
FAINT = "#59636e"
GRID = "#e4e8ec"


@dataclass
class Panel:
    """A column of the plot with its own axis."""

    title: str
    left: float
    width: float
    low: float
    high: float
    ticks: list
    logarithmic: bool = True

    def x(self, value):
        if self.logarithmic:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.left + max(0, min(1, share)) * self.width


def plot(results):
    servers = results["servers"]
    panels = [
        Panel("Server CPU a call, µs", LABELS + 20, 300, *decades([s["cpu_microseconds"] for s in servers])),
        Panel(
            "Latency p50 to p99, ms", LABELS + 400, 200,
            *decades([s[name] / 1000 for s in servers for name in ("p50_microseconds", "p99_microseconds")])),
        Panel(
            "An idle connection, KiB", LABELS + 730, 150, 0, *linear(max(s["idle_connection_kib"] for s in servers)),
            logarithmic=False),
    ]
    bottom = TOP + ROW * len(servers)
    parts = [text(24, 36, "Unary calls on one core", 20, INK, weight=600)]
    parts.append(text(24, 58, "8 connections of 32 streams, 50-byte message. Less is better everywhere; the first two scales are logarithmic.", 13, FAINT))
    for panel in panels:
        parts.append(text(panel.left, TOP - 10, panel.title, 13, INK, weight=600))
        for tick in panel.ticks:
            x = panel.x(tick)
            parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="{GRID}"/>')
            parts.append(text(x, bottom + 18, f"{tick:g}", 11, FAINT, anchor="middle"))
    for row, server in enumerate(servers):
        parts += draw_row(server, TOP + ROW * (row + 0.5), panels)
    width, height = LABELS + 950, bottom + 56
    parts.append(text(24, height - 12, f"{results['machine']}. Median of {results['rounds']} rounds.", 11, FAINT))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' font-family="system-ui, Helvetica, Arial, sans-serif">\n'
        f'<rect width="{width}" height="{height}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")


def draw_row(server, y, panels):
    is_ours = server["name"] in ("fast", "core")
    color = OURS if is_ours else OTHERS
    weight = 600 if is_ours else 400
    cpu, latency, idle = panels
    parts = [text(24, y + 5, server["label"], 14, INK, weight=weight)]

    x = cpu.x(server["cpu_microseconds"])
    parts.append(line(cpu.left, x, y, color, 2, 0.35))
    parts.append(dot(x, y, color))
    parts.append(text(x + 12, y + 4, number(server["cpu_microseconds"]), 12, INK, weight=weight))

    first, last = latency.x(server["p50_microseconds"] / 1000), latency.x(server["p99_microseconds"] / 1000)
    parts.append(line(first, last, y, color, 6, 0.35))
    parts += [dot(first, y, color), dot(last, y, color, 4)]
    times = f"{number(server['p50_microseconds'] / 1000)} – {number(server['p99_microseconds'] / 1000)}"
    parts.append(text(last + 12, y + 4, times, 12, INK, weight=weight))

    x = idle.x(server["idle_connection_kib"])
    parts.append(
        f'<rect x="{idle.left}" y="{y - 8:.1f}" width="{max(x - idle.left, 1):.1f}" height="16" rx="2" fill="{color}"/>')
    parts.append(text(x + 8, y + 4, number(server["idle_connection_kib"]), 12, INK, weight=weight))
    return parts


def decades(values):
    """A range of whole and half decades around the values, with its ticks."""
    steps = [mantissa * 10.0**power for power in range(-4, 7) for mantissa in (1, 2, 5)]
    low = max(step for step in steps if step <= min(values))
    high = min(step for step in steps if step >= max(values))
    ticks = [step for step in steps if low <= step <= high]
    if len(ticks) > 7:
        ticks = [tick for tick in ticks if f"{tick:e}"[0] == "1"]
    return low, high, ticks


def linear(highest):
    step = next(step for power in range(-1, 7) for step in (10.0**power, 2 * 10.0**power, 5 * 10.0**power)
                if highest / step <= 4)
    count = max(math.ceil(highest / step), 1)
    return count * step, [index * step for index in range(count + 1)]


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def text(x, y, content, size, color, weight=400, anchor="start"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{color}"'
        f' text-anchor="{anchor}">{escape(content)}</text>')


def line(x1, x2, y, color, width, opacity):
    return (
        f'<line x1="{x1:.1f}" y1="{y:.1f}" x2="{x2:.1f}" y2="{y:.1f}" stroke="{color}" stroke-width="{width}"'
        f' stroke-opacity="{opacity}" stroke-linecap="round"/>')


def dot(x, y, color, radius=6):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{color}"/>'
