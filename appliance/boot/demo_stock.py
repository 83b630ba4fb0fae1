"""Suppliers and stock documents of an invented world, by the deeds of head and storekeeper."""

from datetime import UTC, datetime
from typing import Final

from appliance.actions import customers, stock_documents, supplier_prices
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.customers import CustomerDraft, CustomerKind, Party
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis, Purpose, PurposeCode
from appliance.domain.stockroom import DocumentDraft, DocumentKind, FileLine

SUPPLIERS: Final = ("ООО «Прядь и Пряжа»", "ООО «Северная посуда»", "АО «Домашний свет»")
ASKED: Final = 41_000
"""Kopecks for the first article; each next costs 7 roubles more."""


def _articles(first: int, count: int) -> list[str]:
    return [f"KRB-{number:05d}" for number in range(first, first + count)]


async def receive(warehouse: str) -> None:
    """Take goods in from suppliers, write some off, leave a count for later."""
    numbers = [await _supplier(name) for name in SUPPLIERS]
    for place, number in enumerate(numbers):
        for step, sku in enumerate(_articles(10 * place, 4)):
            await supplier_prices.put(HOUSE_ACTOR, number, sku, ASKED + 700 * step)
    posted = DocumentDraft(
        kind=DocumentKind.RECEIPT,
        warehouse=warehouse,
        supplier_number=numbers[0],
        outside_number="П-118",
    )
    await _made(posted, _articles(0, 6), milli=24_000, price=ASKED, post=True)
    damaged = DocumentDraft(kind=DocumentKind.WRITE_OFF, warehouse=warehouse, reason="damaged")
    await _made(damaged, _articles(0, 1), milli=2_000, post=True)
    later = DocumentDraft(
        kind=DocumentKind.RECEIPT, warehouse=warehouse, supplier_number=numbers[1]
    )
    await _made(later, _articles(10, 3), milli=12_000, price=ASKED)
    count = DocumentDraft(
        kind=DocumentKind.COUNT, warehouse=warehouse, comment=Personal("Стеллаж А, первая полка")
    )
    await _made(count, _articles(0, 8), milli=100_000)


async def _supplier(name: str) -> int:
    since = datetime.now(UTC)
    purpose = Purpose(
        code=PurposeCode.ORDER, basis=LegalBasis.CONTRACT, source="import:demo", since=since
    )
    draft = CustomerDraft(
        kind=CustomerKind.COMPANY,
        company_name=Personal(name),
        party=Party.SUPPLIER,
        purposes=(purpose,),
    )
    return (await customers.create(HOUSE_ACTOR, draft)).number


async def _made(
    draft: DocumentDraft,
    articles: list[str],
    *,
    milli: int,
    price: int | None = None,
    post: bool = False,
) -> None:
    number = await stock_documents.create(HOUSE_ACTOR, draft)
    lines = [
        FileLine(row=row, code=sku, quantity_milli=milli, price=price)
        for row, sku in enumerate(articles, 1)
    ]
    await stock_documents.fill(HOUSE_ACTOR, number, lines)
    if post:
        await stock_documents.post(HOUSE_ACTOR, number)
