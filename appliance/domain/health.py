"""What is well with a box and what is not: figures in, judged lines out, the worst on top.

Pure: whoever asks gives the figures and the time. A line carries a code and numbers; the words for
it belong to whoever shows it.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from appliance.domain.anchors import LATE as ANCHOR_LATE
from appliance.domain.anchors import OLD as ANCHOR_OLD
from appliance.domain.anchors import LogHealth
from appliance.domain.backups import CopyHealth, is_late
from appliance.domain.integrations import IntegrationHealth
from appliance.domain.releases import Release

SOON: Final = timedelta(days=14)
"""A certificate that ends sooner is to be looked at: the box renews its own a month before."""

LATE: Final = timedelta(minutes=15)
"""A chore or a delivery that is so late stands still: both are looked for every half minute."""

TIGHT, FULL = 80, 95
"""Percent of a disk or memory in use: to be looked at, and urgent."""

STUCK: Final = timedelta(days=1)
"""A mail server that took nothing for so long is no passing trouble."""

SKEW_SECONDS: Final = 60
"""So far may the clock be behind the newest entry of the log before it is called set back."""


class State(StrEnum):
    """How a line stands: well, look today, now, going on, not in use."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    RUN = "run"
    OFF = "off"


NO_COPIES: Final = CopyHealth()
NO_ANCHORS: Final = LogHealth()
_RANK: Final = {State.BAD: 0, State.WARN: 1, State.RUN: 2, State.OK: 3, State.OFF: 4}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One judged line.

    Attributes:
        code: what it is about and how it stands, `disk.full`: the key of its words.
        values: numbers, codes and ISO times for the words.
        fix: what can be done about it from here, or empty.
    """

    code: str
    state: State = State.OK
    values: dict[str, int | str] = {}
    fix: str = ""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What the process sees around itself. Sizes in bytes, times aware UTC.

    Attributes:
        certificate_until: None where it cannot be read.
        log_at: of the newest seal of the log.
        anchored_at: when somebody last laid a checkpoint from outside beside the log; None: never.
        log_began: with the box's first start.
        keys_apart: a place that takes keys of copies, too, is not the disk of the data.
        release: which one runs, and how its update stands.
    """

    since: datetime
    disk_total: int
    disk_free: int
    memory_total: int
    memory_free: int
    certificate_until: datetime | None
    certificate_own: bool
    database: str
    database_bytes: int
    index_names: int
    index_building: bool
    log_size: int
    log_at: datetime
    anchored_at: datetime | None = None
    log_began: datetime | None = None
    keys_apart: bool = True
    release: Release = Release()


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """Deliveries: how many wait, how many were given up, when the oldest was due."""

    waiting: int = 0
    dead: int = 0
    oldest: datetime | None = None


class Chore(msgspec.Struct, frozen=True, kw_only=True):
    """A chore of the timetable as its row stands."""

    kind: str
    run_at: datetime
    last_run_at: datetime | None = None
    attempts: int = 0
    last_error: str = ""
    runs: bool = False


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """How letters leave: whether an account is set, and since when its server takes none."""

    is_set: bool = False
    code: str = ""
    since: datetime | None = None


NO_MAIL: Final = Mail()


class PluginHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How plugins stand: how many, how many wait for approval; those that ought to run and do not.

    Attributes:
        stopped: name and code of why, of those in quarantine or broken that were approved.
        services: that they speak with.
    """

    count: int = 0
    waiting: int = 0
    stopped: tuple[tuple[str, str], ...] = ()
    services: IntegrationHealth = IntegrationHealth()


NO_PLUGINS: Final = PluginHealth()


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of people about their data whose legal term runs.

    Attributes:
        open: all of them.
        late, near: whose last day is over; whose is one of the next days.
        next: the nearest last day.
    """

    open: int = 0
    late: int = 0
    near: int = 0
    next: date | None = None


NO_TERMS: Final = Terms()


