"""What somebody typed into the form of an order: kept word for word, read, and turned into a draft.

Nothing here is sure to be right: a field that cannot be read keeps its text and gets a code.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

from litestar.datastructures import FormMultiDict

from appliance.domain import inputs, phones, taxids
from appliance.domain.customers import (
    ContactDraft,
    ContactKind,
    CustomerDraft,
    CustomerKind,
    RequisitesParts,
)
from appliance.domain.ids import uuid7
from appliance.domain.order_forms import FormLine
from appliance.domain.orders import (
    UNSET,
    CustomerRef,
    DeliveryDraft,
    LineDraft,
    OrderContact,
    OrderDraft,
    PaymentDraft,
)
from appliance.domain.personal import Personal
from appliance.errors import Invalid

NEW_KINDS: Final = ("person", "company")
WORDS: Final = (
    "shop", "kind", "client", "client_name", "last_name", "first_name", "phone", "email",
    "company", "inn", "delivery", "cost", "address", "date", "payment", "comment", "remark",
    "discount", "method", "coupon", "reason", "scheme", "payer", "payer_name", "call", "origin",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TypedLine:
    """One line as it stands in the fields."""

    key: str
    offer: int | None
    name: str
    quantity: str
    price: str
    discount: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The whole form.

    Attributes:
        words: field → its text; those about a person are printed through `Personal` only.
        problems: field → code of what is wrong with it.
    """

    token: UUID
    words: Mapping[str, str]
    lines: tuple[TypedLine, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict[str, str])

    def with_words(self, **words: str) -> "Typed":
        """The same form with other texts in some fields."""
        return replace(self, words={**self.words, **words})

    @property
    def call(self) -> UUID | None:
        """The call it comes of."""
        try:
            return UUID(self.words["call"])
        except ValueError:
            return None

    @property
    def client(self) -> int:
        """Number of the chosen client; 0 for nobody."""
        text = self.words["client"]
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 11 else 0


def empty(**words: str) -> Typed:
    """A form that nobody has typed into."""
    return Typed(uuid7(), {**dict.fromkeys(WORDS, ""), "kind": "known", **words})


def looked_for(kind: str, text: str) -> dict[str, str]:
    """Fields of a new buyer that what was looked for belongs to: a phone, an address, a name."""
    text = text.strip()
    if kind == "company" and taxids.normalise_inn(text):
        return {"inn": text}
    if phones.normalise(text):
        return {"phone": text}
    if "@" in text:
        return {"email": text}
    if kind == "company":
        return {"company": text}
    last, _, first = text.partition(" ")
    return {"last_name": last, "first_name": first.strip()}


def read(form: FormMultiDict) -> Typed:
    """The form as it was sent; a token that is none is replaced."""
    try:
        token = UUID(_text(form.get("token")))
    except ValueError:
        token = uuid7()
    rows = zip(
        *(
            [_text(one) for one in form.getall(name, [])]
            for name in ("line", "offer", "name", "quantity", "price", "line_discount")
        ),
        strict=False,
    )
    lines = tuple(
        TypedLine(key, int(offer) if offer.isdigit() else None, name, quantity, price, discount)
        for key, offer, name, quantity, price, discount in rows
    )
    return Typed(token, {name: _text(form.get(name)) for name in WORDS}, lines)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


