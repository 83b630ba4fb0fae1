"""Fields that an administrator made: what they are, and how a value is read, kept and shown.

A value is kept in one form, whatever door it came through: a text, a number in the house's units
(thousandths, kopecks), a flag, an ISO day or UTC moment, the code of a choice or codes of several.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, cast
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appliance.domain import emails, formats, inputs, masks, phones
from appliance.domain.formats import Language
from appliance.domain.grants import Access
from appliance.domain.personal import Personal
from appliance.errors import Invalid

Value = str | int | bool | tuple[str, ...]

HISTORY: Final = "custom_"
"""What the name of such a field begins with in the change feed."""
LONGEST_LINE: Final = 255
LONGEST_TEXT: Final = 8_000
MOST_NUMBER: Final = 10**15
CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_CLOCK = re.compile(r"(.*?)[\sT,]+(\d{1,2})[:.](\d{2})(?::\d{2}(?:\.\d+)?)?", re.ASCII)
_YES: Final = frozenset({"1", "true", "on", "yes", "да", "y", "+"})
_NO: Final = frozenset({"0", "false", "off", "no", "нет", "n", "-"})


class Owner(StrEnum):
    """What kind of record a field hangs on."""

    CUSTOMER = "customer"
    COMPANY = "company"
    ORDER = "order"
    DEAL = "deal"
    PRODUCT = "product"
    TASK = "task"


PERSONAL_OWNERS: Final = frozenset({Owner.CUSTOMER, Owner.COMPANY, Owner.ORDER, Owner.DEAL})
"""Whose records stand under a person's key, so that a field can be sealed with it."""


class FieldType(StrEnum):
    """The twelve types; the words are those of the shop's API where it has one."""

    LINE = "string"
    TEXT = "text"
    NUMBER = "numeric"
    MONEY = "money"
    DAY = "date"
    MOMENT = "datetime"
    FLAG = "boolean"
    CHOICE = "dictionary"
    CHOICES = "multiselect_dictionary"
    PHONE = "phone"
    EMAIL = "email"
    LINK = "link"


