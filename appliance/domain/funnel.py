"""The rules of pipelines: which moves are allowed, and what a stage still asks for."""

from collections.abc import Mapping, Sequence

from appliance.domain.deals import DealField, DealState, Pipeline, Stage, StageKind
from appliance.errors import Invalid


def passed(line: Pipeline, here: Stage | None, wanted: Stage) -> tuple[Stage, ...]:
    """Open stages that a move leaves behind, the one it starts from among them.

    A deal that is new (`here` is None) leaves behind all that lie before the wanted one; a move
    back, a loss and a deal taken up again leave nothing behind.
    """
    if wanted.kind is StageKind.LOST:
        return ()
    stages = line.open_stages
    if here is not None and here.state is not DealState.OPEN:
        return ()
    first = 0 if here is None else _place(stages, here)
    last = len(stages) if wanted.kind is StageKind.WON else _place(stages, wanted)
    return stages[first:last]


def _place(stages: Sequence[Stage], one: Stage) -> int:
    """Where a stage stands; one that is out of use stands where its position says."""
    return sum(other.position < one.position for other in stages)


def check_skips(line: Pipeline, here: Stage | None, wanted: Stage) -> None:
    """Refuse to jump over a stage that must be passed; a new deal may begin anywhere.

    Raises:
        Invalid: `stage_skipped` with the name of the first such stage.
    """
    if here is None:
        return
    for one in passed(line, here, wanted):
        if one.id != here.id and not one.skippable:
            raise Invalid("stage_skipped", fields={"stage": "stage_skipped"}, stage=one.name)


def missing(
    line: Pipeline, here: Stage | None, wanted: Stage, filled: Mapping[DealField, bool]
) -> tuple[DealField, ...]:
    """What has to be filled in before this move, in the order of `DealField`."""
    asked = {field for stage in passed(line, here, wanted) for field in stage.required}
    if wanted.kind is StageKind.INVOICE:
        asked.add(DealField.LINES)  # an order of nothing is no order
    return tuple(field for field in DealField if field in asked and not filled[field])


def settled(*, total: int, paid: int, delivered: bool) -> bool:
    """Whether an order has given a deal all it was for: the money and the goods."""
    return delivered and paid >= total