class Reading:
    """Numbers read from a form, with what could not be read noted beside the field."""

    def __init__(self, typed: Typed, today: date) -> None:
        self.typed = typed
        self.today = today
        self.problems: dict[str, str] = {}

    def _number(self, name: str, text: str, read_as: Callable[[str], int], empty_is: int) -> int:
        if not text:
            return empty_is
        try:
            value = read_as(text)
        except Invalid as error:
            self.problems[name] = error.code
            return empty_is
        if value < 0:
            self.problems[name] = "amount_out_of_range"
            return empty_is
        return value

    def money(self, name: str, text: str) -> int:
        """Kopecks; 0 for nothing."""
        return self._number(name, text, inputs.money, 0)

    def percent_milli(self, name: str, text: str) -> int:
        """Thousandths of a percent; 0 for nothing, at most a hundred percent."""
        value = self._number(name, text, inputs.percent, 0) * 10
        if value > 100_000:
            self.problems[name] = "percent_too_large"
            return 0
        return value

    def lines(self) -> list[FormLine]:
        """Lines with their numbers; quantity zero is refused, not silently dropped."""
        made: list[FormLine] = []
        for one in self.typed.lines:
            milli = self._number(f"quantity-{one.key}", one.quantity, inputs.quantity, 1000)
            if not milli:
                self.problems[f"quantity-{one.key}"] = "quantity_zero"
            made.append(
                FormLine(
                    key=one.key,
                    offer=one.offer,
                    name=one.name,
                    quantity_milli=milli or 1000,
                    price=self.money(f"price-{one.key}", one.price),
                    discount_percent_milli=self.percent_milli(
                        f"line_discount-{one.key}", one.discount
                    ),
                )
            )
        return made

    def order_discount(self) -> tuple[int, int]:
        """(kopecks, thousandths of a percent): «500» is roubles, «10 %» is a share."""
        text = self.typed.words["discount"]
        if text.endswith("%"):
            return 0, self.percent_milli("discount", text)
        return self.money("discount", text), 0

    def day(self) -> date | None:
        """The wished day of delivery."""
        text = self.typed.words["date"]
        if not text:
            return None
        try:
            return inputs.day(text, self.today)
        except Invalid as error:
            self.problems["date"] = error.code
            return None


def draft_of(reading: Reading) -> OrderDraft:
    """The order that the form means; check `reading.problems` afterwards."""
    typed, words = reading.typed, reading.typed.words
    lines = reading.lines()
    amount, percent = reading.order_discount()
    return OrderDraft(
        shop=words["shop"],
        customer_ref=CustomerRef(number=typed.client) if _is_known(typed) else None,
        customer=CustomerDraft() if _is_known(typed) else _new_client(reading),
        contact=Personal(_contact(typed)),
        order_method=words["method"] or UNSET,
        lines=tuple(
            LineDraft(
                offer_id=one.offer,
                product_name=one.name,
                quantity_milli=one.quantity_milli,
                price=one.price,
                discount_percent_milli=one.discount_percent_milli,
            )
            for one in lines
        ),
        payments=(PaymentDraft(type=words["payment"]),) if words["payment"] else (),
        delivery=DeliveryDraft(
            type=words["delivery"],
            cost=reading.money("cost", words["cost"]),
            date=reading.day(),
            address=Personal({"text": words["address"]}) if words["address"] else None,
        ),
        discount_amount=amount,
        discount_percent_milli=percent,
        coupon=words["coupon"],
    )


def _is_known(typed: Typed) -> bool:
    return typed.words["kind"] not in NEW_KINDS


def _contact(typed: Typed) -> OrderContact:
    words = typed.words
    said = OrderContact(
        customer_comment=words["comment"],
        manager_comment=words["remark"],
        discount_reason=words["reason"],
    )
    if _is_known(typed):
        return said
    said.first_name = words["first_name"]
    said.last_name = words["last_name"]
    said.phone = words["phone"]
    said.email = words["email"]
    return said


def _new_client(reading: Reading) -> CustomerDraft:
    """A person, or a company with its INN; what is missing or impossible is noted."""
    words = reading.typed.words
    company = words["kind"] == "company"
    if company and not words["company"]:
        reading.problems["company"] = "buyer_missing"
    if not company and not (words["last_name"] or words["first_name"]):
        reading.problems["last_name"] = "buyer_missing"
    if words["phone"] and phones.normalise(words["phone"]) is None:
        reading.problems["phone"] = "phone_unreadable"
    if company and words["inn"] and taxids.normalise_inn(words["inn"]) is None:
        reading.problems["inn"] = "inn_wrong"
    contacts = [
        ContactDraft(kind=kind, value=Personal(words[name]))
        for name, kind in (("phone", ContactKind.PHONE), ("email", ContactKind.EMAIL))
        if words[name]
    ]
    return CustomerDraft(
        kind=CustomerKind.COMPANY if company else CustomerKind.PERSON,
        first_name=Personal(words["first_name"]),
        last_name=Personal(words["last_name"]),
        company_name=Personal(words["company"]) if company else None,
        contacts=tuple(contacts),
        requisites=Personal(
            RequisitesParts(
                contragent_type="legal-entity", legal_name=words["company"], inn=words["inn"]
            )
        )
        if company
        else None,
    )
