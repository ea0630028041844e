"""The course of a soak as an SVG: memory and descriptors of every process, and calls a second."""

import math
from dataclasses import dataclass
from html import escape

INK = "#1f2328"
FAINT = "#59636e"
GRID = "#e4e8ec"
RATE = "#59636e"
COLORS = {
    "token-service": "#bf3989", "auth-verifier": "#1a7f37", "predict-service": "#1f6feb", "api-gateway": "#bc4c00",
}
WIDTH = 1120
LEFT = 70
RIGHT = 150
TOP = 104
HEIGHT = 210
GAP = 58


@dataclass
class Panel:
    """A plot over time, from the top down."""

    title: str
    top: float
    high: float
    seconds: float

    def x(self, second):
        return LEFT + (WIDTH - LEFT - RIGHT) * min(second / self.seconds, 1)

    def y(self, value):
        return self.top + HEIGHT * (1 - value / self.high)

    def frame(self):
        step = tick(self.high)
        parts = [text(LEFT, self.top - 12, self.title, 13, INK, weight=600)]
        for index in range(int(self.high / step) + 1):
            y = self.y(index * step)
            parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="{GRID}"/>')
            parts.append(text(LEFT - 8, y + 4, f"{index * step:g}", 11, FAINT, anchor="end"))
        minutes = self.seconds / 60
        every = next(step for step in (0.5, 1, 2, 5, 10, 20, 60, 120, 1440) if minutes / step <= 12)
        for index in range(int(minutes / every) + 1):
            x = self.x(index * every * 60)
            parts.append(text(x, self.top + HEIGHT + 18, f"{index * every:g}", 11, FAINT, anchor="middle"))
        parts.append(text(WIDTH - RIGHT + 12, self.top + HEIGHT + 18, "minutes", 11, FAINT))
        return parts

    def line(self, points, color, opacity=1.0):
        path = " ".join(f"{self.x(second):.1f},{self.y(value):.1f}" for second, value in points)
        return (
            f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.6" stroke-opacity="{opacity}"'
            ' stroke-linejoin="round"/>')


def plot(results):
    seconds, series = results["minutes"] * 60, results["series"]
    panels = []
    for title, column in [("Resident memory of each process, MiB", 2), ("Open descriptors of each process", 4)]:
        highest = max(look[column] for looks in series.values() for look in looks)
        panel = Panel(title, TOP + len(panels) * (HEIGHT + GAP), rounded(highest), seconds)
        panels.append(panel)
        panel.parts = panel.frame() + steady_mark(panel, results) + [
            panel.line([(look[0], look[column]) for look in life], COLORS[slot.split()[0]], shade(slot))
            for slot, looks in series.items() for life in lives(looks)]
    panel = Panel("Calls a second", TOP + 2 * (HEIGHT + GAP), rounded(max(results["rate"])), seconds)
    step = results["interval"]
    panel.parts = panel.frame() + steady_mark(panel, results) + [
        panel.line([((index + 0.5) * step, rate) for index, rate in enumerate(results["rate"])], RATE)]
    parts = heading(results) + [part for panel in [*panels, panel] for part in panel.parts] + legend()
    height = TOP + 3 * (HEIGHT + GAP) + 6
    parts.append(text(24, height - 12, results["machine"], 11, FAINT))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
        ' font-family="system-ui, Helvetica, Arial, sans-serif">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")


def heading(results):
    calls = sum(sum(kind["counts"].values()) for kind in results["kinds"])
    return [
        text(24, 36, f"{results['minutes']:g} minutes of mixed traffic", 20, INK, weight=600),
        text(
            24, 58,
            f"{calls:,} calls, {results['unexplained']:,} of them unexplained; {len(results['restarts'])} restarts,"
            " where a line begins anew. Judged from the dotted line on.", 13, FAINT),
    ]


def steady_mark(panel, results):
    x = panel.x(results["steady_from"])
    return [
        f'<line x1="{x:.1f}" y1="{panel.top}" x2="{x:.1f}" y2="{panel.top + HEIGHT}" stroke="{FAINT}"'
        ' stroke-dasharray="2 3"/>']


def legend():
    parts = []
    for index, (service, color) in enumerate(COLORS.items()):
        y = TOP + 12 + 22 * index
        x = WIDTH - RIGHT + 12
        parts.append(f'<line x1="{x}" y1="{y}" x2="{x + 16}" y2="{y}" stroke="{color}" stroke-width="3"/>')
        parts.append(text(x + 22, y + 4, service, 12, INK))
    return parts


def lives(looks):
    """The looks of one slot, parted where another process took it."""
    parted = []
    for look in looks:
        if not parted or look[1] < parted[-1][-1][1]:
            parted.append([])
        parted[-1].append(look)
    return parted


def shade(slot):
    """Replicas share their service's color, the later ones paler."""
    return 1.0 if slot.endswith(" 1") else 0.5


def rounded(highest):
    return math.ceil(max(highest, 1) / tick(highest)) * tick(highest)


def tick(highest):
    return next(
        step for power in range(-1, 9) for step in (10.0**power, 2 * 10.0**power, 5 * 10.0**power)
        if highest / step <= 5)


def text(x, y, content, size, color, weight=400, anchor="start"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{color}"'
        f' text-anchor="{anchor}">{escape(content)}</text>')
