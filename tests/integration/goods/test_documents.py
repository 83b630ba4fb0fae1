"""Documents that move stock: each the cause of its movements, each undoable, none half done."""

import asyncio

import pytest

from appliance.actions import catalogue, customers, orders, stock_documents, supplier_prices
from appliance.domain.customers import CustomerDraft, CustomerKind, Party
from appliance.domain.orders import LineDraft
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis, Purpose, PurposeCode
from appliance.domain.products import VariantDraft
from appliance.domain.stock_files import read
from appliance.domain.stockroom import DocumentDraft, DocumentKind, DocumentState
from appliance.errors import Conflict, Denied, HouseError, Invalid
from tests.house_fixture import START, TestHouse
from tests.integration.deals.scene import client
from tests.integration.goods.scene import figures, second_warehouse, stocked, variant
from tests.integration.orders.drafts import draft

ANY = (0, 0, 0)


async def begun(
    house: TestHouse, kind: DocumentKind, codes: tuple[str, ...] = ("L-1",), **more: object
) -> int:
    """A draft with one of each scanned article."""
    keeper = house.actor_for("storekeeper")
    values = {"kind": kind, "warehouse": "main", "reason": "damaged"} | more
    number = await stock_documents.create(keeper, DocumentDraft(**values))  # pyright: ignore[reportArgumentType]
    for code in codes:
        await stock_documents.scan(keeper, number, code)
    return number


async def ordered(house: TestHouse, milli: int, external_id: str = "1044") -> None:
    line = LineDraft(offer_external_id="L-1", quantity_milli=milli, price=120_000)
    await orders.place(house.shop_key(), draft(external_id, lines=(line,)))


async def variant_number(house: TestHouse, sku: str = "L-1") -> int:
    return int(str((await house.rows("SELECT number FROM variant WHERE sku = {}", sku))[0][0]))


async def put(house: TestHouse, number: int, milli: int, price: int | None = None) -> None:
    which = await variant_number(house)
    keeper = house.actor_for("storekeeper")
    await stock_documents.put_line(keeper, number, which, milli, price)


async def test_a_receipt_brings_goods_and_their_price_and_its_undo_takes_both_back(
    house: TestHouse,
) -> None:
    product = await stocked(house)
    keeper = house.actor_for("storekeeper")
    number = await begun(house, DocumentKind.RECEIPT)
    await put(house, number, 10_000, 80_000)
    assert await figures(house) == (5000, 0, 0)
    await stock_documents.post(keeper, number)
    assert await figures(house) == (15_000, 0, 0)
    card = await catalogue.card(keeper, product)
    assert card.product.variants[0].purchase_price == 80_000
    newest = card.movements[0]
    assert (newest.cause, newest.cause_number, newest.on_hand_milli) == ("document", number, 10_000)
    await stock_documents.undo(keeper, number)
    assert await figures(house) == (5000, 0, 0)
    card = await catalogue.card(keeper, product)
    assert card.product.variants[0].purchase_price == 70_000
    with pytest.raises(Conflict, match="undone"):
        await stock_documents.undo(keeper, number)


async def test_an_undo_is_refused_when_the_goods_are_promised_by_now(house: TestHouse) -> None:
    await stocked(house, variant(stock={"main": 0}))
    keeper = house.actor_for("storekeeper")
    number = await begun(house, DocumentKind.RECEIPT)
    await put(house, number, 3000)
    await stock_documents.post(keeper, number)
    await ordered(house, 2000)
    with pytest.raises(Invalid, match="undo_short") as refused:
        await stock_documents.undo(keeper, number)
    assert refused.value.params["free"] == 1000
    assert await figures(house) == (3000, 2000, 0)
    assert (await stock_documents.card(keeper, number)).head.state is DocumentState.POSTED


async def test_a_write_off_takes_only_what_is_free(house: TestHouse) -> None:
    await stocked(house)
    await ordered(house, 2000)
    keeper = house.actor_for("storekeeper")
    number = await begun(house, DocumentKind.WRITE_OFF)
    await put(house, number, 4000)
    with pytest.raises(Invalid, match="document_short"):
        await stock_documents.post(keeper, number)
    assert await figures(house) == (5000, 2000, 0)
    await put(house, number, 3000)
    await stock_documents.post(keeper, number)
    assert await figures(house) == (2000, 2000, 0)
    await stock_documents.undo(keeper, number)
    assert await figures(house) == (5000, 2000, 0)


