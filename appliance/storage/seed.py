"""What a new box starts with: lists of codes, a shop, a warehouse (`seed.toml`)."""

import tomllib
from importlib.resources import files
from typing import Any

import msgspec

from appliance.domain.ids import uuid7
from appliance.domain.references import ReferenceKind
from appliance.domain.workdays import read_file
from appliance.storage import counters, order_rules, references
from appliance.storage import workdays as calendar_days
from appliance.storage.statements import fetch, fetch_value, insert_many
from appliance.storage.tables import (
    LossReasonRow,
    OrderStatusRow,
    PipelineRow,
    ReferenceRow,
    ShopRow,
    StageRow,
    StatusGroupRow,
    VatRateRow,
    WarehouseRow,
)

Entry = dict[str, Any]
INVOICE, INVOICE_NAME = "invoice", "Счёт"
STEP = 10
"""Gap between positions, so that an entry can be put between two others."""


def load() -> dict[str, Any]:
    """Read the file that lies beside this module."""
    text = files("appliance.storage").joinpath("seed.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def expand(moves: list[str], statuses: list[Entry]) -> list[str]:
    """Write out `@group` as the codes of the group's statuses, each code once."""
    codes: dict[str, None] = {}
    for move in moves:
        if move.startswith("@"):
            codes.update((one["code"], None) for one in statuses if one["group"] == move[1:])
        else:
            codes[move] = None
    return list(codes)


async def fill() -> bool:
    """Fill an empty box inside the caller's body; do nothing where statuses are known already."""
    if await fetch_value("SELECT 1 FROM order_status LIMIT 1") is not None:
        return False
    data = load()
    await _fill_statuses(data["status_groups"], data["statuses"])
    await order_rules.fill()
    await _fill_places(data["shops"], data["warehouses"])
    for kind in ReferenceKind:
        await _fill_list(kind, data["references"].get(kind.value, []))
    await fill_pipelines()
    await fill_vat()
    await fill_calendar()
    await references.touch()
    return True


def bundled_calendar() -> str:
    """The production calendar that came with this release."""
    return files("appliance.storage").joinpath("calendar.txt").read_text(encoding="utf-8")


async def fill_calendar() -> None:
    """Give a box without a production calendar the one that came with this release."""
    filled = await fetch_value("SELECT 1 FROM order_status LIMIT 1") is not None
    if filled and await fetch_value("SELECT 1 FROM calendar_day LIMIT 1") is None:
        await calendar_days.replace_years(read_file(bundled_calendar()))


async def fill_lists_of_tasks() -> None:
    """Give a box that was filled before there were tasks its kinds and results; once."""
    filled = await fetch_value("SELECT 1 FROM order_status LIMIT 1") is not None
    lists = load()["references"]
    for kind in (ReferenceKind.TASK_KIND, ReferenceKind.TASK_RESULT):
        known = await fetch_value("SELECT 1 FROM reference WHERE kind = {} LIMIT 1", kind.value)
        if filled and known is None:
            await _fill_list(kind, lists[kind.value])
    if filled:
        await references.touch()


async def add_invoice() -> None:
    """Give a box that was filled without it the way to pay by invoice, after the default; once."""
    kind = ReferenceKind.PAYMENT_TYPE.value
    rows = await fetch(
        "SELECT code, name, position, is_default FROM reference WHERE kind = {}", kind
    )
    if not rows or any(code == INVOICE or name == INVOICE_NAME for code, name, _, _ in rows):
        return
    place = min((position for _, _, position, chosen in rows if chosen), default=0) + STEP // 2
    await insert_many(
        ReferenceRow,
        [
            {"id": uuid7(), "kind": kind, "number": await counters.draw("reference"),
             "code": INVOICE, "name": INVOICE_NAME, "position": place,
             "is_default": False, "extra": "{}"}
        ],
    )  # fmt: skip
    await references.touch()


async def fill_vat() -> None:
    """Write down the rates of VAT by date where a box knows none yet."""
    if await fetch_value("SELECT 1 FROM vat_rate LIMIT 1") is not None:
        return
    await insert_many(
        VatRateRow,
        [
            {
                "id": uuid7(),
                "code": one["code"],
                "name": one["name"],
                "percent": one.get("percent"),
                "since": one["since"],
            }
            for one in load()["vat_rates"]
        ],
    )


async def _fill_statuses(groups: list[Entry], statuses: list[Entry]) -> None:
    await insert_many(
        StatusGroupRow,
        [
            {
                "code": group["code"],
                "name": group["name"],
                "position": place * STEP,
                "process": group.get("process", True),
            }
            for place, group in enumerate(groups, 1)
        ],
    )
    await insert_many(
        OrderStatusRow,
        [
            {
                "code": status["code"],
                "name": status["name"],
                "status_group": status["group"],
                "position": place * STEP,
                "is_default": status.get("is_default", False),
                "tone": status["tone"],
                "shape": status["shape"],
                "moves": msgspec.json.encode(
                    [code for code in expand(status["moves"], statuses) if code != status["code"]]
                ).decode(),
            }
            for place, status in enumerate(statuses, 1)
        ],
    )


async def _fill_places(shops: list[Entry], warehouses: list[Entry]) -> None:
    first = await counters.draw("shop", len(shops))
    await insert_many(
        ShopRow,
        [
            {"code": shop["code"], "number": first + place, "name": shop["name"]}
            for place, shop in enumerate(shops)
        ],
    )
    first = await counters.draw("warehouse", len(warehouses))
    await insert_many(
        WarehouseRow,
        [
            {"id": uuid7(), "number": first + place, "code": one["code"], "name": one["name"]}
            for place, one in enumerate(warehouses)
        ],
    )


async def _fill_list(kind: ReferenceKind, entries: list[Entry]) -> None:
    if not entries:
        return
    first = await counters.draw("reference", len(entries))
    await insert_many(
        ReferenceRow,
        [
            {
                "id": uuid7(),
                "kind": kind.value,
                "number": first + place,
                "code": entry["code"],
                "name": entry["name"],
                "position": (place + 1) * STEP,
                "is_default": entry.get("is_default", False),
                "extra": msgspec.json.encode(entry.get("extra", {})).decode(),
            }
            for place, entry in enumerate(entries)
        ],
    )


async def fill_pipelines() -> None:
    """Begin with pipelines, stages and reasons of losses; do nothing where there are some."""
    if await fetch_value("SELECT 1 FROM pipeline LIMIT 1") is not None:
        return
    data = load()
    lines, reasons = data["pipelines"], data["loss_reasons"]
    ids = [uuid7() for _ in lines]
    first = await counters.draw("pipeline", len(lines))
    await insert_many(
        PipelineRow,
        [
            {"id": ids[n], "number": first + n, "code": one["code"], "name": one["name"],
             "position": (n + 1) * STEP}
            for n, one in enumerate(lines)
        ],
    )  # fmt: skip
    stages = [(n, place, one) for n, line in enumerate(lines)
              for place, one in enumerate(line["stages"], 1)]  # fmt: skip
    first = await counters.draw("stage", len(stages))
    await insert_many(
        StageRow,
        [
            {
                "id": uuid7(),
                "number": first + n,
                "pipeline_id": ids[line],
                "name": one["name"],
                "kind": one.get("kind", "open"),
                "position": place * STEP,
                "required": msgspec.json.encode(one.get("required", [])).decode(),
                "skippable": one.get("skippable", False),
            }
            for n, (line, place, one) in enumerate(stages)
        ],
    )
    first = await counters.draw("loss_reason", len(reasons))
    await insert_many(
        LossReasonRow,
        [
            {"id": uuid7(), "number": first + n, "name": one["name"], "position": (n + 1) * STEP}
            for n, one in enumerate(reasons)
        ],
    )
