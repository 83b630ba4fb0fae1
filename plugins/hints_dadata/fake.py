"""DaData in memory: ten records that differ in what a form must not stumble over."""

from collections.abc import Mapping
from typing import Any, Final

from appliance.plugin_api.fakes import Fake as Base
from appliance.plugin_api.fakes import FakeReply, FakeRequest, Limit, Shown, said

ROOT: Final = "/suggestions/api/4_1/rs/"
KEY: Final = "0123456789abcdef0123456789abcdef01234567"
PER_SECOND: Final = 30
LONGEST: Final = 300


def _party(value: str, **data: Any) -> dict[str, Any]:
    return {"value": value, "unrestricted_value": value, "data": data}


PARTIES: Final[tuple[dict[str, Any], ...]] = (
    _party(
        "ООО ЛУГ", type="LEGAL", branch_type="BRANCH", inn="7736207543", kpp="780543001",
        ogrn="1027700229193", name={"short_with_opf": "ФИЛИАЛ ООО ЛУГ", "full_with_opf": None},
        state={"status": "ACTIVE"}, address=None,
    ),
    _party(
        "ООО ЛУГ", type="LEGAL", branch_type="MAIN", inn="7736207543", kpp="770401001",
        ogrn="1027700229193", ogrn_date=1034000000000,
        name={"short_with_opf": "ООО «ЛУГ»",
              "full_with_opf": "ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ «ЛУГ»"},
        management={"name": "Полевой Пётр Ильич", "post": "ДИРЕКТОР"},
        state={"status": "ACTIVE", "liquidation_date": None},
        address={"value": "г Тверь, ул Луговая, д 5",
                 "unrestricted_value": "170100, г Тверь, ул Луговая, д 5", "data": {}},
    ),
    _party(
        "ИП Травкина Анна", type="INDIVIDUAL", inn="500100732259", ogrn="304500116000157",
        name={"short_with_opf": "ИП Травкина А. П.",
              "full_with_opf": "Индивидуальный предприниматель Травкина Анна Павловна"},
        fio={"surname": "Травкина", "name": "Анна", "patronymic": "Павловна"},
        state={"status": "ACTIVE"}, address=None,
    ),
    _party(
        "ООО СТАРЬ", type="LEGAL", branch_type="MAIN", inn="7707083893", kpp="",
        ogrn="1027700132195", name={"short_with_opf": "ООО «СТАРЬ»", "full_with_opf": None},
        state={"status": "LIQUIDATED"}, address={"value": "г Москва"},
    ),
)  # fmt: skip
BANKS: Final[tuple[dict[str, Any], ...]] = (
    _party("ПАО ЛЕСБАНК", bic="044525225", correspondent_account="30101810400000000225",
           name={"payment": "ПАО ЛЕСБАНК", "short": "Лесбанк"}, state={"status": "ACTIVE"}),
    _party("ГОЛОВНОЙ", bic="044525000", correspondent_account=None,
           name={"payment": "ГУ БАНКА РОССИИ ПО ЦФО"}, state={"status": "ACTIVE"}),
)  # fmt: skip
ADDRESSES: Final[tuple[dict[str, Any], ...]] = (
    {"value": "г Тверь, ул Луговая", "unrestricted_value": "170100, г Тверь, ул Луговая",
     "data": {"fias_level": "7", "house": None, "city_with_type": "г Тверь"}},
    {"value": "г Тверь, ул Луговая, д 5, кв 7",
     "unrestricted_value": "170100, г Тверь, ул Луговая, д 5, кв 7",
     "data": {"fias_level": "9", "house": "5", "flat": "7"}},
    {"value": "с Луговое", "unrestricted_value": "Тверская обл, с Луговое",
     "data": {"fias_level": 6, "city_with_type": None, "settlement_with_type": "с Луговое"}},
    {"value": "г Москва, ул Полевая, д 1",
     "unrestricted_value": "125040, г Москва, ул Полевая, д 1",
     "data": {"fias_level": "8", "house": "1", "region_with_type": "г Москва"}},
)  # fmt: skip


class Fake(Base):
    """The service of suggestions.

    Attributes:
        spent: the day's limit is: 403 to everything.
    """

    title = "DaData"

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.spent = False
        self._limit = Limit(PER_SECOND, 1.0)

    def settings(self) -> Mapping[str, str]:
        """What to type into the plugin's form."""
        return {"key": KEY}

    def state(self) -> tuple[Shown, ...]:
        """What it knows."""
        rows = tuple((one["value"], one["data"].get("inn", "")) for one in PARTIES)
        return (Shown(title="Parties", columns=("name", "inn"), rows=rows),)

    def error_in_200(self, request: FakeRequest) -> FakeReply:
        """It has none of its own: an answer of another shape."""
        return said({"family": "CLIENT_ERROR", "reason": "Bad Request"})

    def answer(self, request: FakeRequest) -> FakeReply:
        """Three methods, each by POST."""
        query, count = "", 10
        if request.method == "POST":
            asked = request.json(dict[str, Any])
            query, count = str(asked.get("query", "")).strip(), int(asked.get("count", 10))
        for status, reason, wrong in (
            (401, "Unauthorized", request.headers.get("authorization") != f"Token {KEY}"),
            (403, "Forbidden", self.spent),
            (405, "Method Not Allowed", request.method != "POST"),
            (413, "Request Entity Too Large", len(query) > LONGEST),
            (429, "Too Many Requests", self._limit.wait(KEY, self.clock()) > 0),
        ):
            if wrong:
                return said({"family": "CLIENT_ERROR", "reason": reason}, status)
        found = {
            "findById/party": lambda: [one for one in PARTIES if one["data"]["inn"] == query],
            "findById/bank": lambda: [one for one in BANKS if one["data"]["bic"] == query],
            "suggest/address": lambda: [one for one in ADDRESSES if _begins(one["value"], query)],
        }.get(request.path.removeprefix(ROOT))
        if found is None:
            return said({"reason": "Not Found"}, 404)
        return said({"suggestions": found()[:count]})


def _begins(value: str, query: str) -> bool:
    words = value.lower().replace(",", " ").split()
    return all(any(one.startswith(part) for one in words) for part in query.lower().split())
