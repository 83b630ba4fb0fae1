"""A plugin sees and hands out what its manifest was granted, and every hand-over is on record."""

from uuid import UUID

import pytest

from appliance.actions import duplicates, orders, privacy
from appliance.domain.personal import Personal
from appliance.domain.plugin_rows import Shape
from appliance.errors import Denied
from appliance.plugin_api.calls import PERSONAL_FIELDS, NewLine, NewOrder, Row
from appliance.plugin_api.core import Refused
from appliance.roles import FIELDS
from appliance.storage import disclosures, outbox, plugin_rows, settings
from appliance.storage.disclosures import PluginBudget
from appliance.storage.statements import execute
from tests.house_fixture import TestHouse
from tests.integration.duplicates.pairs import anna, double
from tests.integration.orders.drafts import draft
from tests.integration.plugins.asking import plugin

GRANTED = (("customer.phone", "delivery"), ("customer.name", "delivery"))


async def placed(house: TestHouse, external_id: str = "1044") -> tuple[UUID, UUID]:
    """An order and its buyer."""
    made = await orders.place(house.shop_key(), draft(external_id))
    view = await orders.open_card(house.system, made.order_id)
    assert view.customer is not None
    return made.order_id, view.customer.id


async def handed(house: TestHouse, customer: UUID) -> list[tuple[str, tuple[str, ...], str, str]]:
    rows = await house.database.read(lambda: disclosures.of_customer(customer))
    return [(one.plugin, one.fields, one.purpose, one.basis) for one in rows]


async def refusal(asking: object) -> str:
    with pytest.raises(Refused) as refused:
        await asking  # type: ignore[misc]
    return refused.value.code


def test_a_manifest_names_the_personal_fields_that_roles_know() -> None:
    assert tuple(one.removeprefix("customer.") for one in PERSONAL_FIELDS) == FIELDS


async def test_personal_data_goes_out_by_field_and_purpose_and_is_written_down(
    house: TestHouse,
) -> None:
    order_id, customer = await placed(house)
    core = plugin(personal=GRANTED)
    plain = await core.order(order_id)
    assert plain is not None and plain.phone is None and plain.total == 300_050
    assert plain.lines[0].offer_external_id == "L-1"
    assert await handed(house, customer) == []

    shown = await core.order(order_id, ("customer.phone", "customer.name"), "delivery")
    assert shown is not None and shown.phone == Personal("8 (912) 000-12-34")
    assert shown.name == Personal("Сухова Анна") and shown.email is None
    assert "(912)" not in repr(shown) and "+7912" not in repr(shown)
    assert await core.phone_for(customer, "delivery") == Personal("+79120001234")
    known = await core.customer(customer, ("customer.name",), "delivery")
    assert known is not None and known.name == Personal("Сухова Анна") and known.phone is None
    assert sorted(one[1:] for one in await handed(house, customer)) == [
        (("name",), "delivery", "contract"),
        (("phone",), "delivery", "contract"),
        (("phone", "name"), "delivery", "contract"),
    ]

    officer = house.actor_for("data_officer")
    told = await privacy.disclosed(officer)
    assert {(one.customer_number, one.fields[0], one.basis.value) for one in told} == {
        (1, "customer.name", "contract"),
        (1, "customer.phone", "contract"),
    }
    await core.phone_for(customer, "delivery")  # again on the same day: one line, counted
    assert [one.times for one in await privacy.disclosed(officer)] == [2, 1, 1]
    with pytest.raises(Denied):
        await privacy.disclosed(house.actor_for("seller"))

    # A field, a purpose, or a pair of them that was not granted.
    for fields, purpose in (
        (("customer.email",), "delivery"),
        (("customer.phone",), "mailing"),
        (("customer.phone",), "nonsense"),
        (("customer.phone", "customer.email"), "delivery"),
    ):
        assert await refusal(core.order(order_id, fields, purpose)) == "field_not_granted"
        assert await refusal(core.customer(customer, fields, purpose)) == "field_not_granted"
    assert await refusal(core.phone_for(customer, "mailing")) == "field_not_granted"
    rows = await house.rows("SELECT plugin, code, state, data FROM plugin_journal")
    assert len(rows) == 9 and {row[:3] for row in rows} == {("courier_hand", "box.refused", "bad")}
    assert len(await handed(house, customer)) == 4
    noted = await house.rows("SELECT leaf FROM audit_outbox")
    assert sum(b'"actor_kind":"plugin"' in bytes(row[0]) for row in noted) >= 12  # type: ignore[call-overload]


