from pathlib import Path

import pytest

from appliance.actions import orders, payments
from appliance.domain.orders import LineDraft, OrderChange, OrderFilter, OrderSelector, PaymentDraft
from appliance.domain.personal import Personal
from appliance.errors import Invalid
from appliance.storage.statements import execute, fetch_value
from appliance.storage.tables import TABLES
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft

WHICH = OrderSelector(external_id="1044", shop="main")
CANARIES = (
    "Сухова",
    "Тверь",
    "Садовая",
    "9120001234",
    "000-12-34",
    "anna@example.ru",
    "за час",
    "для Марфы",
)


def _files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def test_nothing_of_the_buyer_lies_open_under_the_data_folder(
    house: TestHouse, tmp_path: Path
) -> None:
    key = house.shop_key()
    line = LineDraft(product_name="Лампа", price=100, comment=Personal("для Марфы"))
    paid = PaymentDraft(type="cash", comment=Personal("внесла Сухова"))
    await orders.place(key, draft(lines=(line,), payments=(paid,)))
    change = OrderChange(contact=Personal({"status_comment": "Сухова просит позже"}), call=True)
    await orders.edit(key, WHICH, change)
    await payments.create(key, WHICH, PaymentDraft(comment=Personal("за час до Сухова")))
    texts = _files(tmp_path)
    for table in TABLES:
        rows = await house.rows(f'SELECT * FROM "{table._meta.tablename}"')  # noqa: S608  our names
        texts.append(repr(rows).encode())
    found = {word for word in CANARIES for text in texts if word.encode() in text}
    assert found == set()


async def test_a_view_and_a_draft_print_nothing_of_the_buyer(house: TestHouse) -> None:
    key = house.shop_key()
    await orders.place(key, draft())
    view = (await orders.find_by(key, [WHICH]))[0]
    page = await orders.list_page(key, OrderFilter())
    texts = (repr(view), repr(page), repr(draft()))
    assert {word for word in CANARIES for text in texts if word in text} == set()


async def test_comments_are_shown_to_who_may_read_them(house: TestHouse) -> None:
    key = house.shop_key()
    line = LineDraft(product_name="Лампа", price=100, comment=Personal("для Марфы"))
    placed = await orders.place(key, draft(lines=(line,)))
    card = await orders.open_card(house.actor_for("storekeeper"), placed.order_id)
    assert card.lines[0].comment == Personal("для Марфы")
    card = await orders.open_card(house.actor_for("accountant"), placed.order_id)
    assert card.lines[0].comment is None
    assert card.contact is not None
    assert card.contact.reveal().customer_comment == ""


async def test_hidden_fields_are_not_even_opened(house: TestHouse) -> None:
    placed = await orders.place(house.shop_key(), draft())
    await house.database.write(_forget_log)
    await orders.open_card(house.actor_for("storekeeper"), placed.order_id)
    leaf = bytes((await house.rows("SELECT leaf FROM audit_outbox"))[0][0])  # type: ignore[arg-type]
    assert b'"name"' in leaf and b'"comment"' in leaf
    assert b"phone" not in leaf and b"email" not in leaf and b"address" not in leaf


async def _forget_log() -> None:
    await execute("DELETE FROM audit_outbox")


async def test_changed_bytes_of_a_cell_are_noticed_and_the_rest_is_shown(
    house: TestHouse,
) -> None:
    placed = await orders.place(house.shop_key(), draft())

    async def spoil() -> None:
        cell = bytearray(await fetch_value("SELECT reach FROM orders"))
        cell[-1] ^= 1
        await execute("UPDATE orders SET reach = {}", bytes(cell))

    await house.database.write(spoil)
    card = await orders.open_card(house.actor_for("head"), placed.order_id)
    assert card.damaged and card.contact is None
    assert card.total == 300_050


@pytest.mark.parametrize(
    "line",
    [
        LineDraft(product_name="Лампа", price=-1),
        LineDraft(product_name="Лампа", price=10**15),
        LineDraft(product_name="Лампа", quantity_milli=-1000),
    ],
)
async def test_amounts_out_of_range_are_refused_with_their_field(
    house: TestHouse, line: LineDraft
) -> None:
    with pytest.raises(Invalid) as refused:
        await orders.place(house.shop_key(), draft(lines=(line,)))
    assert set(refused.value.fields.values()) == {"amount_out_of_range"}


async def test_an_order_with_a_name_only_is_enough(house: TestHouse) -> None:
    customer = draft().customer.__class__(first_name=Personal("Анна"))
    wanted = draft(None, lines=(), delivery=None, customer=customer)
    placed = await orders.place(house.shop_key(), wanted)
    card = await orders.open_card(house.actor_for("head"), placed.order_id)
    assert (card.status.code, card.order_method, card.order_type) == (
        "new",
        "shopping-cart",
        "eshop-individual",
    )
    assert card.customer_number == 1
