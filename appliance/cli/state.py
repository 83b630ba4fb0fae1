"""Looking at a box from outside: does it run, does it answer over TLS, and until when."""

import hashlib
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from appliance.cli import supervisor
from appliance.cli.client import House
from appliance.config import Config, checks
from appliance.errors import HouseError

ANSWER_SECONDS = 5.0
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Tls:
    """What the staff door answered.

    Attributes:
        expires_at: end of the served certificate, aware UTC; None when there was no answer.
        problem: why there was none; empty when all is well.
    """

    expires_at: datetime | None
    problem: str = ""


@dataclass(frozen=True)
class State:
    """One look at a box.

    Attributes:
        pid: of the background process; None under systemd or when it does not run.
        is_open: the vault; None when the box did not say.
    """

    is_running: bool
    pid: int | None
    is_open: bool | None
    tls: Tls


def look(config: Config) -> State:
    """Look once. Takes at most `ANSWER_SECONDS` per question."""
    running = is_running(config)
    return State(
        is_running=running,
        pid=supervisor.holder(config),
        is_open=_is_open(config) if running else None,
        tls=shake_hands(config) if running else Tls(None, "not_running"),
    )


def wait(
    config: Config, seconds: float, *, is_hopeless: Callable[[], bool] = lambda: False
) -> State:
    """Look until the box answers over TLS, the time is up or there is nothing to wait for."""
    pause, until = threading.Event(), time.monotonic() + seconds
    while shake_hands(config).problem and time.monotonic() < until and not is_hopeless():
        pause.wait(POLL_SECONDS)
    return look(config)


def is_running(config: Config) -> bool:
    """A server holds the data folder.

    Raises:
        HouseError: `no_access`.
    """
    try:
        return checks.is_held(config.data)
    except PermissionError as error:
        raise HouseError("no_access") from error


def shake_hands(config: Config) -> Tls:
    """Ask the staff door for a page, trusting the box's own authority (or the system's)."""
    authority = config.tls / "ca.pem"
    trust = ssl.create_default_context(cafile=str(authority) if authority.exists() else None)
    # A brought certificate knows the public name only; the box's own knows its addresses too.
    brought = not authority.exists() and bool(config.box.hosts)
    extensions = {"sni_hostname": config.box.hosts[0]} if brought else {}
    try:
        with (
            httpx.Client(verify=trust, timeout=ANSWER_SECONDS, trust_env=False) as client,
            client.stream("GET", config.local_address, extensions=extensions) as answer,
        ):
            stream = answer.extensions["network_stream"]
            shown = stream.get_extra_info("ssl_object").getpeercert()
            expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
            return Tls(expires, "" if answer.status_code < 500 else f"http_{answer.status_code}")
    except httpx.HTTPError as error:
        return Tls(None, type(error).__name__)


def fingerprint(config: Config) -> str | None:
    """SHA-256 of the box's authority as `AB:CD:…`; None where the firm brought a certificate."""
    try:
        pem = (config.tls / "ca.pem").read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise HouseError("no_access") from error
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).digest().hex(":").upper()


def is_locked(config: Config) -> bool:
    """Whether a box that is up has no keys: without a person it will not answer."""
    return is_running(config) and _is_open(config) is False


def _is_open(config: Config) -> bool | None:
    try:
        with House(config.admin_socket) as house:
            return house.ask("/status").get("open") is True
    except HouseError:
        return None
