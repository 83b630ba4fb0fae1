"""Accounts at МойСклад: the way there, its limits, its times and references."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, cast
from uuid import UUID

from appliance.plugin_api.core import Core
from appliance.plugin_api.outcomes import Permanent, Retry
from appliance.plugin_api.pace import Pace
from appliance.plugin_api.vendor import Reply, Vendor

BASE: Final = "https://api.moysklad.ru/api/remap/1.2"
UNITS: Final = 45
"""Units that one user may use up in 3 s (its «Ограничения», July 2026)."""
SECONDS: Final = 3.0
COST: Final = 4
"""Units of a request made with a user's token, from 01.12.2026; before that it is less."""
MOSCOW: Final = timezone(timedelta(hours=3))
"""All its times stand in Moscow time without a mark."""
DISABLE_OWN: Final = "x-lognex-webhook-disablebyprefix"


class Side:
    """One account.

    Attributes:
        code: of the account.
        join: field of its goods that holds our article: `article`, `code` or `externalCode`.
        store: name of its warehouse; empty: the first.
        organization: name of its own organization; empty: the first.
        hook: secret part of the address that its pushes come to; empty: none are taken.
    """

    def __init__(
        self, code: str, settings: Mapping[str, Any], pace: Pace, transport: Any = None
    ) -> None:
        """Args: transport: of httpx, in place of the way out through the host (tests)."""
        self.code = code
        self.base = str(settings.get("address") or BASE).rstrip("/")
        self.token = str(settings.get("token") or "")
        self.join = str(settings.get("join") or "article")
        self.store = str(settings.get("store") or "")
        self.organization = str(settings.get("organization") or "")
        self.hook = str(settings.get("hook") or "")
        self.box = str(settings.get("box_address") or "").rstrip("/")
        self.known: dict[str, str] = {}
        headers = {
            "authorization": f"Bearer {self.token}",
            "accept-encoding": "gzip",  # without it the answer is 415
            "accept": "application/json;charset=utf-8",
        }
        if self.box:
            headers[DISABLE_OWN] = self.box
        self._vendor = Vendor(self.base, headers, pace, account=code, transport=transport)

    async def ask(
        self,
        core: Core,
        method: str,
        path: str,
        *,
        json: Any = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Reply:
        """One request; two accounts of one token share its limit.

        Raises:
            Pause, Permanent, Retry: as `Vendor.ask`.
            Retry: `error_in_answer`: a good status, and errors in place of what was asked for: they
                are no empty list of orders, goods or stock.
        """
        headers = {"content-type": "application/json;charset=utf-8"} if json is not None else None
        reply = await self._vendor.ask(
            core, method, path, json=json, query=query, headers=headers, key=self.token, cost=COST
        )
        if reply.is_good and listed(inside({"data": reply.data}, "data"), "errors"):
            raise Retry("error_in_answer")
        return reply

    def meta(self, kind: str, ident: str | UUID, of: str = "") -> dict[str, Any]:
        """A reference to one of its records, under the address it is asked at.

        Args:
            kind: type of the record.
            ident: its id.
            of: path to it where that is not the type, as `customerorder/metadata/states`.
        """
        href = f"{self.base}/entity/{of or kind}/{ident}"
        return {"meta": {"href": href, "type": kind, "mediaType": "application/json"}}


class Sides:
    """Keeps one way for each account, made anew when its settings change."""

    def __init__(self) -> None:
        self.transport: Any = None
        self._pace = Pace(UNITS, SECONDS)
        self._known: dict[str, tuple[dict[str, Any], Side]] = {}

    def find(self, core: Core, code: str) -> Side | None:
        """The account of this code; None: there is none, or it is off."""
        account = next((one for one in core.accounts() if one.code == code), None)
        if account is None:
            return None
        settings = dict(account.settings)
        known = self._known.get(code)
        if known is None or known[0] != settings:
            known = settings, Side(code, settings, self._pace, self.transport)
            self._known[code] = known
        return known[1]

    def of(self, core: Core, code: str) -> Side:
        """The same.

        Raises:
            Permanent: `account_off`.
        """
        side = self.find(core, code)
        if side is None:
            raise Permanent("account_off")
        return side

    def every(self, core: Core) -> list[Side]:
        """Every account that is on."""
        found = (self.find(core, one.code) for one in core.accounts())
        return [one for one in found if one is not None]

    def begin_anew(self, transport: Any = None, pace: Pace | None = None) -> None:
        """Forget what is known; tests do."""
        self.transport = transport
        self._pace = pace or Pace(UNITS, SECONDS)
        self._known.clear()


SIDES: Final = Sides()


def written(moment: datetime) -> str:
    """A moment as МойСклад writes it.

    >>> written(datetime(2026, 3, 1, 22, 30, tzinfo=UTC))
    '2026-03-02 01:30:00'
    """
    return moment.astimezone(MOSCOW).strftime("%Y-%m-%d %H:%M:%S")


def moment_of(text: str) -> datetime:
    """A moment of its; its fractions of a second are kept.

    >>> moment_of("2026-03-02 01:30:00.250").isoformat()
    '2026-03-01T22:30:00.250000+00:00'
    """
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW).astimezone(UTC)


def inside(record: Mapping[str, Any] | None, name: str) -> dict[str, Any]:
    """A record within a record; empty where there is none."""
    found: Any = None if record is None else record.get(name)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def listed(record: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of records within a record."""
    found: Any = record.get(name)
    rows = cast("list[Any]", found) if isinstance(found, list) else []
    return [cast("dict[str, Any]", row) for row in rows if isinstance(row, dict)]


def ident_of(record: Mapping[str, Any] | None) -> str:
    """Id of a record or of a reference: the last part of its address, which is never called."""
    if not record:
        return ""
    if record.get("id"):
        return str(record["id"])
    href = str(inside(record, "meta").get("href") or "")
    return href.split("?", maxsplit=1)[0].rstrip("/").rpartition("/")[2]


def refusal_of(reply: Reply) -> str:
    """Why it refuses, as a code: `error_` and its number."""
    found = listed({"data": reply.data} | inside({"data": reply.data}, "data"), "errors")
    code = found[0].get("code") if found else None
    return f"error_{code}" if isinstance(code, int) else f"status_{reply.status}"


def rows_of(reply: Reply) -> list[dict[str, Any]]:
    """Rows of a list; none where it refuses or says something else."""
    if not reply.is_good:
        return []
    said = {"data": reply.data}
    return listed(said, "data") or listed(inside(said, "data"), "rows")
