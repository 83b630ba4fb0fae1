"""How documents of an order are called, and what the order's card shows of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.domain import formats
from appliance.domain.grants import Access
from appliance.domain.ids import uuid7
from appliance.domain.papers import INSIDE, Paper, PaperKind
from appliance.domain.service_files import ServiceFile
from appliance.roles import Permission
from appliance.web import service_files
from appliance.web.screens import Reader
from appliance.web.shell import N_

NAMES: Final[Mapping[PaperKind, str]] = {
    PaperKind.INVOICE: N_("Счёт"),
    PaperKind.OFFER: N_("Коммерческое предложение"),
    PaperKind.CONTRACT: N_("Договор"),
    PaperKind.WAYBILL: N_("Накладная"),
    PaperKind.UPD: N_("УПД"),
    PaperKind.ACT: N_("Акт"),
    PaperKind.PICKING: N_("Лист подбора"),
    PaperKind.COURIER: N_("Лист курьера"),
    PaperKind.LABEL_SMALL: N_("Этикетка 58×40"),
    PaperKind.LABEL_MIDDLE: N_("Этикетка 75×120"),
    PaperKind.LABEL_LARGE: N_("Этикетка 100×150"),
}


def card(
    reader: Reader,
    order_number: int,
    found: Sequence[Paper] | None,
    brought: Sequence[ServiceFile] = (),
) -> dict[str, Any]:
    """What an order's card shows of documents; empty where the role makes none."""
    if found is None:
        return {"papers": None}
    grant = reader.actor.grants[Permission.PAPER_MAKE.value]
    whole = grant.access("tax_id") is not Access.HIDDEN
    outside = [
        (kind.value, reader._(name)) for kind, name in NAMES.items() if whole and not _inside(kind)
    ]
    inside = [(kind.value, reader._(name)) for kind, name in NAMES.items() if _inside(kind)]
    return {
        "papers": [_row(reader, one) for one in found],
        "service_files": service_files.rows(reader, brought),
        "paper_kinds": [*outside, *inside],
        "paper_first": PaperKind.INVOICE.value if whole else "",
        "paper_token": str(uuid7()),
        "paper_home": f"/orders/{order_number}/papers",
    }


def _inside(kind: PaperKind) -> bool:
    return kind in INSIDE


def _row(reader: Reader, one: Paper) -> dict[str, Any]:
    return {
        "number": one.number,
        "name": f"{reader._(NAMES[one.kind])} № {one.shown_number}",
        "day": formats.day(one.day, reader.language),
        "sum": formats.money(one.total, reader.language, exact=True)
        if not _inside(one.kind)
        else "",
        "ready": one.ready,
    }