CHOSEN: Final = frozenset({FieldType.CHOICE, FieldType.CHOICES})
WHOLE_NUMBERS: Final = frozenset({FieldType.NUMBER, FieldType.MONEY, FieldType.FLAG})
EXACT: Final = frozenset({FieldType.LINE, FieldType.PHONE, FieldType.EMAIL, FieldType.NUMBER})
"""Types of nearly unique values, which a blind index may stand for."""


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One of the values of a choice; one that is not active stays readable."""

    code: str
    name: str
    active: bool = True


class CustomField(msgspec.Struct, frozen=True, kw_only=True):
    """A field as an administrator made it.

    Attributes:
        default: what a new record starts with.
        personal: sealed under the person's key.
        access: which personal field of a grant (`roles.FIELDS`) decides who sees it.
        exact: a personal one can be found by its whole value.
        basis: why a personal one may be kept (a code of `domain.privacy.LegalBasis`).
        keep_months: how long it may be kept; 0: as long as the record.
    """

    id: UUID
    owner: Owner
    code: str
    name: str
    type: FieldType
    hint: str = ""
    options: tuple[Option, ...] = ()
    required: bool = False
    default: Value | None = None
    personal: bool = False
    access: str = "comment"
    exact: bool = False
    in_list: bool = False
    in_filter: bool = False
    position: int = 0
    active: bool = True
    basis: str = ""
    keep_months: int = 0

    @property
    def history(self) -> str:
        """Its name in the change feed."""
        return f"{HISTORY}{self.code}"


class FieldValue(msgspec.Struct, frozen=True, kw_only=True):
    """A field of one record as the actor may see it.

    Attributes:
        value: None for nothing, or where the grant does not show it in full.
        mask: what is shown in place of a masked one.
    """

    field: CustomField
    value: Personal[Value] | Value | None = None
    mask: Personal[str] | None = None
    access: Access = Access.VISIBLE

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return self.value is None and self.mask is None

    @property
    def plain(self) -> Value | None:
        """The value itself."""
        value = self.value
        return value.reveal() if isinstance(value, Personal) else value


class Form(StrEnum):
    """How values came in."""

    TYPED = "typed"
    """Code → texts, as a form or a table has them."""
    WIRE = "wire"
    """Code → JSON of a program."""
    KEPT = "kept"
    """Code → a value as it is kept."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """Values for a record's fields; codes that nobody knows are passed over.

    Attributes:
        whole: a form that shows every field: what is required must be there.
        today: what «завтра» is counted from.
        zone: whose clock moments are meant by.
    """

    values: Mapping[str, Any]
    form: Form = Form.TYPED
    whole: bool = False
    today: date = date(2026, 1, 1)
    zone: str = "Europe/Moscow"


def read(field: CustomField, raw: Any, given: Given) -> Value | None:
    """A value as it is kept; None for nothing.

    Raises:
        Invalid: with the code of what is wrong.
    """
    if given.form is Form.KEPT:
        return kept(field, raw)
    texts = [text for one in _many(raw) if (text := _text(one))]
    if field.type is FieldType.CHOICES:
        return tuple(dict.fromkeys(_choice(field, one) for one in texts)) or None
    if not texts:
        return None
    return _READERS[field.type](field, texts[0], given)


def kept(field: CustomField, raw: Any) -> Value | None:
    """A stored value: lists of JSON become tuples, texts of personal ones their values."""
    if raw is None or raw == "":
        return None
    if field.type is FieldType.CHOICES:
        if isinstance(raw, str) and not raw.startswith("["):
            return (raw,)  # one of them, as a history lists them
        many: Sequence[Any] = msgspec.json.decode(raw) if isinstance(raw, str) else raw
        return tuple(str(one) for one in many) or None
    if field.type in WHOLE_NUMBERS and isinstance(raw, str):
        raw = msgspec.json.decode(raw)
    if field.type is FieldType.FLAG:
        return bool(raw)
    return cast("Value", raw)


def as_text(value: Value | None) -> str | None:
    """A personal value as its entry in the change feed keeps it; `kept` reads it back."""
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _many(raw: Any) -> Sequence[Any]:
    if isinstance(raw, (list, tuple)):
        return cast("Sequence[Any]", raw)
    return () if raw is None else (raw,)


def _text(one: Any) -> str:
    if isinstance(one, bool):
        return "1" if one else "0"
    if isinstance(one, dict):
        one = cast("dict[str, Any]", one).get("code", "")
    return str(one).replace("\x00", "").strip() if isinstance(one, (str, int, float)) else ""


def _choice(field: CustomField, text: str) -> str:
    """The code of an option, given by its code or its name."""
    for one in field.options:
        if one.code == text:
            return one.code
    for one in field.options:
        if one.name.casefold() == text.casefold():
            return one.code
    raise Invalid("choice_unknown")


def _line(field: CustomField, text: str, given: Given) -> str:
    if len(text) > LONGEST_LINE:
        raise Invalid("text_too_long")
    return " ".join(text.split())


def _long(field: CustomField, text: str, given: Given) -> str:
    if len(text) > LONGEST_TEXT:
        raise Invalid("text_too_long")
    return text


def _number(field: CustomField, text: str, given: Given) -> int:
    try:
        value = inputs.quantity(text)
    except Invalid as error:
        raise Invalid("field_number") from error
    if abs(value) > MOST_NUMBER:
        raise Invalid("field_number")
    return value


def _money(field: CustomField, text: str, given: Given) -> int:
    return inputs.money(text)


def _day(field: CustomField, text: str, given: Given) -> str:
    return inputs.day(text.partition("T")[0], given.today).isoformat()


def _moment(field: CustomField, text: str, given: Given) -> str:
    """«21.11 14:05», or ISO with or without its zone."""
    try:
        aware = datetime.fromisoformat(text)
    except ValueError:
        aware = None
    if aware is None or aware.tzinfo is None:
        found = _CLOCK.fullmatch(text)
        if found is None:
            raise Invalid("field_moment")
        day = inputs.day(found[1], given.today)
        hour, minute = int(found[2]), int(found[3])
        if hour > 23 or minute > 59:
            raise Invalid("field_moment")
        zone = ZoneInfo(given.zone)
        aware = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    return aware.astimezone(UTC).isoformat()


def _flag(field: CustomField, text: str, given: Given) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise Invalid("field_flag")


def _phone(field: CustomField, text: str, given: Given) -> str:
    found = phones.normalise(text)
    if found is None:
        raise Invalid("phone_unreadable")
    return f"{found.e164} доб. {found.extension}" if found.extension else found.e164


def _email(field: CustomField, text: str, given: Given) -> str:
    found = emails.normalise(text)
    if found is None:
        raise Invalid("email_unreadable")
    return found


def _link(field: CustomField, text: str, given: Given) -> str:
    """A page of the web: nothing else may stand behind a link on a card."""
    if "://" not in text and "." in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        raise Invalid("field_link") from None
    fine = parts.scheme in {"http", "https"} and "." in host and not any(map(str.isspace, text))
    if not fine or len(text) > LONGEST_LINE:
        raise Invalid("field_link")
    return text


_READERS: Final[Mapping[FieldType, Callable[[CustomField, str, Given], Value]]] = {
    FieldType.LINE: _line,
    FieldType.TEXT: _long,
    FieldType.NUMBER: _number,
    FieldType.MONEY: _money,
    FieldType.DAY: _day,
    FieldType.MOMENT: _moment,
    FieldType.FLAG: _flag,
    FieldType.CHOICE: lambda field, text, _: _choice(field, text),
    FieldType.PHONE: _phone,
    FieldType.EMAIL: _email,
    FieldType.LINK: _link,
}


# --- shown ---


def words(one: FieldValue, zone: ZoneInfo, language: Language = "ru") -> Personal[str] | str:
    """A field of a record in words, still wrapped where it is personal; empty for nothing."""
    if one.mask is not None:
        return one.mask
    text = shown(one.field, one.plain, zone, language)
    return Personal(text) if one.field.personal and text else text


def history_words(
    field: CustomField, value: Any, zone: ZoneInfo, language: Language = "ru"
) -> Personal[str] | str:
    """A value of the change feed in words."""
    if isinstance(value, Personal):
        inner = cast("Personal[str]", value).reveal()
        return Personal(shown(field, kept(field, inner), zone, language))
    return shown(field, kept(field, value), zone, language)


def inputs_of(one: FieldValue, zone: ZoneInfo) -> Personal[tuple[str, ...]]:
    """A field of a record as its inputs hold it."""
    return Personal(tuple(typed(one.field, one.plain, zone)))


def shown(
    field: CustomField, value: Value | None, zone: ZoneInfo, language: Language = "ru"
) -> str:
    """A value in words; empty for nothing. What another type's value would be stays as it is."""
    if value is None:
        return ""
    if isinstance(value, bool):
        words = ("да", "нет") if language == "ru" else ("yes", "no")
        return words[0 if value else 1]
    if isinstance(value, int):
        write = formats.money if field.type is FieldType.MONEY else formats.quantity
        return write(value, language)
    if isinstance(value, tuple):
        return ", ".join(_name_of(field, code) for code in value)
    return _shown_text(field, value, zone, language)


