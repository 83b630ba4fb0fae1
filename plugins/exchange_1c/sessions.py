"""Sessions of a client: how they begin, are found again, end, and make up a run (reference 2)."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable

import msgspec

from plugins.exchange_1c.protocol import Command

LIFE = 24 * 3600
IDLE = 2 * 3600
RUN_GAP = 10 * 60
"""Seconds between sessions of one login that still belong to one exchange of the user's."""
FAILURES = 5
"""Wrong passwords of one login in a minute, before it has to wait."""


class Session(msgspec.Struct, kw_only=True):
    """One session, which for УТ 11 and УНФ is one portion.

    Attributes:
        token: value of the cookie.
        kind: `catalog`, `sale` or `reference`.
        begun, seen: seconds since 1970.
        run: number of the exchange it belongs to.
        version, cml_version: what `init` was told; later calls do not repeat it.
        uploading, upload: name and id of the file whose pieces are arriving; empty when another
            call came: the next piece of that name begins it anew.
    """

    token: str
    login: str
    kind: str
    begun: int
    seen: int
    run: int
    version: str = ""
    cml_version: str = ""
    uploading: str = ""
    upload: str = ""
    agent: str = ""

    @property
    def sessid(self) -> str:
        """What goes into addresses: it stands in logs of proxies, so the token cannot be it."""
        return hashlib.sha256(self.token.encode()).hexdigest()[:32]

    def alive(self, now: int) -> bool:
        """Whether it may still be used."""
        return now - self.begun < LIFE and now - self.seen < IDLE


def begin(command: Command, login: str, run: int, now: int) -> Session:
    """A new session; 128 bits of chance name it."""
    return Session(
        token=secrets.token_hex(16),
        login=login,
        kind=command.type,
        begun=now,
        seen=now,
        run=run,
        agent=command.agent,
    )


def find(command: Command, login: str, known: Iterable[Session], now: int) -> Session | None:
    """The session a call belongs to: by its cookie, else the newest of this login and type.

    Some clients drop cookies; a wrong `sessid` is refused by the caller.
    """
    mine = [one for one in known if one.login == login and one.alive(now)]
    if command.cookie:
        named = (one for one in mine if hmac.compare_digest(_raw(one.token), _raw(command.cookie)))
        return next(named, None)
    of_type = [one for one in mine if one.kind == command.type]
    return max(of_type, key=lambda one: (one.seen, one.begun), default=None)


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def sessid_fits(command: Command, session: Session) -> bool:
    """Missing and empty are fine; only a wrong one is not."""
    given = command.sessid.removeprefix("sessid=")
    return not given or hmac.compare_digest(_raw(given), session.sessid.encode())


def run_of(login: str, known: Iterable[Session], now: int) -> int:
    """Number of the run a new session belongs to; 0: a new one begins."""
    recent = [one for one in known if one.login == login and now - one.seen < RUN_GAP]
    return max((one.run for one in recent), default=0)


class Doorkeeper:
    """Knows the one login of the connection and slows down who guesses.

    Attributes:
        login: of the connection.
    """

    def __init__(self, login: str, password: str) -> None:
        self.login, self._password = login, password
        self._failures: list[int] = []

    def admit(self, command: Command, now: int) -> str:
        """Empty when login and password are right, else the code of the refusal."""
        if not command.has_authorization:
            return "no_authorization"
        self._failures = [at for at in self._failures if now - at < 60]
        if len(self._failures) >= FAILURES:
            return "too_often"
        if not self.login or not self._password:
            return "no_password"
        # Every pair is compared whole, so that time tells nothing.
        fits = [
            hmac.compare_digest(_raw(login), _raw(self.login))
            & hmac.compare_digest(_raw(password), _raw(self._password))
            for login, password in command.logins
        ]
        if any(fits):
            return ""
        self._failures.append(now)
        return "wrong_password"
