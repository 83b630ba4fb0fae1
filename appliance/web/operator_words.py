"""Orders at fulfilment operators, in words: stages, what needs people, the block of a card."""

from collections.abc import Mapping
from typing import Any, Final

from appliance.domain import formats
from appliance.domain.fulfilments import (
    MAPPED,
    AtOperator,
    FulfilmentView,
    LineView,
    Stage,
    Want,
)
from appliance.web.screens import Reader
from appliance.web.shell import N_

STAGES: Final[Mapping[Stage, tuple[str, str, str]]] = {
    Stage.QUEUED: (N_("Ждёт передачи"), "grey", "ring"),
    Stage.ACCEPTED: (N_("Принят оператором"), "accent", "half"),
    Stage.SHORTAGE: (N_("Не хватает товара"), "warn", "half"),
    Stage.PICKING: (N_("Собирается"), "accent", "dot"),
    Stage.PACKED: (N_("Упакован"), "info", "half"),
    Stage.PART_SHIPPED: (N_("Отгружен частично"), "info", "dot"),
    Stage.SHIPPED: (N_("Отгружен"), "ok", "check"),
    Stage.DELIVERED: (N_("Вручён"), "ok", "check"),
    Stage.RETURNING: (N_("Возвращается"), "warn", "dot"),
    Stage.RETURNED: (N_("Вернулся на склад"), "warn", "cross"),
    Stage.CANCELLED: (N_("Отменён у оператора"), "grey", "cross"),
    Stage.REFUSED: (N_("Не принят"), "bad", "cross"),
}
"""Stage → its word, tone and shape."""
TROUBLES: Final[Mapping[str, str]] = {
    "shortage": N_("Оператору не хватает товара: разделите заказ, подождите поставки или отмените"),
    "refused": N_("Оператор не принял заказ. Исправьте то, что он назвал, и передайте снова"),
    "too_late": N_("Отменить уже нельзя: оператор собрал заказ. Товар вернётся возвратом"),
    "changed_late": N_("Заказ изменён, когда оператор уже собирал его: там остался прежний состав"),
    "cancelled_there": N_("Оператор отменил заказ сам. Узнайте почему и решите, что с ним делать"),
    "returned": N_("Заказ вернулся на склад оператора: проверьте деньги покупателя"),
    "differs": N_("Отгружено не то, что в заказе: сверьте состав и остатки"),
    "shipped_closed": N_("Оператор отгрузил заказ, который здесь уже закрыт"),
}
QUIET: Final = frozenset({Stage.DELIVERED, Stage.CANCELLED})
"""Stages that the head of a card need not show."""
WHY: Final[Mapping[str, str]] = {
    "recipient_withheld": N_("данные получателя закрыты: нет основания их передавать"),
    "sku_unknown": N_("оператор не знает такого артикула"),
    "key_reused": N_("такой номер заказа у оператора уже занят"),
    "not_on_shelf": N_("товара нет на полке"),
}
"""A reason's code → words; others are printed as they came."""
WANTS: Final[Mapping[Want, str]] = {
    Want.SEND: N_("передаём"),
    Want.CHANGE: N_("передаём изменения"),
    Want.CANCEL: N_("отменяем"),
}


def stage_name(reader: Reader, stage: str) -> str:
    """A stage in words; one of a newer box by its code."""
    known = {one.value: words[0] for one, words in STAGES.items()}
    return reader._(known.get(stage, stage))


def mapped(reader: Reader) -> list[tuple[str, str]]:
    """Stages a status of an order may be chosen for."""
    return [(one.value, reader._(STAGES[one][0])) for one in MAPPED]


def choices(reader: Reader) -> list[tuple[str, str]]:
    """Stages that an operator's own status may mean."""
    own = (one for one in STAGES if one not in {Stage.QUEUED, Stage.REFUSED})
    return [(one.value, reader._(STAGES[one][0])) for one in own]


def card(reader: Reader, found: AtOperator | None) -> dict[str, Any] | None:
    """The block of an order's card; None: there is none."""
    if found is None:
        return None
    return {
        "now": None if found.now is None else _now(reader, found.now),
        "choices": [(str(ident), name) for ident, name in found.choices],
        "may": found.may,
    }


def _now(reader: Reader, one: FulfilmentView) -> dict[str, Any]:
    name, tone, shape = STAGES[one.stage]
    want = WANTS.get(one.want, "")
    shown = [_line(reader, line) for line in one.lines if _is_worth(line)]
    return {
        "stage": reader._(name),
        "tone": tone,
        "shape": shape,
        "want": reader._(want) if want else "",
        "warehouse": one.warehouse_name,
        "order_no": one.order_no,
        "tracking": one.tracking,
        "raw": one.raw,
        "when": _moment(reader, one.updated_at),
        "mark": ("warn" if one.trouble else tone) if one.stage not in QUIET else "",
        "trouble": reader._(TROUBLES.get(one.trouble, "")) if one.trouble else "",
        "reason": reader._(WHY.get(one.reason, one.reason)) if one.reason else "",
        "lines": shown,
        "steps": [
            {
                "name": stage_name(reader, step.stage),
                "raw": step.raw,
                "when": _moment(reader, step.at),
            }
            for step in one.steps
        ],
        "may_cancel": one.want is not Want.CANCEL
        and one.stage
        in {
            Stage.QUEUED,
            Stage.ACCEPTED,
            Stage.SHORTAGE,
            Stage.PICKING,
            Stage.PACKED,
        },
    }


def _moment(reader: Reader, at: Any) -> str:
    return formats.moment_short(at, reader.now, reader.zone, reader.language)


def _is_worth(line: LineView) -> bool:
    """A position of which the operator said something."""
    return bool(line.short_milli or line.shipped_milli or line.returned_milli or line.codes)


def _line(reader: Reader, line: LineView) -> dict[str, Any]:
    def amount(milli: int) -> str:
        return formats.quantity(milli, reader.language)

    parts = [
        reader._("%(part)s из %(all)s отгружено")
        % {"part": amount(line.shipped_milli), "all": amount(line.quantity_milli)}
        if line.shipped_milli
        else "",
        reader._("не хватает %(num)s") % {"num": amount(line.short_milli)}
        if line.short_milli
        else "",
        reader._("вернулось %(num)s") % {"num": amount(line.returned_milli)}
        if line.returned_milli
        else "",
        reader.ngettext("%(num)s код маркировки", "%(num)s кодов маркировки", line.codes)
        if line.codes
        else "",
    ]
    return {
        "name": line.name,
        "said": ", ".join(one for one in parts if one),
        "tone": "warn" if line.short_milli and not line.shipped_milli else "",
    }
