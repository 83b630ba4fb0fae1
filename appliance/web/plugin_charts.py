"""Drawings of plugins' measurements as their page prints them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from appliance.domain import formats
from appliance.domain.plugin_charts import Drawn, Series, Step
from appliance.web.report_charts import Chart, Point, Write, upright
from appliance.web.screens import Reader

WIDE: Final = (720, 200, 0)
NARROW: Final = (358, 190, 0)
EDGE: Final = 28
"""Pixels that half of a label takes."""


def shown(reader: Reader, drawn: Sequence[Drawn]) -> list[dict[str, Any]]:
    """Drawings with their lines, the worst first."""
    return [
        {
            "title": one.title,
            "series": [
                _series(reader, line)
                for line in sorted(one.series, key=lambda line: (line.is_good, line.name))
            ],
        }
        for one in drawn
    ]


def _series(reader: Reader, line: Series) -> dict[str, Any]:
    def write(value: int) -> str:
        return formats.number(value, reader.language)

    points = [Point(_clock(reader, step), step.value) for step in line.steps]
    is_empty = not line.measured
    return {
        "name": line.name,
        "good": line.is_good,
        "last": "" if line.last is None else write(line.last),
        "when": ""
        if line.last_at is None
        else formats.moment_short(line.last_at, reader.now, reader.zone, reader.language),
        "measured": line.measured,
        "bad": line.bad,
        "charts": [] if is_empty else [_drawn(points, write, size) for size in (WIDE, NARROW)],
        "hours": [
            (_clock(reader, step), write(step.value), step.bad)
            for step in line.steps
            if step.value is not None
        ],
    }


def _drawn(points: Sequence[Point], write: Write, size: tuple[int, int, int]) -> Chart:
    """A line; a label that would be cut off at the edge is left to the badge beside the name."""
    chart = upright(points, write, size, line=True)
    edge = chart.width - EDGE
    bars = tuple(replace(bar, label="") if bar.middle > edge else bar for bar in chart.bars)
    return replace(chart, bars=bars)


def _clock(reader: Reader, step: Step) -> str:
    return step.start.astimezone(reader.zone).strftime("%H:%M")
