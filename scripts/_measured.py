"""A day of measurements and some words on orders, as if a plugin had run in the invented box."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from appliance.actions import _plugin_asking, plugin_calls, plugin_rows, plugin_words, plugins
from appliance.actions import orders as order_deeds
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.orders import OrderFilter
from appliance.domain.plugin_rows import Shape
from appliance.plugin_api import calls
from appliance.plugin_host.finding import look_around

NAME: Final = "site_monitor"
PAGES: Final = (("/", 240, False), ("/cart/", 900, True))
"""Page, usual milliseconds, whether it is down now."""
BASE: Final = "exchange_1c"
RUNS: Final = (
    ("done", "ok", "", 1480, 0),
    ("failed", "bad", "xml_cut", 0, 0),
    ("undone", "grey", "", 0, 311),
    ("done", "ok", "", 3, 96),
    ("held", "warn", "guard_stock_zeroed", 0, 714),
)
"""State, tone, why, new and changed goods of a run."""
WORDS: Final = (("Собран", "ok"), ("Ждёт оплаты", "warn"), ("ПВЗ 512", "info"))


async def watch_a_shop() -> None:
    """Approve the plugin that watches the shop's pages, and fill its tables."""
    lying = look_around()[NAME]
    await plugins.notice(HOUSE_ACTOR, [lying.found])
    await plugins.approve(HOUSE_ACTOR, NAME, lying.found.version, lying.found.asked)
    assert lying.manifest is not None  # noqa: S101  it came with the release
    table = lying.manifest.tables["checks"]
    shape = Shape(columns=dict(table.columns), key=table.key)
    actor = _plugin_asking.actor_of(NAME, ("orders.read",))
    luck, now = Random(33), datetime.now(UTC)  # noqa: S311  a picture, no secret
    for page, usual, is_down in PAGES:
        rows: list[calls.Row] = []
        for step in range(288, -1, -1):
            late = is_down and step < 12
            ms = 20_000 if late else usual + luck.randrange(usual // 2) + (step in (90, 91)) * 2600
            moment = (now - timedelta(minutes=5 * step)).isoformat()
            values: dict[str, calls.Value] = {"page": page, "at": moment, "ms": ms}
            values |= {"status": 503 if late else 200, "good": ms < 3000}
            rows.append(calls.Row(values=values))
        await plugin_rows.put(actor, shape, calls.RowsGiven(table="checks", rows=tuple(rows)))
    await _hand_over()
    note = calls.Note(
        code="page_down", state="bad", data={"page": "/cart/", "status": 503, "failed": 3}
    )
    await plugin_words.journal(actor, note)
    newest = await order_deeds.list_page(HOUSE_ACTOR, OrderFilter(), limit=9)
    for place, row in enumerate(newest.rows[::3]):
        text, tone = WORDS[place % len(WORDS)]
        wanted = calls.BadgeWanted(order_id=row.id, text=text, tone=tone)  # pyright: ignore[reportArgumentType] - one of `Tone`
        await plugin_words.badge(actor, wanted)


async def exchange_with_1c() -> None:
    """Some runs of a 1C base, and no order put aside."""
    lying = look_around()[BASE]
    await plugins.notice(HOUSE_ACTOR, [lying.found])
    await plugins.approve(HOUSE_ACTOR, BASE, lying.found.version, lying.found.asked)
    assert lying.manifest is not None  # noqa: S101  it came with the release
    table = lying.manifest.tables["runs"]
    shape = Shape(columns=dict(table.columns), key=table.key)
    now, rows = datetime.now(UTC), list[calls.Row]()
    for run, (state, tone, why, created, changed) in enumerate(RUNS, 1):
        moment = (now - timedelta(hours=3 * (len(RUNS) - run))).isoformat()
        values: dict[str, calls.Value] = {"run": run, "at": moment, "state": state, "tone": tone}
        values |= {"says": f"run_is_{state}", "why": why, "offset": 48_211, "created": created}
        values |= {"changed": changed, "same": 1480 - changed, "waiting": run % 3, "skipped": 0}
        rows.append(calls.Row(values=values))
    actor = _plugin_asking.actor_of(BASE, ())
    await plugin_rows.put(actor, shape, calls.RowsGiven(table="runs", rows=tuple(rows)))


async def _hand_over() -> None:
    """A plugin of couriers was told of some buyers."""
    uses = [("customer.phone", "delivery"), ("customer.name", "delivery")]
    actor = _plugin_asking.actor_of("courier_fast", ("orders.read",), uses)
    newest = await order_deeds.list_page(HOUSE_ACTOR, OrderFilter(), limit=6)
    for fields in (("customer.phone", "customer.name"), ("customer.phone",)):
        ids = tuple(row.id for row in newest.rows)
        asked = calls.OrdersAsked(ids=ids, fields=fields, purpose="delivery")
        await plugin_calls.orders_with_people(actor, asked)