async def test_who_took_his_ground_back_is_handed_to_nobody(house: TestHouse) -> None:
    order_id, customer = await placed(house)
    core = plugin(personal=(*GRANTED, ("customer.phone", "mailing")))
    assert await refusal(core.phone_for(customer, "mailing")) == "purpose_refused"

    async def ended() -> None:
        await execute("UPDATE purpose SET until = {}", house.clock.now)

    await house.write(ended)
    assert await refusal(core.phone_for(customer, "delivery")) == "purpose_refused"
    shown = await core.order(order_id, ("customer.phone",), "delivery")
    assert shown is not None and shown.withheld and shown.phone is None

    async def blocked() -> None:
        await execute("UPDATE purpose SET until = NULL")
        await execute("UPDATE customer SET state = 'blocked'")

    await house.write(blocked)
    assert await refusal(core.phone_for(customer, "delivery")) == "customer_not_found"
    assert await core.customer(customer, ("customer.phone",), "delivery") is None
    shown = await core.order(order_id, ("customer.phone",), "delivery")
    assert shown is not None and shown.withheld and shown.phone is None
    assert await handed(house, customer) == []


async def test_a_client_who_was_merged_comes_as_the_one_he_became(house: TestHouse) -> None:
    kept, other = await anna(house), await double(house)
    ids: dict[int, UUID] = {}
    for one in (kept, other):
        ((row,),) = await house.rows("SELECT id FROM customer WHERE number = {}", one.number)
        ids[one.number] = UUID(str(row))
    await duplicates.merge(house.actor_for("head"), kept.number, other.number)
    core = plugin(personal=GRANTED)
    found = await core.customers((ids[other.number], ids[kept.number]))
    assert [one.number for one in found] == [kept.number]
    shown = await core.customer(ids[other.number], ("customer.phone",), "delivery")
    assert shown is not None and shown.id == ids[kept.number]


async def test_a_days_budget_of_people_holds(house: TestHouse) -> None:
    _, customer = await placed(house)
    core = plugin(personal=GRANTED)
    budget = PluginBudget(plugins={"courier_hand": 2})
    await house.write(lambda: settings.put(disclosures.BUDGET_KEY, budget))
    for _ in range(2):
        await core.phone_for(customer, "delivery")
    assert await refusal(core.phone_for(customer, "delivery")) == "plugin_budget_spent"
    assert len(await handed(house, customer)) == 2
    house.clock.pass_(days=1)
    await core.phone_for(customer, "delivery")


async def test_what_was_not_granted_is_refused_and_nobody_else_may_ask(house: TestHouse) -> None:
    order_id, _ = await placed(house)
    core = plugin(permissions=("customers.read",))
    assert await refusal(core.order(order_id)) == "permission_not_granted"
    assert await refusal(core.set_order_status(order_id, "new")) == "permission_not_granted"
    assert await refusal(core.badge(order_id, "Везём")) == "permission_not_granted"
    assert await refusal(core._line("orders", b"\xc1")) == "permission_not_granted"
    assert await refusal(plugin()._line("orders", b"\xc1")) == "call_unreadable"
    assert await refusal(plugin()._line("drop_all", b"")) == "call_unknown"
    number = await core.journal("told", number=7, orders=3)
    assert number == 5  # four refusals before it
    assert await refusal(core.journal("box.mine")) == "journal_line"
    assert await refusal(core.journal("told", name="ф" * 200)) == "journal_line"


async def test_a_plugin_places_and_moves_orders_and_knows_its_own_changes(
    house: TestHouse,
) -> None:
    core, stranger = plugin(), plugin("other_one")
    new = NewOrder(
        shop="main",
        external_id="V-9",
        first_name=Personal("Вера"),
        phone=Personal("+79120000009"),
        address=Personal("Тверь, Садовая, 3"),
        lines=(NewLine(sku="K-1", name="Кружка", price=50_000),),
    )
    made = await core.place_order(new)
    assert made.created and not (await core.place_order(new)).created
    moved = await core.set_order_status(made.order_id, "complete")
    assert moved.status == "complete"
    mine, theirs = await core.orders_since(), await stranger.orders_since()
    assert all(one.own for one in mine) and not any(one.own for one in theirs)
    assert await core.orders_since(mine[-1].number) == ()
    assert await core.task("late:1", Personal("Позвонить"), order_id=made.order_id)
    assert not await core.task("late:1", Personal("Позвонить"), order_id=made.order_id)
    assert await house.rows("SELECT source FROM purpose") == [("api:main",)]


