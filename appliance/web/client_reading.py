"""What a client's form sent, as a draft or a change. Nothing is checked but what must be read."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar.datastructures import FormMultiDict

from appliance.domain import inputs
from appliance.domain.client_forms import ADDRESS, MARKS, NAMES, REQUISITES, TEXTS
from appliance.domain.customers import (
    AddressParts,
    ContactDraft,
    ContactKind,
    CustomerChange,
    CustomerDraft,
    CustomerKind,
    Party,
    RequisitesParts,
    Wishes,
)
from appliance.domain.form_texts import Text, pieces
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis, Purpose, PurposeCode
from appliance.domain.sources import SourceMarks
from appliance.errors import Invalid

LONGEST: Final = 2_000
KINDS: Final = (ContactKind.PHONE, ContactKind.EMAIL, ContactKind.MESSENGER)
MOST_CONTACTS: Final = 20
MOST_WHOLE: Final = 200
NOTHING: Final[Mapping[str, Text]] = {}


class Typed:
    """Texts of a form. All of them may be about a person, so they stay wrapped.

    Args:
        form: as it was sent.
        over: texts that stand in it now instead, of `several` values some.
    """

    def __init__(
        self,
        form: FormMultiDict | Mapping[str, str],
        over: Mapping[str, Text] = NOTHING,
        several: Collection[str] = (),
    ) -> None:
        self._form, self._over, self._several = form, over, several

    def text(self, name: str) -> str:
        """One field, without blanks around it; for reading, never for showing."""
        value = self._over.get(name, self._form.get(name))
        return value.strip()[:LONGEST] if isinstance(value, str) else ""

    def has(self, name: str) -> bool:
        """Whether the form has this field at all: what a role does not see is not in it."""
        if name in self._several:
            return bool(self._over[name])
        return name in self._form

    def get(self, name: str) -> Personal[str]:
        """One field, to be shown again."""
        value = self._over.get(name)
        return value if isinstance(value, Personal) else Personal(self.text(name))

    def held(self, name: str) -> Personal[tuple[str, ...]]:
        """A field of several values, to be shown again."""
        if name in self._over:
            return pieces(self._over[name], several=name in self._several)
        return Personal(tuple(self.whole(name)))

    def many(self, name: str) -> list[str]:
        """A field that is there several times, blanks left out."""
        if not isinstance(self._form, FormMultiDict):
            return [one for one in [self.text(name)] if one]
        values = [one for one in self._form.getall(name, []) if isinstance(one, str)]
        return [one.strip()[:LONGEST] for one in values[:MOST_CONTACTS] if one.strip()]

    def whole(self, name: str) -> list[str]:
        """Every text of a field as it was sent: choices, and texts of any length."""
        if not isinstance(self._form, FormMultiDict):
            return [self._form[name]] if name in self._form else []
        return [one for one in self._form.getall(name, [])[:MOST_WHOLE] if isinstance(one, str)]

    def again(self, name: str) -> list[Personal[str]]:
        """The same, to be shown again."""
        return [Personal(one) for one in self.many(name)]


def _wrapped(text: str) -> Personal[str] | None:
    return Personal(text) if text else None


def _contacts(typed: Typed) -> tuple[ContactDraft, ...]:
    return tuple(
        ContactDraft(kind=kind, value=Personal(text))
        for kind in KINDS
        for text in typed.many(kind.value)
    )


def _birthday(typed: Typed, today: date) -> Personal[date] | None:
    """A day with its year; a relative one («вчера») is no birthday.

    Raises:
        Invalid: `date_unreadable` at the field.
    """
    text = typed.text("birthday")
    if not text:
        return None
    try:
        return Personal(inputs.day(text, today))
    except Invalid as problem:
        raise Invalid("invalid", fields={"birthday": problem.code}) from problem


def tags_of(text: str) -> tuple[str, ...]:
    """Marks as typed: with commas between them."""
    return tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))


def _marks(typed: Typed) -> SourceMarks:
    return SourceMarks(**{name: typed.text(f"src_{name}")[:255] for name in MARKS})


def _wishes(typed: Typed) -> Personal[Wishes]:
    return Personal(
        Wishes(
            channel=typed.text("channel"),
            delivery_type=typed.text("delivery_type"),
            payment_type=typed.text("payment_type"),
            note=typed.text("wish"),
            sizes=typed.text("sizes"),
            brands=typed.text("brands"),
        )
    )


def _parts(typed: Typed, names: Sequence[str]) -> dict[str, str]:
    return {name: typed.text(name) for name in names if typed.has(name)}


def party_of(text: str) -> Party:
    """What somebody is to us; a client where the form says nothing we know."""
    return Party(text) if text in {one.value for one in Party} else Party.CLIENT


def _purposes(typed: Typed, now: datetime) -> tuple[Purpose, ...]:
    """Why the person may be kept: `order:contract`, as the form's one choice says it."""
    code, _, basis = typed.text("purpose").partition(":")
    try:
        purpose, ground = PurposeCode(code), LegalBasis(basis)
    except ValueError:
        return ()
    origin = typed.text("origin")
    source = f"staff:{origin}" if origin.isascii() and origin.isalpha() else "staff"
    return (Purpose(code=purpose, basis=ground, source=source[:100], since=now),)


