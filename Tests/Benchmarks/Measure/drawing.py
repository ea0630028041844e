"""The plots of the benchmarks as SVG: a row for each server, and columns that each have an axis of their own."""

import math
from dataclasses import dataclass
from html import escape

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

    def frame(self, bottom):
        parts = [text(self.left, TOP - 10, self.title, 13, INK, weight=600)]
        for tick in self.ticks:
            x = self.x(tick)
            parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="{GRID}"/>')
            parts.append(text(x, bottom + 18, f"{tick:g}", 11, FAINT, anchor="middle"))
        return parts


def document(title, subtitle, panels, rows, footer):
    """The whole plot. `rows` holds a function for each row, which draws it around the y that it is given."""
    bottom = TOP + ROW * len(rows)
    parts = [text(24, 36, title, 20, INK, weight=600), text(24, 58, subtitle, 13, FAINT)]
    for panel in panels:
        parts += panel.frame(bottom)
    for index, draw in enumerate(rows):
        parts += draw(TOP + ROW * (index + 0.5))
    width, height = LABELS + 950, bottom + 56
    parts.append(text(24, height - 12, footer, 11, FAINT))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' font-family="system-ui, Helvetica, Arial, sans-serif">\n'
        f'<rect width="{width}" height="{height}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")


@dataclass
class Pen:
    """The color and the weight of a row: ours stands out."""

    is_ours: bool

    @property
    def color(self):
        return OURS if self.is_ours else OTHERS

    @property
    def weight(self):
        return 600 if self.is_ours else 400

    def label(self, y, content):
        return [text(24, y + 5, content, 14, INK, weight=self.weight)]

    def value(self, panel, y, value):
        """A dot at a value, and the value in figures."""
        x = panel.x(value)
        return [
            line(panel.left, x, y, self.color, 2, 0.35), dot(x, y, self.color),
            self._figures(x + 12, y, number(value))]

    def span(self, panel, y, first, last):
        """A bar from a value to a higher one, such as from p50 to p99, and both in figures."""
        left, right = panel.x(first), panel.x(last)
        return [
            line(left, right, y, self.color, 6, 0.35), dot(left, y, self.color), dot(right, y, self.color, 4),
            self._figures(right + 12, y, f"{number(first)} – {number(last)}")]

    def bar(self, panel, y, value):
        """A bar from zero, and its value in figures."""
        x = panel.x(value)
        width = max(x - panel.left, 1)
        return [
            f'<rect x="{panel.left}" y="{y - 8:.1f}" width="{width:.1f}" height="16" rx="2" fill="{self.color}"/>',
            self._figures(x + 8, y, number(value))]

    def _figures(self, x, y, content):
        return text(x, y + 4, content, 12, INK, weight=self.weight)


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
    """The end of a range from zero to at least the highest value, with its ticks."""
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