SHAPE = Shape(
    columns={
        "sku": "text",
        "place": "integer",
        "left": "integer",
        "seen": "time",
        "who": "personal",
    },
    key=("sku", "place"),
)


async def test_own_rows_come_by_key_and_in_order_and_people_in_them_are_sealed(
    house: TestHouse,
) -> None:
    _, customer = await placed(house)
    core, stranger = plugin(tables={"stock": SHAPE}), plugin("other_one", tables={"stock": SHAPE})
    rows = [
        Row(values={"sku": sku, "place": place, "left": place})
        for sku in ("b", "a", "a\0b", "ab")
        for place in (10, -5, 2)
    ]
    assert await core.rows_put("stock", rows) == 12
    found = await core.rows_scan("stock", limit=5)
    assert [(row.values["sku"], row.values["place"]) for row in found] == [
        ("a", -5), ("a", 2), ("a", 10), ("a\0b", -5), ("a\0b", 2),
    ]  # fmt: skip
    assert len(await core.rows_scan("stock", within=("a",))) == 3
    assert len(await core.rows_scan("stock", after=("a", 2))) == 10
    sealed = Row(
        values={"sku": "a", "place": 2, "left": 7, "seen": "2026-02-01T12:00:00+03:00"},
        customer_id=customer,
        personal=Personal({"who": "Сухова"}),
    )
    assert await core.rows_put("stock", [sealed]) == 1
    (closed,) = await core.rows_get("stock", [("a", 2), ("no", 1)])
    assert closed.values["left"] == 7 and closed.personal is None
    assert closed.values["seen"] == "2026-02-01T09:00:00.000000+00:00"
    (opened,) = await core.rows_get("stock", [("a", 2)], personal=True)
    assert opened.personal == Personal({"who": "Сухова"})
    assert await stranger.rows_scan("stock") == ()
    for bad, code in (
        (Row(values={"sku": "a"}), "row_key"),
        (Row(values={"sku": "a", "place": "x"}), "row_value"),
        (Row(values={"sku": "a", "place": 1, "none": 1}), "row_column"),
        (Row(values={"sku": "a", "place": 1}, personal=Personal({"who": "Я"})), "row_nobody"),
        (Row(values={"sku": "a" * 2000, "place": 1}), "row_key"),
    ):
        assert await refusal(core.rows_put("stock", [rows[0], bad])) == code
    assert await refusal(core.rows_get("stock", [("a", 1)] * 1001)) == "batch_too_long"
    assert await refusal(core.rows_scan("none")) == "table_unknown"
    assert await core.rows_delete("stock", [("a", 2), ("a", 99)]) == 1
    assert len(await core.rows_scan("stock")) == 11
    await stranger.rows_put("stock", rows[:2])
    assert await house.write(lambda: plugin_rows.forget_plugin("courier_hand")) == 11
    assert (await core.rows_scan("stock"), len(await stranger.rows_scan("stock"))) == ((), 2)


async def test_own_rows_have_a_limit_of_bytes_and_what_is_deleted_or_shrinks_gives_room(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin_rows, "MOST_BYTES", 2_000)
    core, stranger = plugin(tables={"stock": SHAPE}), plugin("other_one", tables={"stock": SHAPE})

    def row(place: int, seen: int) -> Row:
        return Row(values={"sku": "s" * seen, "place": place})

    assert await core.rows_put("stock", [row(1, 700), row(2, 700)]) == 2
    assert await refusal(core.rows_put("stock", [row(3, 700)])) == "plugin_rows_full"
    assert len(await core.rows_scan("stock")) == 2, "all or none"
    assert await stranger.rows_put("stock", [row(1, 700)]) == 1, "each has its own"
    assert await core.rows_delete("stock", [("s" * 700, 1)]) == 1
    assert await core.rows_put("stock", [row(3, 700), row(2, 700)]) == 2


async def test_a_buyer_who_comes_with_an_order_is_told_of_as_a_new_client(
    house: TestHouse,
) -> None:
    outbox.set_subscribers({"customer_changed": ("plugin:teller",)})
    _, customer = await placed(house)
    await placed(house, "1045")
    told = await house.rows("SELECT payload FROM event_delivery WHERE event = 'customer_changed'")
    assert len(told) == 1, "the second order is of a client who is known"
    assert str(customer) in str(told[0][0]) and "true" in str(told[0][0])
