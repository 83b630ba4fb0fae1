"""Orders as 1C reads them: checked before they are offered, written byte for byte (reference 9).

1C loads a batch in one transaction: one order it cannot take rolls back all the others, for ever.
So what it is known to refuse stays here, with the reason.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from xml.sax.saxutils import escape, quoteattr

import msgspec

from appliance.domain.personal import Personal

NUMBER_MOST = 99_999_999_999
"""УТ 11 looks an order up by eleven digits."""
NAME, COMMENT, REQUISITE, ID = 250, 3000, 1000, 40
DELIVERY = "ORDER_DELIVERY"

FORMATS = (
    ' ФорматДаты="ДФ=yyyy-MM-dd; ДЛФ=DT" ФорматВремени="ДФ=ЧЧ:мм:сс; ДЛФ=T" '
    'РазделительДатаВремя="T" ФорматСуммы="ЧЦ=18; ЧДЦ=2; ЧРД=." ФорматКоличества="ЧЦ=18; ЧДЦ=2; '
    'ЧРД=."'
)


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line: `id` is exactly the one 1C gave; quantities in thousandths, sums in kopecks."""

    number: int = 0
    id: str = ""
    article: str = ""
    name: str
    quantity_milli: int
    price: int
    total: int
    vat: str = ""
    service: bool = False


