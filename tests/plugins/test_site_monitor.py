"""The shop's pages are watched: how fast they answer, and somebody is told when they do not."""

import pytest

from appliance.plugin_api.calls import Row
from appliance.plugin_api.testing import Box
from plugins import site_monitor
from plugins.site_monitor.client import Client
from plugins.site_monitor.fake import Shop

KEYS = {"checks": ("page", "at"), "pages": ("page",)}
SETTINGS = {"address": "https://shop.example.ru", "pages": "/\n/cart/\n/cart/\n", "failures": 2}


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    site_monitor.client = Client(shop.transport())
    return shop


@pytest.mark.checklist(33)
async def test_a_page_that_is_down_makes_one_task_and_its_return_a_line(shop: Shop) -> None:
    box = Box(SETTINGS, keys=KEYS)
    await site_monitor.check(box.core())
    assert shop.opened == ["/", "/cart/"]
    shop.statuses["/cart/"] = 503
    await site_monitor.check(box.core())
    assert box.of("task") == [] and box.journal == []
    for status in (0, 503, 503):
        shop.statuses["/cart/"] = status
        await site_monitor.check(box.core())
    (task,) = box.of("task")
    assert task.key == "page:/cart/" and "/cart/" in task.title.reveal()
    shop.statuses.clear()
    await site_monitor.check(box.core())
    assert [(code, state) for code, state, _ in box.journal] == [
        ("page_down", "bad"),
        ("page_up", "ok"),
    ]
    assert len(box.rows("checks")) == 12
    cart = [row.values for row in box.rows("checks") if row.values["page"] == "/cart/"]
    assert [one["good"] for one in cart] == [True, False, False, False, False, True]


@pytest.mark.checklist(33)
async def test_a_slow_page_is_told_apart_from_one_that_is_down(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box({**SETTINGS, "pages": "", "slow_ms": -1, "failures": 1}, keys=KEYS)
    await site_monitor.check(box.core())
    assert [code for code, _, _ in box.journal] == ["page_slow"]
    assert "медленно" in box.of("task")[0].title.reveal()


async def test_old_measurements_go(shop: Shop) -> None:
    box = Box({**SETTINGS, "pages": "/", "days": 1}, keys=KEYS)
    old = Row(values={"page": "/", "at": "2020-01-01T00:00:00+00:00", "ms": 1, "status": 200})
    await box.core().rows_put("checks", [old])
    await site_monitor.check(box.core())
    assert len(box.rows("checks")) == 1