async def test_moved_goods_are_in_transit_until_they_are_taken_in(house: TestHouse) -> None:
    await second_warehouse(house)
    await stocked(house)
    keeper = house.actor_for("storekeeper")
    number = await begun(house, DocumentKind.MOVE, target="hall")
    await put(house, number, 2000)
    await stock_documents.post(keeper, number)
    assert await figures(house) == (3000, 0, 0)
    assert await figures(house, warehouse="hall") == (0, 0, 2000)
    await stock_documents.receive(keeper, number)
    assert await figures(house, warehouse="hall") == (2000, 0, 0)
    await stock_documents.undo(keeper, number)
    assert await figures(house) == (5000, 0, 0)
    assert await figures(house, warehouse="hall") == ANY
    other = await begun(house, DocumentKind.MOVE, target="hall")
    await stock_documents.post(keeper, other)
    await stock_documents.undo(keeper, other)
    assert await figures(house, warehouse="hall") == ANY


async def test_counting_with_a_scanner_posts_the_differences(house: TestHouse) -> None:
    await stocked(house, variant(), variant("L-2", barcode="4600000000055", stock={"main": 1000}))
    keeper = house.actor_for("storekeeper")
    codes = ("4600000000017",) * 3 + ("4600000000055",) * 2
    number = await begun(house, DocumentKind.COUNT, codes)
    lines = (await stock_documents.card(keeper, number)).lines
    assert [(one.quantity_milli, one.there_milli) for one in lines] == [(3000, 5000), (2000, 1000)]
    await stock_documents.post(keeper, number)
    assert (await figures(house))[0] == 3000
    assert (await figures(house, "L-2"))[0] == 2000
    await stock_documents.undo(keeper, number)
    assert (await figures(house))[0] == 5000
    assert (await figures(house, "L-2"))[0] == 1000


async def test_an_unknown_barcode_is_said_and_counts_nothing(house: TestHouse) -> None:
    await stocked(house)
    number = await begun(house, DocumentKind.COUNT)
    for code in ("9999", "", " "):
        with pytest.raises(Invalid, match="barcode_unknown"):
            await stock_documents.scan(house.actor_for("storekeeper"), number, code)
    lines = (await stock_documents.card(house.actor_for("storekeeper"), number)).lines
    assert [one.quantity_milli for one in lines] == [1000]


async def test_a_return_takes_back_what_an_order_gave_and_no_more(house: TestHouse) -> None:
    await stocked(house)
    head, keeper = house.actor_for("head"), house.actor_for("storekeeper")
    line = LineDraft(offer_external_id="L-1", quantity_milli=3000, price=120_000)
    placed = await orders.place(house.shop_key(), draft(lines=(line,)))
    with pytest.raises(Invalid, match="order_not_issued"):
        await begun(house, DocumentKind.RETURN, (), order_number=placed.number)
    await orders.set_status(house.shop_key(), placed.order_id, "complete")
    assert await figures(house) == (2000, 0, 0)
    number = await begun(house, DocumentKind.RETURN, (), order_number=placed.number)
    await put(house, number, 4000)
    with pytest.raises(Invalid, match="return_too_much"):
        await stock_documents.post(keeper, number)
    await put(house, number, 1000)
    await stock_documents.post(keeper, number)
    assert await figures(house) == (3000, 0, 0)
    await orders.set_status(head, placed.order_id, "goods-returned")
    assert await figures(house) == (5000, 0, 0)