class Deciding(msgspec.Struct, frozen=True, kw_only=True):
    """What people have to decide about keys and requests.

    Attributes:
        asked: administrators who ask another one for a deed.
        approvals: destructions that are blocked and not agreed to.
        lost: requests whose person's key is gone without an act of destruction.
    """

    asked: int = 0
    approvals: int = 0
    lost: int = 0


NO_DECIDING: Final = Deciding()


class BareMoney(msgspec.Struct, frozen=True, kw_only=True):
    """Payments of the last weeks that need a fiscal receipt and have none.

    Attributes:
        count: of the newest payments; the page lists them all.
        oldest: when the first of them was paid.
    """

    count: int = 0
    oldest: datetime | None = None

    def state(self, now: datetime) -> State:
        """A day without a receipt is a breach of 54-FZ that costs; before, a till may be late."""
        if self.oldest is None:
            return State.OK
        return State.BAD if now - self.oldest > STUCK else State.WARN


NO_BARE: Final = BareMoney()


def judge(
    machine: Machine,
    queue: Queue,
    chores: Sequence[Chore],
    now: datetime,
    copies: CopyHealth = NO_COPIES,
    anchors: LogHealth = NO_ANCHORS,
    mail: Mail = NO_MAIL,
    plugins: PluginHealth = NO_PLUGINS,
    terms: Terms = NO_TERMS,
    bare: BareMoney = NO_BARE,
    deciding: Deciding = NO_DECIDING,
) -> list[Line]:
    """Every line, the worst on top, else in the order a person asks."""
    found = [
        Line(code="services.fine", values={"since": machine.since.isoformat()}),
        _queue(queue, now),
        _mail(mail, now),
        *([_terms(terms)] if terms.open else []),
        *([_bare(bare, now)] if bare.count else []),
        *_deciding(deciding),
        _chores(chores, now),
        _copies(copies, now, apart=machine.keys_apart),
        _database(machine),
        _share("disk", machine.disk_total, machine.disk_free),
        _share("memory", machine.memory_total, machine.memory_free),
        _certificate(machine, now),
        _log(machine, anchors),
        _anchor(machine, anchors, now),
        _clock(machine, now),
        *_plugins(plugins),
        *_services(plugins.services),
        *_release(machine.release, now),
    ]
    return sorted(found, key=lambda line: _RANK[line.state])


def worst(lines: Sequence[Line]) -> State:
    """The state of all together."""
    return min((line.state for line in lines), key=_RANK.__getitem__, default=State.OK)


def late(chores: Sequence[Chore], now: datetime) -> Iterator[Chore]:
    """Chores that should have run and do not."""
    return (one for one in chores if not one.runs and now - one.run_at > LATE)


