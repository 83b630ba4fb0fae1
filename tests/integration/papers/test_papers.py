"""Documents: what they say, how they are numbered, under whose key they lie, who opens them."""

import asyncio
from uuid import UUID, uuid4

import pytest

from appliance.actions import legal_entities, orders, papers, shipments
from appliance.actions.papers import begin, finish
from appliance.domain.access import NOBODY
from appliance.domain.orders import OrderFilter
from appliance.domain.papers import EntityDraft, PaperKind, PictureRole
from appliance.domain.personal import Personal
from appliance.domain.shipments import ShipmentDraft
from appliance.errors import Denied, Destroyed, Invalid, NotFound
from tests.house_fixture import TestHouse
from tests.integration.papers.scene import (
    ZONE,
    codes,
    entity,
    order,
    picture,
    pictures_in,
    printed,
    requisites,
    words,
)


@pytest.mark.checklist(185)
async def test_one_press_gives_an_invoice_with_requisites_totals_and_a_code_for_the_bank(
    house: TestHouse,
) -> None:
    await entity(house)
    placed = await order(house)
    pages = await printed(house, placed.number, PaperKind.INVOICE, "accountant")
    text = words(pages)
    for said in (
        "Счёт на оплату № ТД-1 от 1 февраля 2026 г.",
        "ИНН 7707083893",
        "40702810638000000000",
        "Лампа #1 «Свет» $5 [скидка]",
        "2 440,00",
        "2 740,00",
        "НДС 22 % 440,00",
        "Две тысячи семьсот сорок рублей 00 копеек",
        "Лебедев И. П.",
    ):
        assert said in text, said
    assert codes(pages) == [
        "ST00012|Name=Общество с ограниченной ответственностью «Тёплый дом»"
        "|PersonalAcc=40702810638000000000|BankName=ВЫДУМАННЫЙ БАНК, г. Москва|BIC=044525225"
        "|CorrespAcc=30101810400000000225|Sum=274000|Purpose=Оплата по счёту ТД-1 от 01.02.2026"
        "|PayeeINN=7707083893|KPP=773601001"
    ]
    rows = await house.rows("SELECT invoiced_at FROM orders WHERE id = {}", placed.order_id)
    assert rows[0][0] is not None


@pytest.mark.parametrize("kind", list(PaperKind))
async def test_every_kind_is_printed_from_the_template_of_the_box(
    house: TestHouse, kind: PaperKind
) -> None:
    await entity(house)
    placed = await order(house)
    text = words(await printed(house, placed.number, kind))
    said = "Сухова" if kind is not PaperKind.PICKING else "Лампа #1 «Свет» $5 [скидка]"
    assert said in text
    assert "{{" not in text


async def test_labels_bear_the_orders_number_for_the_scanner(house: TestHouse) -> None:
    placed = await order(house)
    pages = await printed(house, placed.number, PaperKind.LABEL_LARGE, "storekeeper")
    assert set(codes(pages)) == {str(placed.number)}


async def test_numbers_of_a_kind_go_up_by_one_and_are_never_given_twice(house: TestHouse) -> None:
    await entity(house, next_numbers={"invoice": 41})
    head = house.actor_for("head")
    first, second = await order(house), await order(house, "1045")
    many = await asyncio.gather(
        *(papers.issue(head, first.number, PaperKind.INVOICE, ZONE) for _ in range(3)),
        papers.issue(head, second.number, PaperKind.INVOICE, ZONE),
    )
    rows = await house.rows("SELECT shown_number FROM paper ORDER BY number")
    assert len(set(many)) == 4
    assert [row[0] for row in rows] == ["ТД-41", "ТД-42", "ТД-43", "ТД-44"]


