"""What plugins of marketplaces do alike, whichever side they talk to.

Handing postings to the box, telling how a wish ended, sending figures that were read a moment
before they go, keeping how far a round came, one way out for each account. The plugin brings the
client, the mapping, and these sentences of its catalogue: `postings_taken`, `posting_refused`,
`status_unknown`, `deed_refused`, `done_<deed>`, `stock_refused`, `price_refused`, `price_zero`,
`key_ends`, `key_days`, `connected`.
"""

from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from appliance.plugin_api.calls import Row, Value, utc_now
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import Finding
from appliance.plugin_api.messages import Account
from appliance.plugin_api.outcomes import Permanent, Retry, for_each
from appliance.plugin_api.postings import (
    Deed,
    LineOut,
    Posting,
    PostingIn,
    PriceDue,
    PriceSent,
    StockDue,
    StockSent,
)

if TYPE_CHECKING:
    import httpx

W = TypeVar("W")
L = TypeVar("L", bound=Hashable)

ROUND: Final = timedelta(seconds=50)
"""A round of sending ends before the next begins."""
PAGE: Final = 100
"""Postings told at once: the box takes them in one transaction, and people wait for its end."""
HINTS: Final = 50
"""Pushed postings that one round reads."""
WARN: Final = timedelta(days=14)
"""Before a key of access ends."""
LATER: Final = 3600
"""Seconds after which what is refused for good is tried again: somebody may have mended it."""
TEXT: Final = 64
"""Characters of an id or a word of the other side in the journal."""


class Clock:
    """Time for jobs and wishes; tests set another."""

    def __init__(self) -> None:
        self.now: Callable[[], datetime] = utc_now


CLOCK: Final = Clock()
_told: Final[set[tuple[str, str]]] = set()
"""(account, posting) whose refusal is in the journal: one that waits there is met every minute."""


def forget() -> None:
    """Forget what was told; tests begin so."""
    _told.clear()


class Ways(Generic[W]):
    """Ways to the other side by account, made anew when somebody changes the settings.

    Attributes:
        transport: in place of the way out (tests).
    """

    def __init__(self, make: Callable[[Account, "httpx.AsyncBaseTransport | None"], W]) -> None:
        """Args: make: what makes a way of an account's settings."""
        self.transport: httpx.AsyncBaseTransport | None = None
        self._make = make
        self._made: dict[str, tuple[tuple[str, dict[str, Value]], W]] = {}

    def of(self, core: Core) -> tuple[W, ...]:
        """Of the accounts that are switched on."""
        return tuple(self._way(one) for one in core.accounts())

    def one(self, core: Core, code: str) -> W | None:
        """Of the account of this code, where it is switched on."""
        return next((self._way(one) for one in core.accounts() if one.code == code), None)

    def _way(self, one: Account) -> W:
        told = (one.title, dict(one.settings))
        known = self._made.get(one.code)
        if known is not None and known[0] == told:
            return known[1]
        way = self._make(one, self.transport)
        self._made[one.code] = (told, way)
        return way

    def forget(self) -> None:
        """Make all ways anew (tests)."""
        self._made.clear()


def setting(one: Account, name: str) -> str:
    """A setting of an account as text without blanks around it."""
    return str(one.settings.get(name) or "").strip()


# --- postings in ---


async def give(core: Core, account: str, given: Sequence[PostingIn]) -> int:
    """Give postings to the box, however many; how many orders were made.

    What the box refuses, and words nobody has told the plugin of, are said in the journal and
    stop nothing.
    """
    created = 0
    for start in range(0, len(given), PAGE):
        page = given[start : start + PAGE]
        done = await core.markets.put(account, page)
        for one, fate in zip(page, done.fates, strict=True):
            if fate == "refused" and (account, one.id) not in _told:
                _told.add((account, one.id))
                await core.journal(
                    "posting_refused", direction="in", state="bad", posting=one.id[:TEXT]
                )
            elif one.state == "unknown" and fate in ("created", "changed"):
                await _say_unknown(core, one)
        created += done.fates.count("created")
    if created:
        await core.journal("postings_taken", direction="in", created=created)
    return created


