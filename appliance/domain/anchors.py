"""Anchors: where checkpoints of the log are kept outside the box, and how long ago.

Pure: the clock and what was kept are given.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

import msgspec

from appliance.domain.personal import Personal

SETTING: Final = "audit.anchors"
CHECKED: Final = "audit.checked"

OLD: Final = timedelta(hours=26)
LATE: Final = timedelta(hours=72)
"""Age of the newest anchor that is to be looked at, and that is urgent (security.md C3)."""

MORNING: Final = time(8)
"""By the box's own clock: from then on a day's anchors are due."""

FIRST_RETRY: Final = timedelta(minutes=10)
LAST_RETRY: Final = timedelta(hours=2)
MOST_ADDRESSES: Final = 5


class AnchorKind(StrEnum):
    """Where to."""

    FILE = "file"
    MAIL = "mail"
    PAPER = "paper"


class AnchorState(StrEnum):
    """How it went; a letter waits until the mail server took it."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class AnchorRules(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner chose.

    Attributes:
        file: into the folders that copies go to.
        mail: by letter.
        paper: he prints a square code; the box reminds him of it.
        to: addresses of the letters, sealed.
    """

    file: bool = True
    mail: bool = False
    paper: bool = False
    to: bytes = b""


class RulesForm(msgspec.Struct, frozen=True, kw_only=True):
    """The same as it is shown and typed."""

    file: bool = True
    mail: bool = False
    paper: bool = False
    to: Personal[Sequence[str]] = Personal[Sequence[str]](())


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """One keeping of a checkpoint.

    Attributes:
        number: for people.
        place: folder, or how many addresses.
        size: of the checkpoint.
        by: number of who asked; 0: the box itself.
        code: why it failed.
    """

    number: int
    kind: AnchorKind
    state: AnchorState
    place: str
    size: int
    by: int
    made_at: datetime
    done_at: datetime | None = None
    code: str = ""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one try; `letter` is the letter that carries it."""

    kind: AnchorKind
    place: str
    size: int
    code: str = ""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands with one kind.

    Attributes:
        done_at: of the last that was kept.
        tried_at: of the last try.
        failures: tries in a row that failed.
    """

    done_at: datetime | None = None
    tried_at: datetime | None = None
    failures: int = 0


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What the box's own verifier found last; `at` None: it never ran."""

    at: datetime | None = None
    ok: bool = True
    size: int = 0
    place: str = ""
    first_bad: int = 0
    trusted: int = 0


class LogHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What the home screen says of the log.

    Attributes:
        kept_at: when the newest anchor was kept outside.
        ways: how many kinds kept one within `OLD` of it.
        code: why the last try failed.
    """

    kept_at: datetime | None = None
    ways: int = 0
    code: str = ""
    checked: Checked = Checked()


def is_due(tried: Tried, now: datetime, zone: tzinfo) -> bool:
    """Whether a kind is to be tried now: once a day from `MORNING` on; a failure comes again.

    Args:
        tried: how it stands.
        now: aware.
        zone: the box's own.
    """
    if tried.failures and tried.tried_at is not None:
        wait = min(FIRST_RETRY * 2 ** min(tried.failures - 1, 8), LAST_RETRY)
        if now - tried.tried_at < wait:
            return False
    if tried.done_at is None:
        return True
    local = now.astimezone(zone)
    morning = datetime.combine(local.date(), MORNING, zone)
    if local < morning:
        morning = datetime.combine(local.date() - timedelta(days=1), MORNING, zone)
    return tried.done_at < morning


def chosen(rules: RulesForm) -> tuple[AnchorKind, ...]:
    """The kinds the box carries out by itself; paper is a person's work."""
    picked = ((rules.file, AnchorKind.FILE), (rules.mail, AnchorKind.MAIL))
    return tuple(kind for wanted, kind in picked if wanted)


def health_of(
    kept: Mapping[AnchorKind, Tried], codes: Iterable[str], checked: Checked
) -> LogHealth:
    """Put together what the home screen says.

    Args:
        kept: kind → how it stands.
        codes: of the last tries that failed.
        checked: the last verification.
    """
    times = [one.done_at for one in kept.values() if one.done_at is not None]
    newest = max(times, default=None)
    ways = sum(1 for at in times if newest is not None and newest - at < OLD)
    return LogHealth(kept_at=newest, ways=ways, code=next(iter(codes), ""), checked=checked)
