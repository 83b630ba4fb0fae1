"""Keeping a day of reports: counted outside the writer, written in slices.

A row of `report_day` whose zone is a mark stands for a day that is being counted: no report reads
its cells yet, and whatever changes an order of that day deletes it, as it does with a kept day. So
a count that was overtaken finds its mark gone and is thrown away; the next turn begins again.
"""

from collections import defaultdict
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.access import NOBODY
from appliance.domain.ids import uuid7
from appliance.domain.reports import Day, Figures, Kept, plus
from appliance.storage import report_days, report_goods
from appliance.storage.references import Lists
from appliance.storage.report_days import Place
from appliance.storage.statements import execute, fetch_value, insert_many, update_row, upsert
from appliance.storage.tables import ReportCellRow, ReportDayRow, ReportGoodsRow

SLICE: Final = 400
"""Rows written or deleted at once: some 10 ms of the writer."""


class Goods(msgspec.Struct, frozen=True):
    """One row of what a manager sold in a shop."""

    manager: UUID
    shop: str
    goods: bytes


class Counted(msgspec.Struct, frozen=True):
    """A day, counted: its cells and its goods."""

    cells: tuple[tuple[Place, Figures], ...]
    goods: tuple[Goods, ...]

    def slices(self) -> "list[Counted]":
        """In parts that are quickly written."""
        cells = [
            Counted(self.cells[at : at + SLICE], ()) for at in range(0, len(self.cells), SLICE)
        ]
        # A row of goods holds hundreds of products.
        many = SLICE // 8
        goods = [Counted((), self.goods[at : at + many]) for at in range(0, len(self.goods), many)]
        return [*cells, *goods]


async def begin(day: Day) -> str:
    """Mark a day as being counted, and no other count of it as good; return the mark."""
    mark = uuid7().hex
    await upsert(ReportDayRow, ("day",), day=day.day, zone=mark, since=day.since, until=day.until)
    return mark


async def clear(day: Day) -> bool:
    """Delete some of what was kept for a day; whether there may be more."""
    for table in ("report_cell", "report_goods"):
        gone = await execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE day = {{}} LIMIT {{}})",
            day.day,
            SLICE,
        )
        if gone:
            return True
    return False


async def count(lists: Lists, day: Day) -> Counted:
    """Count a day from the records."""
    cells = await report_days.count(lists, day, set(Kept) - {Kept.PRODUCT})
    sellers = await report_goods.count(lists, day.since, day.until)
    whole: dict[str, Figures] = defaultdict(Figures)
    for sold in sellers.values():
        for number, figures in sold.items():
            whole[number] = plus(whole[number], figures)
    products = [
        (Place(Kept.PRODUCT, NOBODY, "", number), figures) for number, figures in whole.items()
    ]
    goods = [Goods(one.manager, one.shop, report_goods.packed(sellers[one])) for one in sellers]
    return Counted((*cells.items(), *products), tuple(goods))


async def holds(day: Day, mark: str) -> bool:
    """Whether nothing of the day has changed since the count began."""
    return await fetch_value("SELECT zone FROM report_day WHERE day = {}", day.day) == mark


async def write(day: Day, part: Counted) -> None:
    """Write a part of what was counted."""
    await insert_many(
        ReportCellRow,
        [
            {
                "id": uuid7(),
                "day": day.day,
                "kind": place.kind.value,
                "manager_id": place.manager,
                "shop": place.shop,
                "key": place.key,
                **figures._asdict(),
            }
            for place, figures in part.cells
        ],
    )
    await insert_many(
        ReportGoodsRow,
        [
            {
                "id": uuid7(),
                "day": day.day,
                "manager_id": one.manager,
                "shop": one.shop,
                "goods": one.goods,
            }
            for one in part.goods
        ],
    )


async def hold(day: Day, zone: str) -> None:
    """Let reports read what was written."""
    await update_row(ReportDayRow, day.day, zone=zone)