def draft_of(typed: Typed, today: date, now: datetime) -> CustomerDraft:
    """A new client as typed.

    Raises:
        Invalid: `date_unreadable` at the birthday.
    """
    address = {name: text for name, text in _parts(typed, ADDRESS).items() if text}
    legal = _parts(typed, REQUISITES)
    texts: dict[str, Any] = {name: _wrapped(typed.text(name)) for name in (*NAMES, *TEXTS)}
    told = any(text for name, text in legal.items() if name != "contragent_type")
    return CustomerDraft(
        kind=CustomerKind.COMPANY if typed.text("kind") == "company" else CustomerKind.PERSON,
        party=party_of(typed.text("party")),
        **texts,
        birthday=_birthday(typed, today),
        sex=typed.text("sex"),
        region=typed.text("region"),
        contacts=_contacts(typed),
        address=Personal(msgspec.convert(address, AddressParts)) if address else None,
        requisites=Personal(msgspec.convert(legal, RequisitesParts)) if told else None,
        purposes=_purposes(typed, now),
        tags=tags_of(typed.text("tags")),
        source=_marks(typed),
        wishes=_wishes(typed),
        vip=typed.has("vip"),
        bad=typed.has("bad"),
    )


def change_of(typed: Typed, today: date) -> CustomerChange:
    """An edit: what the form does not have stays as it is.

    Raises:
        Invalid: `date_unreadable` at the birthday.
    """
    values: dict[str, Any] = {
        name: _wrapped(typed.text(name)) for name in (*NAMES, *TEXTS) if typed.has(name)
    }
    if typed.has("birthday"):
        values["birthday"] = _birthday(typed, today)
    for name in ("sex", "region"):
        if typed.has(name):
            values[name] = typed.text(name)
    if typed.has("party"):
        values["party"] = party_of(typed.text("party"))
    if typed.has("wish"):
        values["wishes"] = _wishes(typed)
    legal = _legal(typed)
    address = _parts(typed, ADDRESS)
    had = tags_of(typed.text("tags_had"))
    wanted = tags_of(typed.text("tags"))
    version = typed.text("version")
    return CustomerChange(
        **values,
        add_contacts=_contacts(typed),
        drop_contacts=tuple(_ids(typed.many("drop"))),
        address=Personal(address) if address else None,
        requisites=Personal(legal) if legal else None,
        add_tags=tuple(one for one in wanted if one not in had),
        remove_tags=tuple(one for one in had if one not in wanted),
        source=_marks(typed) if typed.has("src_source") else msgspec.UNSET,
        vip=typed.has("vip"),
        bad=typed.has("bad"),
        version=int(version) if version.isdecimal() else None,
    )


def _legal(typed: Typed) -> dict[str, str]:
    """Requisites; a blank one is left out where the form showed it masked."""
    return {
        name: text
        for name, text in _parts(typed, REQUISITES).items()
        if text or not typed.has(f"masked_{name}")
    }


def _ids(texts: Sequence[str]) -> list[UUID]:
    found: list[UUID] = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
