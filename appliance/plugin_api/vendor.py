"""The way to a service outside, with what every service does wrong handled once.

Thin over httpx, which is imported when the first request is made: it costs 20 MB.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import msgspec

from appliance.plugin_api.calls import Standing
from appliance.plugin_api.core import Core
from appliance.plugin_api.outcomes import Permanent, Retry
from appliance.plugin_api.pace import Pace

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

SECONDS: Final = 20.0
LONGEST_BODY: Final = 12 << 20
"""Bytes of an answer; a plugin may hold 90 MB in all."""

SHORT_PAUSE: Final = 10.0
"""A pause that the service names and that is no longer than this is waited for in place."""
LONGEST_PAUSE: Final = 86_400.0
"""A longer one is not believed: no limit is counted by more than a day, and clocks go wrong."""
PATIENCE: Final = 2
"""How often that is done for one request."""

TOO_MANY: Final = (420, 429)
ASKED_WRONGLY: Final = 400
NO_KEY: Final = 401
NO_RIGHT: Final = 403
BAD: Final = 500

PAUSES: Final = ("retry-after", "x-ratelimit-retry", "x-ratelimit-reset-after")
"""Headers that name a pause, in seconds or, the first, as a date (RFC 9110, 10.2.3)."""

PAUSES_MS: Final = ("x-lognex-retry-after",)
"""The same in milliseconds."""

_standing: dict[str, str] = {}
"""Account → what its journal said last: each state is said once, not with every request."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What the service answered.

    Attributes:
        headers: names in lower case.
        data: of the body, where it is JSON; else None.
    """

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
    data: Any = None

    @property
    def is_good(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300

    @property
    def pause(self) -> float:
        """Seconds of a pause that the service names, a day at most; 0 where it names none."""
        return _pause_of(self)

    def json(self, kind: type[T]) -> T:
        """The body as this struct, however loosely the service writes it.

        Numbers may be strings, unknown fields are passed over, a null stands for the default of
        its field.

        Raises:
            Retry: `answer_garbled`: it is something else.
        """
        try:
            return msgspec.convert(self.data, kind, strict=False)
        except msgspec.ValidationError:
            pass
        try:
            return msgspec.convert(_without_nulls(self.data), kind, strict=False)
        except msgspec.ValidationError:
            raise Retry("answer_garbled") from None


def _without_nulls(data: Any) -> Any:
    if isinstance(data, dict):
        known = cast("dict[Any, Any]", data)
        return {key: _without_nulls(one) for key, one in known.items() if one is not None}
    if isinstance(data, list):
        listed = cast("list[Any]", data)
        return [_without_nulls(one) for one in listed]
    return data


class Vendor:
    """One account of a service."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        pace: Pace | None = None,
        account: str = "main",
        timeout: float = SECONDS,
        *,
        queue: str = "",
        penalty: float = 0,
        transport: "httpx.AsyncBaseTransport | None" = None,
    ) -> None:
        """Make one; the first request connects.

        Args:
            base_url: what stands before every path.
            headers: sent with every request; keys of access, above all.
            pace: the service's limits; accounts share one.
            account: what is down when this service is; stands in the journal and the outbox.
            timeout: seconds of one request, the wait for its turn not counted.
            queue: of the account, that waits by itself: stock that must wait stops no orders.
            penalty: units that an answer of 4xx costs besides the request itself.
            transport: of httpx, in place of the way out through the host (tests).
        """
        self._base = base_url.rstrip("/")
        self._headers = dict(headers or {})
        self._pace = pace
        self._account = account
        self._key = f"{account}:{queue}" if queue else account
        self._timeout = timeout
        self._penalty = penalty
        self._transport = transport
        self._http: httpx.AsyncClient | None = None

    async def ask(
        self,
        core: Core,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        query: Mapping[str, str | int] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        key: str = "",
        cost: float = 1,
        pace: Pace | None = None,
        wants_json: bool = True,
        takes: Collection[int] = (),
        seconds: float = 0.0,
    ) -> Reply:
        """Make one request when its turn has come.

        Args:
            core: of the call that makes it.
            method: of HTTP.
            path: behind the base address; a whole address is taken as it is.
            json: sent as JSON; structs of msgspec, too.
            form: sent as a form.
            query: of the address.
            body: sent as it is.
            headers: of this request.
            key: what the service counts its limits by; the account if empty.
            cost: of this request, in the limits' units.
            pace: limits of this request, where a service has several.
            wants_json: what is good must be JSON; False for labels and other files.
            takes: statuses that the plugin reads itself: 401, where a token runs out; 500, where
                SOAP says so what it refuses; 420 and 429, where each operation has a limit of
                its own and the others may go on.
            seconds: that this one may take; 0: as any.

        Returns:
            the answer; a status of 4xx is the plugin's to read, but for those below.

        Raises:
            Pause: no answer, 5xx, 420 or 429, or 401, where the key is refused: everything for
                the account waits, and goes on by itself when it is back or the key is mended.
            Permanent: `access_refused`: 403, the key may not do this.
            Retry: `answer_garbled`: HTML or broken JSON; `answer_too_long`.
        """
        core.account(self._key)
        content, kind = _content(json, form, body)
        sent = {**self._headers, **({"content-type": kind} if kind else {}), **(headers or {})}
        url = path if "://" in path else f"{self._base}/{path.lstrip('/')}"
        kept, key = pace or self._pace, key or self._account
        for attempt in range(PATIENCE + 1):
            if kept is not None:
                await kept.take(key, cost)
            reply = await self._send(
                core, method, url, content, sent, query, seconds or self._timeout
            )
            if kept is not None and self._penalty and ASKED_WRONGLY <= reply.status < BAD:
                kept.charge(key, self._penalty)
            pause = _pause_of(reply)
            if reply.status not in TOO_MANY or reply.status in takes:
                return await self._read(core, reply, wants_json=wants_json, takes=takes)
            if kept is not None:
                kept.punish(key, pause or 1.0)
            if not 0 < pause <= SHORT_PAUSE or attempt == PATIENCE:
                await self._say(core, "too_many", "warn", seconds=int(pause))
                raise core.down(self._key, pause)
            if kept is None:
                await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def close(self) -> None:
        """Close the connections: the account was taken away or set otherwise."""
        if self._http is not None:
            await self._http.aclose()

    async def _send(
        self,
        core: Core,
        method: str,
        url: str,
        content: bytes | None,
        headers: Mapping[str, str],
        query: Mapping[str, str | int] | None,
        seconds: float,
    ) -> Reply:
        import httpx  # noqa: PLC0415 - it costs 20 MB, so it is loaded when needed

        # Made before the clock runs: with its certificates it takes a second of a busy machine.
        http = self._client()
        try:
            async with (
                asyncio.timeout(seconds),
                http.stream(
                    method,
                    url,
                    content=content,
                    headers=dict(headers),
                    params=query,
                    timeout=seconds,
                ) as answer,
            ):
                held = bytearray()
                async for chunk in answer.aiter_bytes():
                    held += chunk
                    if len(held) > LONGEST_BODY:
                        raise Retry("answer_too_long")
                return Reply(
                    status=answer.status_code, headers=dict(answer.headers), body=bytes(held)
                )
        except (httpx.TransportError, httpx.DecodingError, TimeoutError):
            await self._say(core, "down", "warn", status=0)
            raise core.down(self._key) from None

    def _client(self) -> "httpx.AsyncClient":
        if self._http is None:
            import httpx  # noqa: PLC0415 - see above

            # Addresses hold numbers of orders: httpx would write each into the log.
            logging.getLogger("httpx").setLevel(logging.WARNING)
            if self._transport is not None:
                self._http = httpx.AsyncClient(transport=self._transport)
            else:
                from appliance.plugin_api.http import client  # noqa: PLC0415 - the same

                self._http = client()
        return self._http

    async def _read(
        self, core: Core, reply: Reply, *, wants_json: bool, takes: Collection[int]
    ) -> Reply:
        if reply.status >= BAD and reply.status not in takes:
            await self._say(core, "down", "warn", status=reply.status)
            raise core.down(self._key, _pause_of(reply))
        if reply.status == NO_KEY and NO_KEY not in takes:
            await self._say(core, "access_refused", "bad", status=reply.status)
            raise core.down(self._key, code="access_refused")
        if reply.status == NO_RIGHT and NO_RIGHT not in takes:
            await self._say(core, "forbidden", "bad", status=reply.status)
            raise Permanent("access_refused")
        try:
            data = msgspec.json.decode(reply.body) if reply.body else None
        except msgspec.DecodeError:
            if reply.is_good and wants_json:
                await self._say(core, "answer_garbled", "warn", status=reply.status)
                raise Retry("answer_garbled") from None
            data = None
        if _standing.pop(self._key, ""):
            await core.journal("vendor.up", direction="out", account=self._account)
        return msgspec.structs.replace(reply, data=data)

    async def _say(self, core: Core, code: str, state: Standing, **data: Any) -> None:
        if _standing.get(self._key) == code:
            return
        _standing[self._key] = code
        await core.journal(
            f"vendor.{code}", direction="out", state=state, account=self._account, **data
        )


def _content(
    json: Any, form: Mapping[str, str] | None, body: bytes | None
) -> tuple[bytes | None, str]:
    if json is not None:
        return msgspec.json.encode(json), "application/json"
    if form is not None:
        from urllib.parse import urlencode  # noqa: PLC0415 - few services take forms

        return urlencode(form).encode(), "application/x-www-form-urlencoded"
    return body, ""


def _pause_of(reply: Reply) -> float:
    """Seconds of a pause that the service names; 0 where it names none."""
    for name in PAUSES_MS:
        text = reply.headers.get(name, "").strip()
        if text.isascii() and text.isdecimal():
            return min(int(text[:15]) / 1000, LONGEST_PAUSE)
    for name in PAUSES:
        text = reply.headers.get(name, "").strip()
        try:
            return min(max(0.0, float(text)), LONGEST_PAUSE)
        except ValueError:
            pass
        if text and (moment := _date(text)):
            left = (moment - datetime.now(UTC)).total_seconds()
            return min(max(0.0, left), LONGEST_PAUSE)
    return 0.0


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def forget() -> None:
    """Forget what was said of accounts; tests begin so."""
    _standing.clear()
