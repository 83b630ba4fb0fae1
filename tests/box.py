"""A box as its owner has it: made by `korobka init`, served by `korobka serve`, asked over TLS."""

import json
import os
import re
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from appliance.cli.texts import sentence

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "Ледоход-на-Ладоге-47"
PASSPHRASE = "семь синих свиристелей на рябине"
WAIT_SECONDS = 240.0
"""For what ends on its own in a second or two; a busy machine takes its time."""


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed as JSON.

    Attributes:
        facts: the JSON object; of a refusal `code`, `text` and `params`.
        errors: standard error.
    """

    exit: int
    facts: dict[str, Any]
    errors: str

    @property
    def code(self) -> str:
        """The code of the refusal; its sentence is checked to be the catalogue's on the way."""
        refusal = self.facts["error"]
        assert refusal["text"] == sentence(refusal["code"], refusal["params"])
        assert not refusal["text"].startswith("Не получилось."), "no sentence of its own"
        return refusal["code"]


@dataclass
class Box:
    """One box in `home/data`, with its key file beside it.

    Attributes:
        prefix: what commands are started through: `nsenter …` for a box in a namespace.
        seen_at: where `home` is seen from this process.
    """

    home: Path
    port: int
    prefix: Sequence[str] = ()
    seen_at: Path = field(default_factory=Path)
    born: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    server: "subprocess.Popen[bytes] | None" = None
    log_file: Path | None = None
    key: str = ""
    head: str = ""

    @property
    def data(self) -> Path:
        """The data folder as this process reaches it."""
        return self.seen_at / "data"

    @property
    def log(self) -> Path:
        return self.log_file or self.home / "serve.log"

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def command(self, *words: str) -> list[str]:
        return [*self.prefix, sys.executable, "-m", "appliance.cli", *words]

    def _surroundings(self) -> dict[str, str]:
        own = {k: v for k, v in os.environ.items() if not k.startswith("KOROBKA_")}
        return own | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | self.environment

    def run(self, *words: str, typed: str = "") -> Said:
        """Run one verb with `--json` on this box."""
        asked = [*words, "--data", str(self.home / "data"), "--json"]
        done = subprocess.run(
            self.command(*asked),
            input=typed,
            capture_output=True,
            text=True,
            timeout=WAIT_SECONDS,
            env=self._surroundings(),
            check=False,
        )
        lines = done.stdout.strip().splitlines()
        return Said(done.returncode, json.loads(lines[-1]) if lines else {}, done.stderr)

    def init(self, *words: str, unlock: str = "key-file") -> Said:
        """Make it."""
        opening = ("--unlock", unlock)
        typed = f"{PASSWORD}\n"
        if unlock == "passphrase":
            opening += ("--passphrase-file", "-")
            typed += f"{PASSPHRASE}\n"
        else:
            opening += ("--key-file", str(self.home / "box.key"))
        said = self.run(
            *("init", "--port", str(self.port), "--admin-password-file", "-"),
            *opening,
            *words,
            typed=typed,
        )
        if said.exit == 0:
            self.born = said.facts
        return said

    def serve(self, *, page: str = "/health") -> None:
        """Start the server and wait for its first answer."""
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(
                self.command("serve", "--data", str(self.home / "data")),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._surroundings(),
            )
        until, pause = time.monotonic() + WAIT_SECONDS, threading.Event()
        while True:
            assert self.server.poll() is None, self.log.read_text(encoding="utf-8")[-3000:]
            assert time.monotonic() < until, "no answer"
            try:
                with self.client() as client:
                    if client.get(page).status_code == 200:
                        return
            except (OSError, httpx.HTTPError):
                pause.wait(0.02)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End the server, if it runs."""
        server, self.server = self.server, None
        if server is None:
            return 0
        server.send_signal(number)
        return server.wait(WAIT_SECONDS)

    def trust(self) -> ssl.SSLContext:
        """Trusts this box's own authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.data / "tls" / "ca.pem"))

    def client(self, **settings: Any) -> httpx.Client:
        """A visitor of the staff door."""
        known = {"base_url": self.address, "timeout": 20.0, "trust_env": False}
        return httpx.Client(verify=self.trust(), **(known | settings))

    def api_key(self) -> str:
        """A new key with every scope for the first shop, from the running box."""
        scopes = ("order_read", "order_write", "customer_read", "reference_read")
        words = [part for scope in scopes for part in ("--scope", scope)]
        return self.run("api-key", "add", "shop", "--shop", "main", *words).facts["key"]


def csrf_of(page: str) -> str:
    """The token of a page's forms."""
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found, "a page without a form"
    return found[1]


@contextmanager
def browser(box: Box, login: str, password: str) -> Iterator[httpx.Client]:
    """A browser in which this person is signed in; a one-time password is changed on the way."""
    with box.client(follow_redirects=True) as client:
        fields = {"login": login, "password": password}
        client.headers["origin"] = box.address
        fields["csrf"] = csrf_of(client.get("/login").text)
        page = client.post("/login", data=fields)
        if page.url.path == "/me/password":
            change = {"current": password, "fresh": PASSWORD, "again": PASSWORD}
            page = client.post("/me/password", data={"csrf": csrf_of(page.text)} | change)
        assert page.status_code == 200, page.text
        yield client


def free_port() -> int:
    """A port of the loopback that nobody holds right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def order(number: int) -> dict[str, str]:
    """Fields of one order as a shop's module sends it; an invented buyer."""
    body = {
        "externalId": f"box-{number}",
        "firstName": "Аглая",
        "lastName": f"Незабудкина{'а' * (number % 3)}",
        "phone": f"+7 900 {number:07d}",
        "items": [{"productName": "Чайник", "quantity": 1, "initialPrice": 1500}],
    }
    return {"site": "main", "order": json.dumps(body, ensure_ascii=False)}


@contextmanager
def own_mounts() -> Iterator[tuple[list[str], Path]]:
    """A mount namespace that lives for a while; yields the way in and its root as seen from here.

    As an ordinary user it is a user namespace too, in which the caller is root.
    """
    kind = (
        ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    )
    holder = subprocess.Popen(
        [*kind, "sh", "-c", "echo in; exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin and holder.stdout
    try:
        assert select.select([holder.stdout], [], [], 10)[0]
        assert holder.stdout.readline() == b"in\n"
        own = ["--user", "--preserve-credentials"] if os.geteuid() else []
        yield (
            ["nsenter", "--target", str(holder.pid), "--mount", *own, "--"],
            Path(f"/proc/{holder.pid}/root"),
        )
    finally:
        holder.stdin.close()
        holder.wait(10)