async def _say_unknown(core: Core, one: PostingIn) -> None:
    await core.journal(
        "status_unknown",
        direction="in",
        state="warn",
        posting=one.id[:TEXT],
        status=one.raw_status[:TEXT],
        substatus=one.raw_substatus[:TEXT],
    )


async def say_once(core: Core, account: str, code: str, postings: Iterable[str]) -> None:
    """Say something of postings in the journal, of each once for ever.

    What was said lies in the plugin's table `said`: `account`, `code` and `posting`, text, all of
    them its key.
    """
    keys: list[tuple[Value, ...]] = [(account, code, one[:TEXT]) for one in sorted(postings)]
    for start in range(0, len(keys), PAGE):
        part = keys[start : start + PAGE]
        known = {row.values["posting"] for row in await core.rows_get("said", part)}
        fresh = [str(one[2]) for one in part if one[2] not in known]
        for posting in fresh:
            await core.journal(code, direction="in", state="warn", posting=posting)
        rows = [Row(values={"account": account, "code": code, "posting": one}) for one in fresh]
        if rows:
            await core.rows_put("said", rows)


async def marks(core: Core, account: str) -> tuple[datetime | None, datetime | None]:
    """How far an account was read: what changed until then, and the last look at everything.

    They lie in the plugin's table `marks`: `account` text (key), `since` and `whole` time.
    """
    rows = await core.rows_get("marks", [(account,)])
    if not rows:
        return None, None
    since, whole = rows[0].values.get("since"), rows[0].values.get("whole")
    return _moment(since), _moment(whole)


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None


async def mark(core: Core, account: str, since: datetime, whole: datetime) -> None:
    """Keep both."""
    values: dict[str, Value] = {
        "account": account,
        "since": since.isoformat(),
        "whole": whole.isoformat(),
    }
    await core.rows_put("marks", [Row(values=values)])


# --- hints of pushes: told there, read here ---


async def hint(core: Core, account: str, posting: str) -> None:
    """Remember that a posting changed; it is read by the next round.

    Hints lie in the plugin's table `hints`: `account` and `posting`, text, both of them its key.
    """
    await core.rows_put("hints", [Row(values={"account": account, "posting": posting[:TEXT]})])


async def hinted(core: Core, look: Callable[[Core, str, str], Awaitable[object]]) -> None:
    """Read the postings that pushes spoke of; `look` is given (core, account, posting).

    Raises:
        Pause, Retry, Permanent: of an account, when the others had their turn; its hints stay.
    """
    by_account: dict[str, list[str]] = {}
    for row in await core.rows_scan("hints", limit=HINTS):
        by_account.setdefault(str(row.values["account"]), []).append(str(row.values["posting"]))

    async def read(account: str) -> None:
        stopped: Exception | None = None
        for posting in by_account[account]:
            try:
                await look(core, account, posting)
            except (Permanent, Retry) as error:
                stopped = error  # this one is garbled; the others are not
                continue
            await core.rows_delete("hints", [(account, posting)])
        if stopped is not None:
            raise stopped

    await for_each(by_account, read)


# --- wishes ---


def lacks_codes(lines: Iterable[LineOut], kinds: Collection[str]) -> bool:
    """Whether a piece misses a code that is due and that the other side takes."""
    return any(
        [code.partition(":")[0] for code in line.codes].count(kind) < line.quantity
        for line in lines
        for kind in line.requires
        if kind in kinds
    )


