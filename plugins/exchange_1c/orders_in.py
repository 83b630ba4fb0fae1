"""What a document of 1C says about an order: absent is not "no" (reference 10)."""

from collections.abc import Mapping

import msgspec

from plugins.exchange_1c import values
from plugins.exchange_1c.documents import ORDER
from plugins.exchange_1c.records import Document


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """An order as 1C sees it; what it did not say is False or empty.

    Attributes:
        number: ours, by which the order is found.
        number_1c: of the base; `id_1c` its own id of the document.
    """

    number: int
    number_1c: str = ""
    id_1c: str = ""
    status: str = ""
    cancelled: bool = False
    paid: bool = False
    shipped: bool = False


def heard(document: Document) -> Heard | None:
    """Read an order; None for another document, or one without a number of ours."""
    if document.operation.strip().casefold() != ORDER:
        return None
    number = ours(document.number)
    if number is None:
        return None
    told = document.requisites
    under = [one.operation.casefold() for one in document.under]
    return Heard(
        number=number,
        number_1c=told.get("Номер по 1С") or told.get("Номер1С", ""),
        id_1c=document.id.strip()[:110],
        status=told.get("Статус заказа", ""),
        cancelled=document.removed or _says(told, "ПометкаУдаления") or _says(told, "Отменен"),
        paid=bool(told.get("Номер оплаты по 1С"))
        or _says(told, "Оплачен", "Оплачено")
        or any("выплата" in one or "эквайринг" in one for one in under),
        shipped=bool(told.get("Номер отгрузки по 1С"))
        or _says(told, "Отгружен", "Отгружено")
        or any(one == "отпуск товара" for one in under),
    )


def ours(text: str) -> int | None:
    """A number of ours out of a document; None: it is another's."""
    digits = text.strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > 11:
        return None
    return int(digits)


def _says(told: Mapping[str, str], *names: str) -> bool:
    return any(values.truth(told.get(name, "")) is True for name in names)


class StatusRules(msgspec.Struct, frozen=True, kw_only=True):
    """Which of our statuses follows from what 1C says; empty: the order stays where it is.

    Attributes:
        named: status of 1C by its name, in small letters, to our code.
    """

    named: Mapping[str, str] = {}
    cancelled: str = ""
    paid: str = ""
    shipped: str = ""
    done: str = ""

    def target(self, one: Heard) -> str:
        """Code of the status that an order should have now; empty: no rule speaks."""
        if one.cancelled and self.cancelled:
            return self.cancelled
        if one.status and (code := self.named.get(one.status.strip().casefold())):
            return code
        if one.paid and one.shipped and self.done:
            return self.done
        if one.shipped and self.shipped:
            return self.shipped
        return self.paid if one.paid else ""


def rules_from(text: str) -> Mapping[str, str]:
    """Lines `статус 1С = код статуса` of the settings form."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, mark, code = line.partition("=")
        if mark and name.strip() and code.strip():
            found[name.strip().casefold()] = code.strip()
    return found