async def test_opening_stock_comes_from_a_file_and_a_second_time_changes_nothing(
    house: TestHouse,
) -> None:
    await stocked(house, variant(stock={}))
    keeper = house.actor_for("storekeeper")
    data = "Артикул;Остаток;Цена\r\nL-1;7;650,50\r\nНЕТ;1;\r\n".encode("cp1251")
    for _ in range(2):
        number = await begun(house, DocumentKind.OPENING, ())
        assert await stock_documents.fill(keeper, number, read(data)) == (3,)
        await stock_documents.post(keeper, number)
        assert await figures(house) == (7000, 0, 0)
    moved = await house.rows("SELECT on_hand_milli FROM stock_movement WHERE cause = 'document'")
    assert moved == [(7000,)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"PK\x03\x04\x00\x00", "file_not_table"),
        ("просто текст".encode(), "file_not_table"),
        ("Артикул;Остаток\nL-1;минус два".encode(), "file_row"),
        ("Артикул;Остаток\nL-1;-2".encode(), "file_row"),
        ("Артикул;Остаток;Цена\nL-1;2;1,2,3".encode(), "file_row"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_its_row(data: bytes, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        read(data)


async def test_numbers_of_documents_are_never_used_again(house: TestHouse) -> None:
    await stocked(house)
    keeper = house.actor_for("storekeeper")
    first = await begun(house, DocumentKind.COUNT)
    await stock_documents.undo(keeper, first)
    assert await begun(house, DocumentKind.COUNT) == first + 1


async def test_a_document_is_posted_once_however_often_it_is_sent(house: TestHouse) -> None:
    await stocked(house)
    keeper = house.actor_for("storekeeper")
    number = await begun(house, DocumentKind.RECEIPT)
    answers = await asyncio.gather(
        *(stock_documents.post(keeper, number) for _ in range(3)), return_exceptions=True
    )
    refused = [one for one in answers if isinstance(one, HouseError)]
    assert len(refused) == 2
    assert await figures(house) == (6000, 0, 0)


async def test_only_who_keeps_the_stock_may_move_it(house: TestHouse) -> None:
    for who in ("seller", "courier", "accountant"):
        with pytest.raises(Denied):
            await stock_documents.page(house.actor_for(who))


async def test_two_sellers_and_a_document_cannot_take_the_last_piece(house: TestHouse) -> None:
    last = VariantDraft(external_id="L-1", sku="L-1", name="Лампа", stock={"main": 1000})
    await stocked(house, last)
    number = await begun(house, DocumentKind.WRITE_OFF)
    await asyncio.gather(
        ordered(house, 1000, "1"),
        ordered(house, 1000, "2"),
        stock_documents.post(house.actor_for("storekeeper"), number),
        return_exceptions=True,
    )
    on_hand, reserved, _ = await figures(house)
    assert on_hand >= reserved >= 0
    held = await house.rows("SELECT COUNT(*) FROM order_line WHERE reserved_at IS NOT NULL")
    written_off = 1 - on_hand // 1000
    assert int(str(held[0][0])) + written_off == 1


async def test_a_receipt_names_a_supplier_of_the_clients_and_takes_his_prices(
    house: TestHouse,
) -> None:
    await stocked(house)
    head, keeper = house.actor_for("head"), house.actor_for("storekeeper")
    dyer = await customers.create(
        head,
        CustomerDraft(
            kind=CustomerKind.COMPANY,
            company_name=Personal("ООО «Прядь»"),
            party=Party.SUPPLIER,
            purposes=(
                Purpose(
                    code=PurposeCode.ORDER, basis=LegalBasis.CONTRACT, source="staff", since=START
                ),
            ),
        ),
    )
    buyer = await client(house)
    await supplier_prices.put(head, dyer.number, "L-1", 64_000)
    choice = await stock_documents.choose_supplier(keeper)
    assert [(one.number, one.name.reveal()) for one in choice] == [(dyer.number, "ООО «Прядь»")]
    number = await begun(house, DocumentKind.RECEIPT, ("L-1", "L-1"), supplier_number=dyer.number)
    card = await stock_documents.card(keeper, number)
    assert (card.supplier.reveal(), card.supplier_number) == ("ООО «Прядь»", dyer.number)
    assert [(one.quantity_milli, one.price, one.asked) for one in card.lines] == [
        (2000, 64_000, 64_000)
    ]
    for wrong in (buyer, 999):
        with pytest.raises(Invalid) as refused:
            await begun(house, DocumentKind.RECEIPT, supplier_number=wrong)
        assert refused.value.fields == {"supplier_number": "not_a_supplier"}


async def test_a_document_put_off_waits_with_its_lines_and_a_deleted_draft_comes_back(
    house: TestHouse,
) -> None:
    await stocked(house)
    keeper = house.actor_for("storekeeper")
    number, other = await begun(house, DocumentKind.COUNT), await begun(house, DocumentKind.RECEIPT)
    await stock_documents.post(keeper, other)
    drafts = await stock_documents.page(keeper, drafts=True)
    assert [(one.number, one.lines) for one in drafts.rows] == [(number, 1)]
    assert await stock_documents.undo(keeper, number) is DocumentState.DRAFT
    assert (await stock_documents.page(keeper, drafts=True)).rows == ()
    await stock_documents.reopen(keeper, number)
    assert (await stock_documents.page(keeper, drafts=True)).rows == drafts.rows
    await stock_documents.undo(keeper, other)
    with pytest.raises(Conflict):  # it moved stock once: what it did is taken back for good
        await stock_documents.reopen(keeper, other)