class OrderPayment(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came."""

    number: int
    amount: int
    at: datetime | None = None
    cashless: bool = True


class OrderShipment(msgspec.Struct, frozen=True, kw_only=True):
    """Goods that left: number of a line and thousandths of it."""

    number: int
    at: datetime | None = None
    track: str = ""
    lines: tuple[tuple[int, int], ...] = ()


class OrderReturn(msgspec.Struct, frozen=True, kw_only=True):
    """Goods that came back: number of a line and thousandths of it."""

    number: int
    at: datetime | None = None
    lines: tuple[tuple[int, int], ...] = ()


class OrderOut(msgspec.Struct, frozen=True, kw_only=True):
    """An order to be offered; values about people are wrapped until they are written.

    Attributes:
        at: when it was placed; aware.
        cancelled, paid, shipped: what 1C reads as requisites.
    """

    id: str
    number: int
    at: datetime
    total: int
    party: str = ""
    name: Personal[str] | None = None
    phone: Personal[str] | None = None
    email: Personal[str] | None = None
    address: Personal[str] | None = None
    comment: Personal[str] | None = None
    status: str = ""
    status_name: str = ""
    payment_name: str = ""
    delivery_name: str = ""
    delivery_cost: int = 0
    track: str = ""
    cancelled: bool = False
    shipped: bool = False
    withheld: bool = False
    lines: tuple[OrderLine, ...] = ()
    payments: tuple[OrderPayment, ...] = ()
    shipments: tuple[OrderShipment, ...] = ()
    returns: tuple[OrderReturn, ...] = ()
    version: int = 0
    shop: str = ""

    @property
    def paid(self) -> int:
        """What came so far."""
        return sum(one.amount for one in self.payments)


def _word(value: Personal[str] | None) -> str:
    """A personal value on its way into the file that 1C asked for."""
    return "" if value is None else " ".join(value.reveal().split())


def trouble(order: OrderOut) -> str:
    """Why 1C would refuse it; empty: it may be offered."""
    checks = (
        ("order_withheld", order.withheld),
        ("order_number_long", not 0 < order.number <= NUMBER_MOST),
        ("order_nobody", not _word(order.name) and not _word(order.phone)),
        ("order_empty", not any(one.quantity_milli > 0 for one in order.lines)),
        ("order_negative", any(min(one.price, one.total) < 0 for one in order.lines)),
        ("line_nameless", any(not one.name.strip() for one in order.lines)),
    )
    return next((code for code, is_so in checks if is_so), "")


def weak_lines(order: OrderOut) -> int:
    """Lines that 1C can only guess by their name: they have neither its id nor an article."""
    return sum(not one.id and not one.article for one in order.lines if not one.service)


def content_hash(order: OrderOut) -> str:
    """What an order says to 1C, as a hash: equal ones are not offered again."""
    return hashlib.sha256("".join(_contained(order, _Place(3))).encode()).hexdigest()[:32]


class _Place(msgspec.Struct, frozen=True):
    """Hours by which the base's clock is ahead of UTC."""

    hours: int

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(timezone(timedelta(hours=self.hours)))


def document(
    orders: Sequence[OrderOut],
    now: datetime,
    *,
    schema: str = "2.08",
    containers: bool = False,
    subordinate: bool = False,
    charset: str = "utf-8",
    hours: int = 3,
) -> bytes:
    """The answer to `query`; no orders make an empty root, which is an answer as well.

    Args:
        orders: checked.
        now: aware.
        schema: what the root claims.
        containers: for the Bitrix module from 6.5: stock 1C bases do not know them.
        subordinate: payments and shipments stand inside their order (2.10), for УНФ that asks so.
        charset: of the bytes and of the declaration.
        hours: by which the base's clock is ahead of UTC.
    """
    place = _Place(hours)
    made = place.local(now).strftime("%Y-%m-%dT%H:%M:%S")
    parts = [
        f'<?xml version="1.0" encoding="{charset}"?>\n'
        f'<КоммерческаяИнформация ВерсияСхемы="{schema}" ДатаФормирования="{made}"{FORMATS}>\n'
    ]
    for one in orders:
        if containers:
            parts += ["<Контейнер>", *_contained(one, place), "</Контейнер>\n"]
        else:
            parts += _document(one, place, subordinate=subordinate)
    parts.append("</КоммерческаяИнформация>")
    return "".join(parts).encode(charset, "xmlcharrefreplace")


def _tag(name: str, value: object, most: int = 0) -> str:
    text = str(value)
    return f"<{name}>{escape(text[:most] if most else text)}</{name}>"


def _sum(kopecks: int) -> str:
    sign, whole = ("-" if kopecks < 0 else ""), abs(kopecks)
    return f"{sign}{whole // 100}.{whole % 100:02d}"


def _quantity(milli: int) -> str:
    return f"{milli // 1000}" if milli % 1000 == 0 else f"{milli / 1000:.3f}"


def _document(order: OrderOut, place: _Place, *, subordinate: bool = False) -> list[str]:
    at = place.local(order.at)
    lines = [one for one in order.lines if one.quantity_milli > 0]
    if order.delivery_cost > 0:
        cost = order.delivery_cost
        lines.append(
            OrderLine(
                id=DELIVERY,
                name="Доставка заказа",
                quantity_milli=1000,
                price=cost,
                total=cost,
                service=True,
            )
        )
    comment = _word(order.comment)
    return [
        "<Документ>",
        _tag("Ид", order.id, ID),
        _tag("Номер", order.number),
        _tag("Дата", at.strftime("%Y-%m-%d")),
        "<ХозОперация>Заказ товара</ХозОперация><Роль>Продавец</Роль>",
        "<Валюта>руб</Валюта><Курс>1</Курс>",
        _tag("Сумма", _sum(sum(one.total for one in lines))),
        *_party(order),
        _tag("Время", at.strftime("%H:%M:%S")),
        _tag("Комментарий", comment, COMMENT) if comment else "",
        "<Товары>",
        *(part for one in lines for part in _line(one)),
        "</Товары>",
        *_requisites(_told(order, place)),
        *(_subordinate(order, place) if subordinate else ()),
        "</Документ>\n",
    ]


def _party(order: OrderOut) -> Iterable[str]:
    """The buyer: someone without a name is named by a phone, or all of them become one party."""
    name, phone, email = _word(order.name), _word(order.phone), _word(order.email)
    address = _word(order.address)
    yield "<Контрагенты><Контрагент>"
    yield _tag("Ид", order.party or order.id, ID)
    yield _tag("Наименование", name or f"Покупатель {phone}", NAME)
    yield _tag("ПолноеНаименование", name or f"Покупатель {phone}", NAME)
    if name:
        family, _, rest = name.partition(" ")
        first, _, patronymic = rest.partition(" ")
        yield _tag("Фамилия", family, NAME)
        yield _tag("Имя", first, NAME) if first else ""
        yield _tag("Отчество", patronymic, NAME) if patronymic else ""
    if address:
        yield f"<АдресРегистрации>{_tag('Представление', address, 500)}</АдресРегистрации>"
    if phone or email:
        yield "<Контакты>"
        for kind, value in (("Телефон рабочий", phone), ("Почта", email)):
            if value:
                yield f"<Контакт>{_tag('Тип', kind)}{_tag('Значение', value, 255)}</Контакт>"
        yield "</Контакты>"
    yield "<Роль>Покупатель</Роль></Контрагент></Контрагенты>"


def _line(one: OrderLine) -> Iterable[str]:
    kind = "Услуга" if one.service else "Товар"
    yield "<Товар>"
    yield _tag("Ид", one.id, 110) if one.id else ""
    yield _tag("Артикул", one.article, NAME) if one.article else ""
    yield _tag("Наименование", one.name.strip(), NAME)
    yield (
        f"<БазоваяЕдиница Код={quoteattr('796')} НаименованиеПолное={quoteattr('Штука')} "
        f"МеждународноеСокращение={quoteattr('PCE')}>шт</БазоваяЕдиница>"
    )
    if one.vat:
        rate = f"{_tag('Наименование', 'НДС')}{_tag('Ставка', one.vat)}"
        yield f"<СтавкиНалогов><СтавкаНалога>{rate}</СтавкаНалога></СтавкиНалогов>"
    yield from _requisites([("ВидНоменклатуры", kind), ("ТипНоменклатуры", kind)])
    yield _tag("ЦенаЗаЕдиницу", _sum(one.price))
    yield _tag("Количество", _quantity(one.quantity_milli))
    yield _tag("Сумма", _sum(one.total))
    off = one.price * one.quantity_milli // 1000 - one.total
    if off > 0:
        told = f"{_tag('Наименование', 'Скидка')}{_tag('Сумма', _sum(off))}"
        yield f"<Скидки><Скидка>{told}<УчтеноВСумме>true</УчтеноВСумме></Скидка></Скидки>"
    yield "</Товар>"


def _told(order: OrderOut, place: _Place) -> list[tuple[str, str]]:
    paid = bool(order.payments) and order.paid >= order.total
    last = max((one.at for one in order.payments if one.at is not None), default=None)
    return [
        ("Заказ оплачен", _truth(paid)),
        ("Отменен", _truth(order.cancelled)),
        ("Статус заказа", order.status_name),
        ("Статуса заказа ИД", order.status),
        ("Метод оплаты", order.payment_name),
        ("Способ доставки", order.delivery_name),
        ("Дата оплаты", "" if last is None else place.local(last).strftime("%Y-%m-%d %H:%M:%S")),
        ("Номер платежного документа", str(order.payments[-1].number) if paid else ""),
        ("Адрес доставки", _word(order.address)),
        ("Идентификатор отправления", order.track),
    ]


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _requisites(told: Iterable[tuple[str, str]]) -> Iterable[str]:
    """Requisites that have a value: untyped readers stumble over empty ones."""
    kept = [
        f"<ЗначениеРеквизита>{_tag('Наименование', name)}{_tag('Значение', value, REQUISITE)}"
        "</ЗначениеРеквизита>"
        for name, value in told
        if value
    ]
    return ["<ЗначенияРеквизитов>", *kept, "</ЗначенияРеквизитов>"] if kept else []


def _contained(order: OrderOut, place: _Place) -> Iterable[str]:
    """An order of 3.1 with its payments and its shipments, each a document of its own."""
    yield from _document(order, place)
    for one in _beside(order, place):
        yield from ("<Документ>", *one, "</Документ>\n")


def _subordinate(order: OrderOut, place: _Place) -> Iterable[str]:
    """The same inside the order's document, as 2.10 has them."""
    found = [
        "".join(("<ПодчиненныйДокумент>", *one, "</ПодчиненныйДокумент>"))
        for one in _beside(order, place)
    ]
    return ["<ПодчиненныеДокументы>", *found, "</ПодчиненныеДокументы>"] if found else []


def _beside(order: OrderOut, place: _Place) -> Iterable[Iterable[str]]:
    """Money that came or was given back, goods that left or came back: each document's inside."""
    for one in order.payments:
        way = "безналичных" if one.cashless else "наличных"
        kind = f"Возврат {way} денег" if one.amount < 0 else f"Выплата {way} денег"
        at = place.local(one.at or order.at)
        own = f"{order.id[:30]}-p{one.number}"
        yield _paper(order, own, one.number, kind, abs(one.amount), at)
    for one in order.shipments:
        yield _moved(order, one, "s", "Отпуск товара", place)
    if order.shipped and not order.shipments:
        at, own = place.local(order.at), f"{order.id[:30]}-s1"
        yield _paper(order, own, order.number, "Отпуск товара", order.total, at)
    for one in order.returns:
        yield _moved(order, one, "r", "Возврат товара", place)


def _moved(
    order: OrderOut, one: OrderShipment | OrderReturn, mark: str, operation: str, place: _Place
) -> Iterable[str]:
    """Goods that left or came back, each line at its share of what it costs."""
    by_number = {line.number: line for line in order.lines}
    lines = [
        msgspec.structs.replace(
            line, quantity_milli=milli, total=line.total * milli // line.quantity_milli
        )
        for number, milli in one.lines
        if (line := by_number.get(number)) is not None and line.quantity_milli > 0
    ]
    at, own = place.local(one.at or order.at), f"{order.id[:30]}-{mark}{one.number}"
    amount = sum(line.total for line in lines)
    return _paper(order, own, one.number, operation, amount, at, lines)


def _paper(
    order: OrderOut,
    own: str,
    number: int,
    operation: str,
    amount: int,
    at: datetime,
    lines: Sequence[OrderLine] = (),
) -> Iterable[str]:
    yield _tag("Ид", own, ID)
    yield _tag("Номер", number)
    yield _tag("Дата", at.strftime("%Y-%m-%d"))
    yield f"{_tag('ХозОперация', operation)}<Роль>Продавец</Роль><Валюта>руб</Валюта><Курс>1</Курс>"
    yield _tag("Сумма", _sum(amount))
    yield _tag("Время", at.strftime("%H:%M:%S"))
    yield _tag("Основание", order.number)
    if lines:
        yield "<Товары>"
        for one in lines:
            yield from _line(one)
        yield "</Товары>"


def lists(kinds: Sequence[tuple[str, Sequence[tuple[str, str]]]], charset: str) -> bytes:
    """The answer to `info`; the first letter of the first list is Latin, as it always was."""
    parts = [f'<?xml version="1.0" encoding="{charset}"?>\n<Справочник>']
    for name, entries in kinds:
        parts.append(f"<{name}>")
        parts += [
            f"<Элемент>{_tag('Ид', code)}{_tag('Название', title, NAME)}</Элемент>"
            for code, title in entries
        ]
        parts.append(f"</{name}>")
    parts.append("</Справочник>")
    return "".join(parts).encode(charset, "xmlcharrefreplace")