def _queue(queue: Queue, now: datetime) -> Line:
    if queue.dead:
        values: dict[str, int | str] = {"count": queue.dead}
        return Line(code="queue.dead", state=State.BAD, values=values, fix="queue")
    if queue.oldest is not None and now - queue.oldest > LATE:
        values = {"count": queue.waiting, "minutes": (now - queue.oldest) // timedelta(minutes=1)}
        return Line(code="queue.late", state=State.WARN, values=values, fix="queue")
    return Line(code="queue.fine", values={"count": queue.waiting})


def _mail(mail: Mail, now: datetime) -> Line:
    if not mail.is_set:
        return Line(code="mail.off", state=State.OFF)
    if mail.since is None:
        return Line(code="mail.fine")
    values: dict[str, int | str] = {"code": mail.code, "at": mail.since.isoformat()}
    if now - mail.since > STUCK:
        return Line(code="mail.stuck", state=State.BAD, values=values)
    return Line(code="mail.waits", state=State.WARN, values=values)


def _plugins(plugins: PluginHealth) -> Iterator[Line]:
    """Nothing of a box that has none."""
    if plugins.stopped:
        name, reason = plugins.stopped[0]
        values: dict[str, int | str] = {
            "count": len(plugins.stopped), "name": name, "reason": reason,
        }  # fmt: skip
        yield Line(code="plugins.stopped", state=State.BAD, values=values, fix="plugins")
    elif plugins.waiting:
        values = {"count": plugins.waiting}
        yield Line(code="plugins.waiting", state=State.WARN, values=values, fix="plugins")
    elif plugins.count:
        yield Line(code="plugins.fine", values={"count": plugins.count})


def _services(found: IntegrationHealth) -> Iterator[Line]:
    """The worst that can be said of services; nothing of a box that has none."""
    values: dict[str, int | str]
    if found.refused:
        plugin, account = found.refused[0]
        values = {"count": len(found.refused), "name": plugin, "account": account}
        yield Line(code="integrations.refused", state=State.BAD, values=values, fix="plugins")
    if found.silent:
        plugin, account = found.silent[0]
        values = {"count": len(found.silent), "name": plugin, "account": account}
        yield Line(code="integrations.silent", state=State.WARN, values=values, fix="plugins")
    if found.keys:
        plugin, account, days = min(found.keys, key=lambda one: one[2])
        values = {"count": len(found.keys), "name": plugin, "account": account, "days": days}
        yield Line(code="integrations.key", state=State.WARN, values=values, fix="plugins")
    if found.dead:
        yield Line(
            code="integrations.dead",
            state=State.BAD,
            values={"count": found.dead},
            fix="plugins",
        )


def _release(release: Release, now: datetime) -> Iterator[Line]:
    """Nothing of a program whose release nobody named."""
    values: dict[str, int | str] = {"version": release.version}
    if (note := release.note) is not None:
        values |= {"version": note.version, "step": note.step, "at": note.began}
        if release.is_alive:
            yield Line(code="release.updating", state=State.RUN, values=values)
        else:
            yield Line(code="release.cut", state=State.BAD, values=values)
    elif (last := release.returned(now)) is not None:
        values |= {"version": last.version, "was": last.was, "at": last.ended}
        values |= {"step": last.failed, "code": last.code}
        yield Line(code="release.returned", state=State.WARN, values=values)
    elif release.version:
        yield Line(code="release.fine", values=values)


def _terms(terms: Terms) -> Line:
    day = terms.next.isoformat() if terms.next else ""
    values: dict[str, int | str] = {"count": terms.open, "day": day}
    if terms.late:
        return Line(code="terms.late", state=State.BAD, values=values | {"late": terms.late})
    if terms.near:
        return Line(code="terms.near", state=State.BAD, values=values | {"near": terms.near})
    return Line(code="terms.fine", values=values)


def _deciding(deciding: Deciding) -> Iterator[Line]:
    """Red from the first moment: whoever asked can do nothing but wait."""
    if deciding.asked:
        yield Line(code="hands.wait", state=State.BAD, values={"count": deciding.asked})
    if deciding.approvals:
        yield Line(code="approvals.wait", state=State.BAD, values={"count": deciding.approvals})
    if deciding.lost:
        yield Line(code="keys.lost", state=State.BAD, values={"count": deciding.lost})


def _bare(bare: BareMoney, now: datetime) -> Line:
    return Line(code="receipts.bare", state=bare.state(now), values={"count": bare.count})


def _chores(chores: Sequence[Chore], now: datetime) -> Line:
    failed = [one for one in chores if one.last_error]
    values: dict[str, int | str] = {"count": len(chores)}
    if failed:
        values = {"count": len(failed), "kind": failed[0].kind}
        return Line(code="chores.failed", state=State.WARN, values=values, fix="chores")
    if waiting := list(late(chores, now)):
        values = {"count": len(waiting), "kind": waiting[0].kind}
        return Line(code="chores.late", state=State.WARN, values=values, fix="chores")
    return Line(code="chores.fine", values=values)


def _copies(copies: CopyHealth, now: datetime, *, apart: bool = True) -> Line:
    if copies.made_at is None and not copies.code:
        return Line(code="backups.none", state=State.WARN)
    values: dict[str, int | str] = {"code": copies.code}
    if copies.proven_at is None:
        return Line(code="backups.unproven", state=State.BAD, values=values)
    values["at"] = copies.proven_at.isoformat()
    if is_late(copies.proven_at, now):
        return Line(code="backups.late", state=State.BAD, values=values)
    return _proven(copies, values, apart=apart)


def _proven(copies: CopyHealth, values: dict[str, int | str], *, apart: bool) -> Line:
    if copies.refuted:
        return Line(code="backups.refuted", state=State.BAD, values=values)
    if copies.code:
        return Line(code="backups.failed", state=State.WARN, values=values)
    if not apart:
        return Line(code="backups.near", state=State.WARN, values=values)
    return Line(code="backups.fine", values=values)


def _database(machine: Machine) -> Line:
    values: dict[str, int | str] = {
        "bytes": machine.database_bytes,
        "names": machine.index_names,
        "engine": machine.database,
    }
    if machine.index_building:
        return Line(code="database.building", state=State.RUN, values=values)
    return Line(code="database.fine", values=values)


def _share(what: str, total: int, free: int) -> Line:
    used = 100 * (total - free) // total if total else 0
    values: dict[str, int | str] = {"percent": used, "free": free}
    if used >= FULL:
        return Line(code=f"{what}.full", state=State.BAD, values=values)
    if used >= TIGHT:
        return Line(code=f"{what}.tight", state=State.WARN, values=values)
    return Line(code=f"{what}.fine", values=values)


def _certificate(machine: Machine, now: datetime) -> Line:
    until = machine.certificate_until
    if until is None:
        return Line(code="certificate.missing", state=State.BAD)
    values: dict[str, int | str] = {"days": (until - now).days, "until": until.isoformat()}
    fix = "chore:tls.renew" if machine.certificate_own else ""
    if until <= now:
        return Line(code="certificate.over", state=State.BAD, values=values, fix=fix)
    if until - now < SOON:
        return Line(code="certificate.soon", state=State.WARN, values=values, fix=fix)
    return Line(code="certificate.fine", values=values)


def _log(machine: Machine, anchors: LogHealth) -> Line:
    found = anchors.checked
    values: dict[str, int | str] = {"entries": machine.log_size}
    if found.at is None:
        return Line(code="log.unchecked", values=values)
    values |= {"at": found.at.isoformat(), "size": found.size}
    if not found.ok:
        values |= {"place": found.place, "first_bad": found.first_bad}
        return Line(code="log.broken", state=State.BAD, values=values)
    return Line(code="log.fine", values=values)


def _anchor(machine: Machine, anchors: LogHealth, now: datetime) -> Line:
    values: dict[str, int | str] = {"entries": machine.log_size, "ways": anchors.ways}
    values["failure"] = anchors.code
    times = [one for one in (machine.anchored_at, anchors.kept_at) if one is not None]
    if not times:
        # A box that is new is given the time to be set up.
        new = machine.log_began is None or now - machine.log_began < ANCHOR_LATE
        return Line(
            code="anchor.none" if new else "anchor.never",
            state=State.WARN if new else State.BAD,
            values=values,
        )
    at = max(times)
    values["at"] = at.isoformat()
    if now - at > ANCHOR_LATE:
        return Line(code="anchor.late", state=State.BAD, values=values)
    if now - at > ANCHOR_OLD:
        return Line(code="anchor.old", state=State.WARN, values=values)
    return Line(code="anchor.fine", values=values)


def _clock(machine: Machine, now: datetime) -> Line:
    behind = int((machine.log_at - now).total_seconds())
    values: dict[str, int | str] = {"seconds": behind, "now": now.isoformat()}
    if behind > SKEW_SECONDS:
        return Line(code="clock.back", state=State.BAD, values=values)
    return Line(code="clock.fine", values=values)
