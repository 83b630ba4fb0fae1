"""Drawings of plugins' measurements as their page prints them."""

from collections.abc import Sequence
from typing import Any

from appliance.domain import formats
from appliance.domain.plugin_charts import Drawn, Series, Step
from appliance.web.report_charts import NARROW, WIDE, Point, upright
from appliance.web.screens import Reader


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
        "charts": []
        if is_empty
        else [upright(points, write, (size[0], size[1], 0), line=True) for size in (WIDE, NARROW)],
        "hours": [
            (_clock(reader, step), write(step.value), step.bad)
            for step in line.steps
            if step.value is not None
        ],
    }


def _clock(reader: Reader, step: Step) -> str:
    return step.start.astimezone(reader.zone).strftime("%H:%M")