def _shown_text(field: CustomField, value: str, zone: ZoneInfo, language: Language) -> str:
    match field.type:
        case FieldType.CHOICE | FieldType.CHOICES:
            return _name_of(field, value)
        case FieldType.DAY:
            return formats.day(date.fromisoformat(value), language)
        case FieldType.MOMENT:
            local = datetime.fromisoformat(value).astimezone(zone)
            return f"{formats.day(local.date(), language)} {local:%H:%M}"
        case FieldType.PHONE:
            number, space, rest = value.partition(" ")
            return f"{formats.phone(number)}{space}{rest}"
        case _:
            return value


def _name_of(field: CustomField, code: str) -> str:
    return next((one.name for one in field.options if one.code == code), code)


def typed(field: CustomField, value: Value | None, zone: ZoneInfo) -> list[str]:
    """A value as an input shows it; one text for each choice."""
    if value is None:
        return []
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, bool):
        return ["1"] if value else ["0"]
    if isinstance(value, int):
        plain = formats.money(value, sign=False) if field.type is FieldType.MONEY else ""
        return [plain or formats.quantity(value)]
    if field.type in {FieldType.DAY, FieldType.MOMENT}:
        return [shown(field, value, zone)]
    return [value]


def mask(field: CustomField, value: Value) -> str:
    """What a role that may only know that there is something sees of it."""
    if field.type is FieldType.PHONE and isinstance(value, str):
        return masks.mask_phone(value, value.partition(" ")[0])
    if field.type is FieldType.EMAIL and isinstance(value, str):
        return masks.mask_email(value)
    return "•••••"


def wire(field: CustomField, value: Value | None, zone: ZoneInfo) -> Any:
    """A value as programs read it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, int):
        unit = 100 if field.type is FieldType.MONEY else 1000
        return value // unit if value % unit == 0 else value / unit
    if field.type is FieldType.MOMENT:
        return f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%d %H:%M:%S}"
    return value
