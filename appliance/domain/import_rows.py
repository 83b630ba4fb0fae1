"""From the cells of a row to what is to be stored: people and companies.

A wrong cell is named by field and error code; its text goes nowhere.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from appliance.domain import emails, fields, inputs, phones, taxids
from appliance.domain.customers import (
    AddressParts,
    ContactDraft,
    ContactKind,
    CustomerDraft,
    CustomerKind,
    RequisitesParts,
)
from appliance.domain.fields import CustomField, FieldType, Given
from appliance.domain.imports import ImportKind, Plan
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis, Purpose
from appliance.domain.sources import SourceMarks
from appliance.errors import Invalid

Cells = Mapping[str, Sequence[str]]
"""Field → what the columns paired with it say in one row; empty cells are left out."""

MOST_NAME: Final = 200
MOST_TEXT: Final = 4_000
MOST_CODE: Final = 255
_MANY: Final = re.compile(r"[;,\n|]+")
_CLOCK: Final = re.compile(r"(.+?)[T ,]+([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?.*")
_MALE: Final = frozenset({"м", "муж", "мужской", "male", "m"})
_FEMALE: Final = frozenset({"ж", "жен", "женский", "female", "f"})
_YES: Final = frozenset({"да", "yes", "1", "true", "+", "истина", "y", "д"})
_ADDRESS: Final = {
    "index": "index", "region_text": "region", "city": "city", "street": "street",
    "building": "building", "flat": "flat", "address": "text",
}  # fmt: skip


class World(NamedTuple):
    """What rows are read against.

    Attributes:
        managers: name, login or number in small letters → number of a colleague.
        fields: of the house's own making, by their names in the mapping.
    """

    now: datetime
    zone: ZoneInfo
    managers: Mapping[str, int]
    fields: Mapping[str, CustomField] = {}

    @property
    def today(self) -> date:
        """The day of the box."""
        return self.now.astimezone(self.zone).date()


def cells_of(plan: Plan, row: Sequence[str]) -> dict[str, list[str]]:
    """What a row says, by field."""
    found: dict[str, list[str]] = {}
    for field, value in zip(plan.columns, row, strict=False):
        if field and value:
            found.setdefault(field, []).append(value)
    return found


def one(cells: Cells, field: str, most: int = MOST_NAME) -> str:
    """The text of a field, empty where the row has none.

    Raises:
        Invalid: `text_too_long` at the field.
    """
    given = cells.get(field)
    if not given:
        return ""
    text = given[0] if field == "comment" else " ".join(given[0].split())
    if len(text) > most:
        raise wrong(field, "text_too_long")
    return text


def wrong(field: str, code: str) -> Invalid:
    """The error of one cell."""
    return Invalid(code, fields={field: code})


def client(kind: ImportKind, plan: Plan, cells: Cells, world: World, source: str) -> CustomerDraft:
    """A person or a company.

    Raises:
        Invalid: at the field: `phone_unreadable`, `email_unreadable`, `inn_wrong`, `kpp_wrong`,
            `ogrn_wrong`, `bik_wrong`, `bank_account_wrong`, `corr_account_wrong`,
            `date_unreadable`, `sex_unreadable`, `text_too_long`, `row_nameless`.
    """
    company = kind is ImportKind.COMPANIES
    names = _company(cells) if company else _names(cells)
    reach = contacts(cells)
    if not any(names.values()) and not reach:
        raise wrong("company_name" if company else "full_name", "row_nameless")
    address = _address(cells)
    return CustomerDraft(
        kind=CustomerKind.COMPANY if company else CustomerKind.PERSON,
        shop=plan.shop,
        external_id=one(cells, "external_id", MOST_CODE) or None,
        first_name=_maybe(names.get("first_name", "")),
        last_name=_maybe(names.get("last_name", "")),
        patronymic=_maybe(names.get("patronymic", "")),
        company_name=_maybe(names.get("company_name", "")),
        birthday=_birthday(cells, world.today),
        sex=_sex(cells),
        comment=_maybe(one(cells, "comment", MOST_TEXT)),
        contacts=reach,
        address=None if address is None else Personal(address),
        requisites=_requisites(cells, names) if company else None,
        purposes=(purpose(plan, world.now, source),) if plan.basis else (),
        tags=_tags(cells),
        manager_number=manager(cells, plan, world),
        vip=one(cells, "vip").lower() in _YES,
        created_at=moment(cells, "created_at", world),
        source=SourceMarks(source=one(cells, "source", 100)),
        custom=custom_of(cells, world),
    )


def is_heading(plan: Plan, cells: Cells) -> bool:
    """Whether a row of goods only names a group of a price list: nothing stands beside a name."""
    wide = sum(bool(column) for column in plan.columns) >= 3 and "price" in plan.columns
    return wide and set(cells) == {"name"}


def custom_of(cells: Cells, world: World) -> Personal[Given] | None:
    """Values for fields of the house's own making; None where the row says none.

    Raises:
        Invalid: at the field, with what is wrong with it.
    """
    found: dict[CustomField, list[str]] = {}
    for name, field in world.fields.items():
        texts = cells.get(name, ())
        if field.type is FieldType.CHOICES:
            texts = [part.strip() for text in texts for part in _MANY.split(text) if part.strip()]
        if texts:
            found[field] = list(texts)
    if not found:
        return None
    values = {field.code: texts for field, texts in found.items()}
    given = Given(values=values, today=world.today, zone=world.zone.key)
    for field, texts in found.items():
        try:
            fields.read(field, texts, given)
        except Invalid as error:
            raise wrong(field.history, error.code) from None
    return Personal(given)


def purpose(plan: Plan, now: datetime, source: str) -> Purpose:
    """Why people of this file may be kept."""
    return Purpose(
        code=plan.purpose,
        basis=plan.basis or LegalBasis.CONTRACT,
        source=f"{source} {plan.source}".strip()[:100],
        since=now,
    )


def _maybe(text: str) -> Personal[str] | None:
    return Personal(text) if text else None


def _names(cells: Cells) -> dict[str, str]:
    names = {name: one(cells, name) for name in ("last_name", "first_name", "patronymic")}
    whole = one(cells, "full_name")
    if whole and not any(names.values()):
        return parted(whole)
    return names


def parted(whole: str) -> dict[str, str]:
    """Surname, name and patronymic of a name in the order of Russian papers.

    >>> parted("Иванов Пётр Сергеевич")["first_name"]
    'Пётр'
    >>> parted("Пётр")["first_name"]
    'Пётр'
    """
    words = whole.split()
    if len(words) == 1:
        return {"last_name": "", "first_name": words[0], "patronymic": ""}
    return {"last_name": words[0], "first_name": words[1], "patronymic": " ".join(words[2:])}


def _company(cells: Cells) -> dict[str, str]:
    return {"company_name": one(cells, "company_name") or one(cells, "legal_name", 500)[:MOST_NAME]}


def contacts(cells: Cells) -> tuple[ContactDraft, ...]:
    """Phones, e-mails and messengers; a cell may hold several.

    Raises:
        Invalid: `phone_unreadable`, `email_unreadable`.
    """
    found: list[ContactDraft] = []
    for typed in _split(cells, "phone"):
        if phones.normalise(typed) is None:
            raise wrong("phone", "phone_unreadable")
        found.append(ContactDraft(kind=ContactKind.PHONE, value=Personal(typed)))
    for typed in _split(cells, "email"):
        if emails.normalise(typed) is None:
            raise wrong("email", "email_unreadable")
        found.append(ContactDraft(kind=ContactKind.EMAIL, value=Personal(typed)))
    found += [
        ContactDraft(kind=ContactKind.MESSENGER, value=Personal(typed[:MOST_NAME]))
        for typed in _split(cells, "messenger")
    ]
    return tuple(found)


def _split(cells: Cells, field: str) -> list[str]:
    parts: list[str] = []
    for cell in cells.get(field, ()):
        # «8 (912) 000-12-34, доб. 5» is one number.
        whole = field == "phone" and "доб" in cell.lower()
        parts += [cell] if whole else [text for one in _MANY.split(cell) if (text := one.strip())]
    return parts


def _birthday(cells: Cells, today: date) -> Personal[date] | None:
    text = one(cells, "birthday")
    if not text:
        return None
    day = day_of(text, "birthday", today)
    if day > today:  # two digits of a year: a person is not born tomorrow
        day = _earlier(day)
    if day > today or day.year < 1850:
        raise wrong("birthday", "date_unreadable")
    return Personal(day)


def _earlier(day: date) -> date:
    try:
        return day.replace(year=day.year - 100)
    except ValueError:
        return day.replace(year=day.year - 100, day=28)


def day_of(text: str, field: str, today: date) -> date:
    """A day as files write it.

    Raises:
        Invalid: `date_unreadable` at the field.
    """
    clock = _CLOCK.fullmatch(text)
    plain = clock[1] if clock else text
    if not plain[:1].isdigit():  # «завтра» is for people who type
        raise wrong(field, "date_unreadable")
    try:
        return inputs.day(plain, today)
    except Invalid:
        raise wrong(field, "date_unreadable") from None


def moment(cells: Cells, field: str, world: World) -> datetime | None:
    """A moment in the box's zone; a day alone is its noon.

    Raises:
        Invalid: `date_unreadable` at the field, also for one to come.
    """
    text = one(cells, field)
    if not text:
        return None
    found = moment_of(text, field, world, time(12))
    if found > world.now:
        if found.astimezone(world.zone).date() > world.today:
            raise wrong(field, "date_unreadable")
        return world.now
    return found


def moment_of(text: str, field: str, world: World, usual: time) -> datetime:
    """A moment of any time as UTC.

    Raises:
        Invalid: `date_unreadable` at the field.
    """
    day = day_of(text, field, world.today)
    clock = _CLOCK.fullmatch(text)
    at = usual
    if clock:
        try:
            at = time(int(clock[2]), int(clock[3]))
        except ValueError:
            raise wrong(field, "date_unreadable") from None
    return datetime.combine(day, at, world.zone).astimezone(UTC)


def _sex(cells: Cells) -> str:
    text = one(cells, "sex").lower().rstrip(".")
    if not text:
        return ""
    if text in _MALE:
        return "male"
    if text in _FEMALE:
        return "female"
    raise wrong("sex", "sex_unreadable")


def _address(cells: Cells) -> AddressParts | None:
    given = {
        name: text
        for field, name in _ADDRESS.items()
        if (text := one(cells, field, 500 if field == "address" else MOST_NAME))
    }
    return msgspec.structs.replace(AddressParts(), **given) if given else None


def address_of(cells: Cells) -> dict[str, str]:
    """The parts of an address that the row gives, for an order."""
    parts = _address(cells)
    if parts is None:
        return {}
    return {name: text for name in _ADDRESS.values() if (text := getattr(parts, name))}


def _tags(cells: Cells) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one[:100] for one in _split(cells, "tags")))[:50]


def manager(cells: Cells, plan: Plan, world: World) -> int | None:
    """Who leads: the colleague the row names, else the one chosen for the file, else nobody."""
    typed = one(cells, "manager").lower()
    return world.managers.get(typed) or plan.manager or None


def _requisites(cells: Cells, names: Mapping[str, str]) -> Personal[RequisitesParts] | None:
    inn = one(cells, "inn").partition("/")[0].strip()
    kpp = one(cells, "kpp") or one(cells, "inn").partition("/")[2].strip()
    ogrn, bik = one(cells, "ogrn"), one(cells, "bik")
    accounts = {name: one(cells, name) for name in ("bank_account", "corr_account")}
    for field, text, right in (
        ("inn", inn, taxids.normalise_inn(_zeros(inn, (10, 12)))),
        ("kpp", kpp, taxids.normalise_kpp(_zeros(kpp, (9,)))),
        ("ogrn", ogrn, taxids.normalise_ogrn(ogrn)),
        ("bik", bik, taxids.normalise_bik(_zeros(bik, (9,)))),
        *(
            (name, text, taxids.normalise_account(text, bik, correspondent=name[0] == "c"))
            for name, text in accounts.items()
        ),
    ):
        if text and right is None:
            raise wrong(field, f"{field}_wrong")
    name = one(cells, "legal_name", 500) or names["company_name"]
    entrepreneur = len(_zeros(inn, (10, 12))) == 12 or bool(re.match("ИП ", name))
    parts = RequisitesParts(
        contragent_type="enterpreneur" if entrepreneur else "legal-entity",
        legal_name=name,
        legal_address=one(cells, "legal_address", 500),
        inn=_zeros(inn, (10, 12)),
        kpp=_zeros(kpp, (9,)).upper(),
        ogrn="" if len(ogrn) == 15 else ogrn,
        ogrnip=ogrn if len(ogrn) == 15 else "",
        bik=_zeros(bik, (9,)),
        bank=one(cells, "bank", 500),
        bank_account="".join(accounts["bank_account"].split()),
        corr_account="".join(accounts["corr_account"].split()),
    )
    return Personal(parts)


def _zeros(text: str, lengths: Sequence[int]) -> str:
    """Give back a leading zero that a spreadsheet took for nothing.

    >>> _zeros("44525225", (9,))
    '044525225'
    """
    lost = text.isdigit() and len(text) + 1 in lengths and len(text) not in lengths
    return "0" + text if lost else text
