"""Charts of reports as numbers for SVG: from zero, labelled directly, no script, no style."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

Write = Callable[[int], str]

WIDE: Final = (1080, 216, 14)
NARROW: Final = (358, 190, 5)
"""Width and height in pixels, and how many bars may carry a label."""
TOP: Final = 20
LEFT: Final = 62
BOTTOM: Final = 22
MOST_LINES: Final = 12
LINE: Final = 26


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a chart; None where there is nothing to tell (no orders, so no share)."""

    name: str
    value: int | None
    was: int | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, or a place on a line; pixels."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    name: str
    title: str
    href: str
    below: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """What a template draws.

    Attributes:
        line: points of the line, where shares and averages are drawn; else bars are.
        was: runs of points of the stretch compared with.
        ticks: y and words of the lines of the scale.
        marks: x and words under the axis.
    """

    width: int
    height: int
    zero: float
    bars: tuple[Bar, ...]
    line: tuple[str, ...]
    was: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...]
    marks: tuple[tuple[float, str], ...]
    left: int = LEFT


def upright(
    points: Sequence[Point], write: Write, size: tuple[int, int, int], *, line: bool
) -> Chart:
    """Bars (or a line) side by side."""
    width, height, most_labels = size
    values = [one for point in points for one in (point.value, point.was) if one is not None]
    low, high = min([0, *values]), max([0, *values])
    scale = _scale(low, high)
    low, high = min(scale), max(scale)
    room = height - TOP - BOTTOM

    def y(value: int) -> float:
        return round(TOP + room * (high - value) / (high - low), 1)

    step = (width - LEFT) / max(len(points), 1)
    shown = _labelled(points, most_labels)
    bars = tuple(
        _bar(point, LEFT + step * place, step, y, write, labelled=place in shown, line=line)
        for place, point in enumerate(points)
    )
    every = max(1, -(-len(points) * 54 // (width - LEFT)))
    return Chart(
        width=width,
        height=height,
        zero=y(0),
        bars=bars,
        line=_runs([point.value for point in points], step, y) if line else (),
        was=_runs([point.was for point in points], step, y),
        ticks=tuple((y(value), write(value)) for value in scale),
        marks=tuple((bar.middle, bar.name) for place, bar in enumerate(bars) if place % every == 0),
    )


def _bar(
    point: Point,
    x: float,
    step: float,
    y: Callable[[int], float],
    write: Write,
    *,
    labelled: bool,
    line: bool,
) -> Bar:
    value = point.value or 0
    width = max(1.0, min(step * 0.66, 56))
    ends = sorted((y(0), y(value)))
    said = "" if point.value is None else write(point.value)
    title = f"{point.name}: {said or '—'}"
    if point.was is not None:
        title += f" ({write(point.was)})"
    return Bar(
        x=round(x + (step - width) / 2, 1),
        y=y(value) if line else ends[0],
        width=round(width, 1),
        height=round(ends[1] - ends[0], 1),
        middle=round(x + step / 2, 1),
        label=said if labelled else "",
        name=point.name,
        title=title,
        href=point.href,
        below=value < 0,
    )


def _labelled(points: Sequence[Point], most: int) -> set[int]:
    """All where they fit; else the highest and the last one that says something."""
    told = [place for place, point in enumerate(points) if point.value]
    if len(points) <= most:
        return set(told)
    if not told:
        return set()
    top = max(told, key=lambda place: points[place].value or 0)
    near = abs(top - told[-1]) * most < len(points)
    return {top} if near else {top, told[-1]}


def _runs(values: Sequence[int | None], step: float, y: Callable[[int], float]) -> tuple[str, ...]:
    """Points of unbroken lines."""
    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{LEFT + step * (place + 0.5):.1f},{y(value)}")
    return tuple(" ".join(run) for run in runs if run)


def _scale(low: int, high: int) -> list[int]:
    """Round values from at most `low` to at least `high`, zero among them."""
    reach = max(high - low, 1)
    size = 10 ** max(len(str(reach)) - 2, 0)
    step = next(
        (one * size for one in (1, 2, 5, 10, 20, 25, 50) if one * size * 4 >= reach), size * 100
    )
    first, last = low // step, -(-high // step)
    return [step * place for place in range(first, max(last, first + 1) + 1)]


@dataclass(frozen=True, slots=True)
class Line:
    """One lying bar; `y` is its top."""

    y: float
    name: str
    label: str
    width: float
    was: float | None
    href: str
    after: float


@dataclass(frozen=True, slots=True)
class Lines:
    """Lying bars, one under the other."""

    width: int
    height: int
    left: int
    lines: tuple[Line, ...]


def lying(points: Sequence[Point], write: Write, width: int) -> Lines:
    """Bars of groups, the first ones of the table."""
    top = points[:MOST_LINES]
    left = 190 if width > 600 else 118
    room = width - left - 96
    most = max([1, *(one for point in top for one in (point.value or 0, point.was or 0))])

    def reach(value: int) -> float:
        return round(max(0, value) * room / most, 1)

    return Lines(
        width=width,
        height=LINE * len(top) + 4,
        left=left,
        lines=tuple(
            Line(
                y=LINE * place + 4,
                name=_cut(point.name, 26 if left > 118 else 15),
                label="—" if point.value is None else write(point.value),
                width=reach(point.value or 0),
                was=None if point.was is None else left + reach(point.was),
                href=point.href,
                after=left + reach(point.value or 0) + 6,
            )
            for place, point in enumerate(top)
        ),
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
