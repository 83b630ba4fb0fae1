"""The reconciliation of a trading day: what is wrong on one side is called a difference."""

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from plugins.marketplace_ozon.fake import Fake
from scripts._day_box import ARTICLES, AT_FIRST, Day
from scripts._day_markets import Ozon
from scripts._day_part import Part
from scripts._day_seen import Seen
from scripts.trade_day_box import PARTS, compared, unseen
from scripts.vendors_box import Stand


@pytest.fixture
def ozon() -> Ozon:
    stand = Stand("marketplace_ozon", Fake(), 0, "")
    stand.server.server_close()
    day = SimpleNamespace(stands={"marketplace_ozon": stand})
    part = Ozon(cast("Day", day), random.Random(1), {"market": 2})  # noqa: S311 - a game
    part.opening()
    for _ in range(2):
        part.names += part.at(lambda: part.sell(ARTICLES[0], 1))
    part.fake.stock.update(dict.fromkeys(ARTICLES, AT_FIRST))
    return part


def seen_of(part: Ozon) -> Seen:
    """A box that has what lies at the service."""
    seen = Seen.__new__(Seen)
    seen.doubles, seen.by_name = [], {}
    seen.stock = {(article, "main"): (AT_FIRST + 1, 1) for article in ARTICLES}
    seen.orders = [_order(one) for one in part.fake.postings.values()]
    return seen


def _order(posting: dict[str, Any]) -> dict[str, Any]:
    lines = [
        {"sku": one["offer_id"], "quantity_milli": one["quantity"] * 1000}
        for one in posting["products"]
    ]
    told = {"raw_status": posting["status"], "raw_substatus": posting["substatus"]}
    name = posting["posting_number"]
    return {"shop": "ozon-main", "external_id": name, "lines": lines,
            "services": {"posting": told}}  # fmt: skip


def test_a_day_whose_sides_are_equal_has_no_difference_until_one_side_is_spoiled(
    ozon: Ozon, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = seen_of(ozon)
    assert compared(seen, [ozon]) == []
    assert unseen(seen, [ozon]) == []  # what was made wrong there was seen
    assert {one.kind for one in compared(seen, [ozon])} == {"Ozon: orders", "Ozon: stock"}
    assert "arbitration" in capsys.readouterr().out


def test_an_order_that_one_side_lost_or_has_twice_is_a_difference(ozon: Ozon) -> None:
    seen = seen_of(ozon)
    seen.doubles = [("ozon-main", ozon.names[0])]
    assert [one.key for one in compared(seen, [ozon])] == [str(seen.doubles[0])]
    seen.doubles, lost = [], seen.orders.pop()
    (wrong,) = compared(seen, [ozon])
    assert (wrong.key, wrong.here) == (lost["external_id"], "")
    del ozon.fake.postings[ozon.names[0]]
    assert len(compared(seen, [ozon])) == 2


def test_every_part_of_the_day_is_of_a_plugin_that_there_is() -> None:
    home = Path(__file__).parents[2] / "plugins"
    assert all((home / part.plugin / "plugin.toml").is_file() for part in PARTS if part.plugin)
    assert all(issubclass(part, Part) for part in PARTS)