async def test_the_same_form_twice_gives_one_document(house: TestHouse) -> None:
    await entity(house)
    placed, token, head = await order(house), uuid4(), house.actor_for("head")
    made = [
        await papers.issue(head, placed.number, PaperKind.INVOICE, ZONE, token=token)
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert await house.rows("SELECT COUNT(*) FROM paper") == [(1,)]
    assert await house.rows("SELECT COUNT(*) FROM file") == [(1,)]


async def test_a_printing_that_was_cut_off_keeps_its_number_and_is_printed_again(
    house: TestHouse,
) -> None:
    await entity(house)
    placed, head = await order(house), house.actor_for("head")
    begun = await begin(head, placed.number, PaperKind.INVOICE, ZONE, 0, uuid4())
    assert not (await papers.of_order(head, placed.number))[0].ready
    with pytest.raises(NotFound):
        await papers.pages_of(head, begun.number)
    await papers.print_again(head, begun.number, ZONE)
    await finish(head, begun.number, Personal(b"late"))  # the first printing comes back after all
    shown = (await papers.of_order(head, placed.number))[0]
    assert (shown.ready, shown.shown_number) == (True, "ТД-1")
    assert "ТД-1" in words((await papers.pages_of(head, begun.number)).body.reveal())


async def test_pages_lie_under_the_buyers_key_and_end_with_it(
    house: TestHouse,
) -> None:
    await entity(house)
    placed = await order(house)
    await printed(house, placed.number, PaperKind.INVOICE)
    (subject,) = (await house.rows("SELECT subject_id FROM orders"))[0]
    assert isinstance(subject, UUID)
    house.vault.begin_destroy(subject)
    house.vault.destroy(subject, "request", NOBODY)
    number = (await house.rows("SELECT number FROM paper"))[0][0]
    with pytest.raises(Destroyed):
        await papers.pages_of(house.actor_for("head"), int(str(number)))


async def test_who_sees_no_requisites_prints_only_what_goes_on_the_parcel(
    house: TestHouse,
) -> None:
    await entity(house)
    placed, keeper = await order(house), house.actor_for("storekeeper")
    with pytest.raises(Denied):
        await papers.issue(keeper, placed.number, PaperKind.INVOICE, ZONE)
    await printed(house, placed.number, PaperKind.INVOICE)
    label = await papers.issue(keeper, placed.number, PaperKind.LABEL_MIDDLE, ZONE)
    shown = await papers.of_order(keeper, placed.number)
    assert [one.number for one in shown] == [label]
    with pytest.raises(Denied):
        await papers.pages_of(keeper, 1)


async def test_a_seller_prints_nothing_of_anothers_order(house: TestHouse) -> None:
    await entity(house)
    placed = await order(house)  # nobody's
    with pytest.raises(NotFound):
        await papers.issue(house.actor_for("seller"), placed.number, PaperKind.INVOICE, ZONE)


async def test_without_an_entity_of_ours_there_is_no_invoice(house: TestHouse) -> None:
    placed = await order(house)
    with pytest.raises(Invalid) as refused:
        await papers.issue(house.actor_for("head"), placed.number, PaperKind.INVOICE, ZONE)
    assert refused.value.code == "entity_missing"


async def test_logo_stamp_and_signature_stand_on_the_invoice(house: TestHouse) -> None:
    number, admin = await entity(house), house.actor_for("administrator")
    placed = await order(house)
    plain = await printed(house, placed.number, PaperKind.INVOICE)
    kinds = {"PNG": PictureRole.LOGO, "JPEG": PictureRole.STAMP, "WEBP": PictureRole.SIGNATURE}
    for kind, role in kinds.items():
        await legal_entities.set_picture(admin, number, role, picture(kind))
    rich = await printed(house, placed.number, PaperKind.INVOICE)
    assert (pictures_in(plain), pictures_in(rich)) == (0, 3)
    await legal_entities.set_picture(admin, number, PictureRole.STAMP, None)
    assert pictures_in(await printed(house, placed.number, PaperKind.INVOICE)) == 2
    with pytest.raises(Invalid) as refused:
        await legal_entities.set_picture(admin, number, PictureRole.LOGO, b"MZ not a picture")
    assert refused.value.code == "picture_unreadable"


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("inn", "7707083894", "inn_wrong"),
        ("kpp", "12", "kpp_wrong"),
        ("bik", "abc", "bik_wrong"),
        ("account", "40702810638000000001", "bank_account_wrong"),
        ("name", " ", "name_missing"),
    ],
)
async def test_wrong_requisites_are_said_at_their_field(
    house: TestHouse, field: str, typed: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await entity(house, **{field: typed})
    assert refused.value.fields[field] == code


async def test_an_order_goes_under_the_entity_of_its_shop(house: TestHouse) -> None:
    await entity(house)
    await entity(house, name="ООО «Второе»", full_name="ООО «Второе»", places=("shop:main",))
    placed = await order(house)
    assert "ООО «Второе»" in words(await printed(house, placed.number, PaperKind.ACT))


async def test_who_pays_no_vat_writes_none_out(house: TestHouse) -> None:
    await entity(house, vat="none")
    placed = await order(house)
    text = words(await printed(house, placed.number, PaperKind.INVOICE))
    assert "Без налога (НДС)" in text
    assert "НДС 22" not in text


async def test_a_seller_cannot_change_our_requisites(house: TestHouse) -> None:
    with pytest.raises(Denied):
        await legal_entities.put(house.actor_for("seller"), EntityDraft(parts=requisites()))


async def test_nobody_of_ours_is_named_in_the_clear(house: TestHouse) -> None:
    await entity(house)
    rows = await house.rows("SELECT parts FROM legal_entity")
    assert "Лебедев".encode() not in bytes(rows[0][0])  # pyright: ignore[reportArgumentType]


@pytest.mark.checklist(99)
async def test_the_list_of_what_is_invoiced_and_not_shipped_holds_exactly_that(
    house: TestHouse,
) -> None:
    await entity(house)
    head = house.actor_for("head")
    plain, waiting, gone, dropped = [await order(house, f"10{at}") for at in range(4)]
    for placed in (waiting, gone, dropped):
        await papers.issue(head, placed.number, PaperKind.INVOICE, ZONE)
    await shipments.create(head, gone.number, ShipmentDraft(), send=True)
    await orders.set_status(head, dropped.order_id, "cancel-other")
    found = await orders.list_page(head, OrderFilter(payment="invoiced"))
    assert [one.number for one in found.rows] == [waiting.number]
    every = await orders.list_page(head, OrderFilter())
    assert plain.number in {one.number for one in every.rows}
