"""The results as a Markdown table, the ratios that they are judged by, and a plot."""

from drawing import LABELS, Panel, Pen, decades, document, linear

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
    return document(
        "Unary calls on one core",
        "8 connections of 32 streams, 50-byte message. Less is better everywhere; the first two scales are logarithmic.",
        panels, [lambda y, server=server: draw_row(server, y, panels) for server in servers],
        f"{results['machine']}. Median of {results['rounds']} rounds.")


def draw_row(server, y, panels):
    pen = Pen(is_ours=server["name"] in ("fast", "core"))
    cpu, latency, idle = panels
    return (
        pen.label(y, server["label"]) + pen.value(cpu, y, server["cpu_microseconds"])
        + pen.span(latency, y, server["p50_microseconds"] / 1000, server["p99_microseconds"] / 1000)
        + pen.bar(idle, y, server["idle_connection_kib"]))