def spread(lines: Sequence[tuple[L, int]], boxes: int) -> list[list[tuple[L, int]]]:
    """Lay pieces of lines into so many boxes, one after another, as evenly as it goes.

    >>> spread([("cup", 3), ("tea", 2)], 2)
    [[('cup', 3)], [('tea', 2)]]
    >>> spread([("cup", 1)], 5)
    [[('cup', 1)]]
    """
    pieces = [line for line, count in lines for _ in range(count)]
    boxes = min(max(boxes, 1), len(pieces))
    edges = [-(-len(pieces) * place // boxes) for place in range(boxes + 1)] if boxes else []
    return [
        [(line, part.count(line)) for line in dict.fromkeys(part)]
        for part in (pieces[first:last] for first, last in pairwise(edges))
    ]


def boxes_of(posting: Posting) -> int:
    """Into how many boxes a colleague packed it."""
    text = posting.data.get("boxes", "")
    return int(text) if text.isdecimal() else 1


async def finish(core: Core, posting: Posting, deed: Deed, code: str = "") -> None:
    """Tell the box and the journal how a wish ended; `code` of a refusal, empty: well."""
    if code:
        await core.journal(
            "deed_refused", direction="out", state="bad", kind="order",
            number=posting.order_number, deed=deed, why=code,
        )  # fmt: skip
    else:
        await core.journal(
            f"done_{deed}", direction="out", kind="order", number=posting.order_number
        )
    await core.markets.done(posting.id, deed, code)


# --- figures out ---


def sent(one: StockDue, code: str = "", again: int = 0) -> StockSent:
    """What was said to a figure; `again`: seconds before it may go again."""
    return StockSent(
        article=one.article, quantity=one.quantity, mark=one.mark, code=code, again_after=again
    )


def priced(one: PriceDue, code: str = "", again: int = 0) -> PriceSent:
    """What was said to a price."""
    return PriceSent(article=one.article, price=one.price, code=code, again_after=again)


async def send_stock(
    core: Core,
    account: str,
    most: int,
    turn: Callable[[], Awaitable[object]],
    put: Callable[[Sequence[StockDue]], Awaitable[Sequence[StockSent]]],
    quiet: Collection[str] = (),
) -> None:
    """Tell an account what it may sell, as long as there is something and the round lasts.

    Args:
        core: of the job.
        account: its code.
        most: figures in one request.
        turn: waits until the limits let a request go; only then are the figures read.
        put: sends them at once, and says what became of each.
        quiet: codes that need no line in the journal: they mend themselves.
    """
    until = CLOCK.now() + ROUND
    while CLOCK.now() < until:
        await turn()
        due = await core.markets.stock_due(account, most)
        if not due:
            return
        answers = await put(due)
        await core.markets.stock_sent(account, answers)
        await _say_refused(core, "stock_refused", answers, quiet)


async def send_prices(
    core: Core,
    account: str,
    most: int,
    put: Callable[[Sequence[PriceDue]], Awaitable[Sequence[PriceSent]]],
    quiet: Collection[str] = (),
) -> None:
    """Tell an account its prices; one of zero never goes.

    `put` names `again_after` with every refusal: one that may go again at once would go for ever.
    """
    while True:
        found = await core.markets.prices_due(account, most)
        if found.zero:
            await core.journal("price_zero", state="warn", rows=found.zero)
        if not found.due:
            return
        answers = await put(found.due)
        await core.markets.prices_sent(account, answers)
        await _say_refused(core, "price_refused", answers, quiet)


async def _say_refused(
    core: Core,
    code: str,
    answers: Sequence[StockSent] | Sequence[PriceSent],
    quiet: Collection[str],
) -> None:
    refused = [one for one in answers if one.code and one.code not in quiet]
    if refused:
        await core.journal(
            code, direction="out", state="warn", rows=len(refused),
            why=refused[0].code, article=refused[0].article[:100],
        )  # fmt: skip


# --- keys of access ---


async def key_found(core: Core, account: str, until: datetime | None) -> Finding:
    """Tell the box when a key ends, and make it a finding of the test; None: nobody knows."""
    await core.key_until(account, until)
    if until is None:
        return Finding(code="connected", is_good=True, account=account)
    left = until - CLOCK.now()
    days = {"days": max(left.days, 0)}
    return Finding(code="key_days", is_good=left > WARN, numbers=days, account=account)


async def warn_key(core: Core, account: str, until: datetime | None) -> None:
    """Keep when a key ends, and say it in the journal two weeks before."""
    found = await key_found(core, account, until)
    if not found.is_good:
        days = found.numbers["days"]
        await core.journal("key_ends", state="warn", account=account, days=days)


def ids_of(one: StockDue | PriceDue, *names: str) -> Mapping[str, int]:
    """Numeric ids of an offer on the other side; empty, unless all of these are known."""
    found = {name: one.ids.get(name, "") for name in names}
    if not all(text.isdigit() for text in found.values()):
        return {}
    return {name: int(text) for name, text in found.items()}
