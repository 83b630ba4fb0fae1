"""One call of a shop: who, what, with which parameters; and how lists are paged."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from appliance.actions import references
from appliance.api.v5 import wire
from appliance.api.v5.errors import ACCESS_DENIED, PARAMETERS, Refused
from appliance.api.v5.wire import Form, Nested
from appliance.domain.access import Actor

LIMITS: Final = frozenset({20, 50, 100})
STORE_LIMITS: Final = frozenset({20, 50, 100, 250})
MOST_PAGES: Final = 1_000_000
MOST_ROWS: Final = 50
"""Entities in one upload."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the door knows of the box.

    Attributes:
        zone: times on the wire are meant in it.
        public_url: where the box is reached; empty: taken from the request's host.
    """

    zone: ZoneInfo
    public_url: str = ""


@dataclass(slots=True)
class Call:
    """A call whose key was good.

    Attributes:
        names: what stood in the variable places of the path, decoded once.
        query: nested parameters of the query string.
        form: fields of the body; empty for GET.
        sent: the entity being written, for naming values in errors.
        body: the raw body, of a call whose body is no form.
    """

    actor: Actor
    names: tuple[str, ...]
    query: Nested
    form: Form
    settings: Settings
    host: str = ""
    sent: Any = None
    what: str = ""
    body: bytes = b""

    @property
    def zone(self) -> ZoneInfo:
        """Of the box."""
        return self.settings.zone

    def given(self, name: str) -> str:
        """A plain parameter of the body or the query."""
        return self.form.get(name) or wire.text_of(self.query, name)

    def by(self, default: str = "externalId") -> str:
        """What the path names an entity by.

        Raises:
            Refused: neither `id` nor `externalId`.
        """
        by = self.given("by") or default
        if by not in {"id", "externalId"}:
            raise Refused(PARAMETERS, errors=["by: id or externalId is expected."])
        return by

    def filter(self, known: Mapping[str, Any] | frozenset[str]) -> dict[str, Any]:
        """The filter; a key that is not known is refused.

        To ignore it would give the caller the whole table in place of the part asked for.

        Raises:
            Refused: an unknown key.
        """
        given = self.query.get("filter", {})
        if isinstance(given, list) or not given:
            given = dict[str, Any]()
        if not isinstance(given, dict):
            raise Refused(PARAMETERS, errors=["filter: a map is expected."])
        wanted: dict[str, Any] = given  # pyright: ignore[reportUnknownVariableType]  keys are names
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise Refused(
                PARAMETERS, errors=[f"filter[{name}]: unknown filter." for name in unknown]
            )
        return wanted


async def shop_of(call: Call) -> str:
    """The shop a call is about: the key's own, else the one given, else the only one.

    Raises:
        Refused: the key is another shop's; or there are several and none was named.
    """
    site = call.given("site")
    if call.actor.shop:
        if site and site != call.actor.shop:
            raise Refused(ACCESS_DENIED, status=403)
        return call.actor.shop
    shops = [shop.code for shop in await references.list_shops(call.actor)]
    if site:
        if site not in shops:
            text = f'"Site" with "code"="{site}" does not exist.'
            raise Refused(PARAMETERS, errors={"site": text})
        return site
    if len(shops) == 1:
        return shops[0]
    raise Refused("Parameter 'site' is missing")


class Raw(NamedTuple):
    """Bytes that are no JSON, and how they are announced."""

    data: bytes
    headers: Mapping[str, str]


class Answer(NamedTuple):
    """What a call is answered with; `success` is added. `raw` goes out in place of a body."""

    body: dict[str, Any]
    status: int = 200
    raw: Raw | None = None


Handler = Callable[[Call], Awaitable[Answer]]


class Paging(NamedTuple):
    """Which page was asked for."""

    page: int
    limit: int

    def shown(self, total: int) -> dict[str, int]:
        """The `pagination` of an answer."""
        return {
            "limit": self.limit,
            "totalCount": total,
            "currentPage": self.page,
            "totalPageCount": -(-total // self.limit),
        }


def paging(call: Call, allowed: frozenset[int] = LIMITS, default: int = 20) -> Paging:
    """Read `page` and `limit`.

    Raises:
        Refused: a limit that is not one of those allowed.
    """
    limit = wire.integer_of(call.query, "limit")
    page = wire.integer_of(call.query, "page")
    if limit is not None and limit not in allowed:
        listed = ", ".join(str(one) for one in sorted(allowed))
        raise Refused(PARAMETERS, errors=[f"limit: one of {listed} is expected."])
    if page is not None and not 1 <= page <= MOST_PAGES:
        raise Refused(PARAMETERS, errors=["page: a number from 1 is expected."])
    return Paging(page or 1, limit or default)
