"""Names of people and companies, as lists and cards show them."""

from appliance.domain.customers import CustomerKind, Person


def full_name(person: Person, kind: CustomerKind | str) -> str:
    """`Петрова Анна Сергеевна`, or the company's name; empty if nothing was given."""
    if kind == CustomerKind.COMPANY and person.company_name:
        return person.company_name
    parts = (person.last_name, person.first_name, person.patronymic)
    return " ".join(part for part in parts if part) or person.company_name


def short_name(person: Person, kind: CustomerKind | str) -> str:
    """`Петрова Анна` for lists."""
    if kind == CustomerKind.COMPANY and person.company_name:
        return person.company_name
    return " ".join(part for part in (person.last_name, person.first_name) if part) or (
        person.company_name
    )
