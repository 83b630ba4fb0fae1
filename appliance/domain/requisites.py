"""The legal side of a client as typed by a person: numbers checked, faults at their fields."""

import msgspec

from appliance.domain import taxids
from appliance.domain.customers import RequisitesParts

ENTREPRENEUR = "enterpreneur"  # the API's own spelling
LEGAL_ENTITY = "legal-entity"
INDIVIDUAL = "individual"
_FAULTS = {
    "inn": "inn_wrong",
    "kpp": "kpp_wrong",
    "ogrn": "ogrn_wrong",
    "ogrnip": "ogrnip_wrong",
    "bik": "bik_wrong",
    "bank_account": "bank_account_wrong",
    "corr_account": "corr_account_wrong",
}


def checked(parts: RequisitesParts) -> tuple[RequisitesParts, dict[str, str]]:
    """Bring the numbers to their one spelling.

    Returns:
        The parts, and what is wrong: field → code. A field that is wrong stays as typed.
    """
    company = parts.contragent_type == LEGAL_ENTITY
    found = {
        "inn": _inn(parts.inn, company=company),
        "kpp": taxids.normalise_kpp(parts.kpp),
        "ogrn": _ogrn(parts.ogrn, 13),
        "ogrnip": _ogrn(parts.ogrnip, 15),
        "bik": taxids.normalise_bik(parts.bik),
        "bank_account": taxids.normalise_account(parts.bank_account, parts.bik),
        "corr_account": taxids.normalise_account(parts.corr_account, parts.bik, correspondent=True),
    }
    given = {name: value for name, value in found.items() if getattr(parts, name).strip()}
    problems = {name: _FAULTS[name] for name, value in given.items() if value is None}
    right = {name: value for name, value in given.items() if value is not None}
    return msgspec.structs.replace(parts, **right), problems


def _inn(typed: str, *, company: bool) -> str | None:
    inn = taxids.normalise_inn(typed)
    return None if inn is not None and company and len(inn) != 10 else inn


def _ogrn(typed: str, length: int) -> str | None:
    ogrn = taxids.normalise_ogrn(typed)
    return ogrn if ogrn is None or len(ogrn) == length else None
