"""Every service outside as a fake on this machine, each with a panel, to play a shop's day.

`scripts/dev --vendors` starts it beside the box; `python -m scripts.vendors_box` alone. What is
typed into a plugin's settings is printed, and stands on the panels.
"""

import argparse
import importlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import httpx

from appliance.plugin_api.fakes import (
    TROUBLES,
    Fake,
    FakePush,
    FakeReply,
    FakeRequest,
    NoAnswer,
)
from scripts._connected import Box
from scripts.vendors_panel import PANEL, View, panel

T = TypeVar("T")
ROOT: Final = Path(__file__).resolve().parents[1]
FIRST_PORT: Final = 8701
Heard = Callable[[str, str], None]
NOT_THERE: Final = (LookupError, StopIteration, ValueError)
"""What a fake raises of a number that it does not know."""

LATE_SECONDS: Final = 60.0
"""Who waits for an answer that never comes has given up by then."""


class Stand:
    """One fake at its address.

    Attributes:
        server: that answers; its port is the fake's.
        box: where the service sends its webhooks to.
        beside: all that stand on this machine, for the links of the panel.
        heard: takes the path of a webhook and what became of it.
        one: held while the fake answers or is acted upon.
    """

    def __init__(
        self, name: str, fake: Fake, port: int, box: str, heard: Heard | None = None
    ) -> None:
        self.heard: Heard = heard or _say
        self.name = name
        self.fake = fake
        self.box = box
        self.said = ""
        self.is_bad = False
        self.beside: Sequence[Stand] = (self,)
        self.one = threading.RLock()
        stand = self

        class Door(_Door):
            def serve(self, request: FakeRequest) -> FakeReply:
                return stand.serve(request)

        self.server = _Server(("127.0.0.1", port), Door)
        self.server.daemon_threads = True

    @property
    def address(self) -> str:
        """What is typed into the plugin's settings."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def settings(self) -> dict[str, str]:
        """What is typed into the plugin's settings; a second address of the service is this one."""
        typed = {"address": self.address, **self.fake.settings()}
        return {
            name: self.address if name.endswith("address") and not value else value
            for name, value in typed.items()
        }

    def begin(self) -> None:
        """Answer from now on, in a thread."""
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def end(self) -> None:
        """Answer no more."""
        self.server.shutdown()
        self.server.server_close()

    def serve(self, request: FakeRequest) -> FakeReply:
        """Answer as the service, or as its panel.

        Raises:
            NoAnswer: the service suffers from that.
        """
        if request.path.startswith(PANEL):
            return self._panel(request)
        with self.one:
            try:
                return self.fake.take(request)
            finally:
                self._send()

    def _panel(self, request: FakeRequest) -> FakeReply:
        if request.method != "POST":
            with self.one:
                page = panel(self._view())
            headers = {"content-type": "text/html; charset=utf-8", "cache-control": "no-store"}
            return FakeReply(headers=headers, body=page.encode())
        typed, deed = request.form, request.path.removeprefix(f"{PANEL}/")
        with self.one:
            try:
                self._do(deed, typed)
            except Exception as error:  # noqa: BLE001 - whatever a fake refuses is shown
                self.said, self.is_bad = self._refused(deed, typed, error), True
            self._send()
        return FakeReply(status=303, headers={"location": PANEL})

    def _refused(self, deed: str, typed: dict[str, str], error: Exception) -> str:
        """Why nothing was done, for whoever pressed the button."""
        known = next((one for one in self.fake.deeds if one.name == deed), None)
        if known is None:
            return f"There is no such button: {deed}"
        if isinstance(error, NOT_THERE):
            given = ", ".join(f"{one.title} «{typed.get(one.name, '')}»" for one in known.fields)
            return f"{known.title}: there is nothing like that. {given}"
        return f"{known.title}: {error or type(error).__name__}"

    def _view(self) -> View:
        beside = tuple((one.fake.title, one.address + PANEL) for one in self.beside)
        return View(
            self.name, self.fake, self.settings(), self.box, beside, self.said, is_bad=self.is_bad
        )

    def _do(self, deed: str, typed: dict[str, str]) -> None:
        self.is_bad = False
        if deed == "_trouble":
            fake = self.fake
            chosen = typed.get("trouble", "")
            fake.trouble = next(one for one in TROUBLES if one == chosen)
            fake.pause = int(typed.get("pause") or 0)
            fake.copies = max(1, int(typed.get("copies") or 1))
            fake.reorder = "reorder" in typed
            self.box = typed.get("box", self.box).strip().rstrip("/")
            self.said = f"Trouble: {TROUBLES[fake.trouble]}"
            return
        self.fake.do(deed, **typed)
        self.said = f"Done: {next(one.title for one in self.fake.deeds if one.name == deed)}"

    def act(self, deed: Callable[[], T]) -> T:
        """Have something happen at the service, and what it tells the box sent."""
        with self.one:
            try:
                return deed()
            finally:
                self._send()

    def _send(self) -> None:
        pushes = self.fake.pushes()
        if pushes and self.box:
            told = (self.box, pushes, self.heard)
            threading.Thread(target=_pushed, args=told, daemon=True).start()


def _say(path: str, outcome: str) -> None:
    print(f"  webhook {path} → {outcome}", flush=True)


def _pushed(box: str, pushes: Sequence[FakePush], heard: Heard) -> None:
    # The box's authority is its own, made an hour ago on this machine.
    with httpx.Client(verify=False, timeout=10) as http:  # noqa: S501 - the loopback, see above
        for one in pushes:
            try:
                answer = http.request(
                    one.method,
                    f"{box}/{one.path.lstrip('/')}",
                    headers=dict(one.headers),
                    content=one.body,
                )
                heard(one.path, str(answer.status_code))
            except httpx.HTTPError as error:
                heard(one.path, type(error).__name__)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked went away before the answer: nothing to be told of."""


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: the second would wait 40 ms

    def serve(self, request: FakeRequest) -> FakeReply:
        raise NotImplementedError  # every door has its own, given when its fake is

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        request = FakeRequest(
            method=self.command,
            path=path,
            query=query,
            headers={key.lower(): value for key, value in self.headers.items()},
            body=body,
        )
        try:
            reply = self.serve(request)
        except NoAnswer as error:
            if error.is_late:
                time.sleep(LATE_SECONDS)
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing: the panel shows what was asked."""


for _method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
    # The library looks for a function of each method's name.
    setattr(_Door, f"do_{_method}", _Door._answer)  # pyright: ignore[reportPrivateUsage] - of this file


def found(only: Iterable[str] = ()) -> list[tuple[str, Callable[[], Fake]]]:
    """Plugins that have a fake, by name."""
    wanted = set(only)
    known: list[tuple[str, Callable[[], Fake]]] = []
    for file in sorted((ROOT / "plugins").glob("*/fake.py")):
        name = file.parent.name
        module = importlib.import_module(f"plugins.{name}.fake")
        kind: Any = getattr(module, "Fake", None)
        own = isinstance(kind, type) and issubclass(kind, Fake) and kind is not Fake
        if own and (not wanted or name in wanted):
            known.append((name, cast("Callable[[], Fake]", kind)))
    return known


def _connect(folder: Path, stands: Sequence[Stand]) -> None:
    """Connect every plugin in a box as soon as that answers, and send it the webhooks."""
    box = Box(folder)
    if not box.wait():
        return
    for one in stands:
        one.box = box.address
        wrong = box.connect(one.name, one.fake.title, one.settings())
        print(f"  {one.name:<24} {wrong or 'connected'}", flush=True)


def main() -> int:
    """Serve them until interrupted, or until whoever started this is gone."""
    parser = argparse.ArgumentParser(prog="scripts/dev --vendors", description=__doc__)
    parser.add_argument("--box", default="https://127.0.0.1:8443", help="where webhooks go to")
    parser.add_argument("--port", type=int, default=FIRST_PORT, help="of the first fake")
    parser.add_argument("--connect", type=Path, help="a box of scripts/demo to connect them in")
    parser.add_argument("only", nargs="*", help="names of plugins; all of them")
    asked = parser.parse_args()
    stands = [
        Stand(name, kind(), asked.port + place, asked.box)
        for place, (name, kind) in enumerate(found(asked.only))
    ]
    if not stands:
        print("no plugin has a fake.py with a class Fake", file=sys.stderr)
        return 1
    print("Services outside, as fakes. Type into each plugin's settings:")
    for one in stands:
        one.beside = stands
        one.begin()
        typed = ", ".join(f"{name} {value}" for name, value in one.settings().items())
        print(f"  {one.name:<24} {typed}\n{'':27}panel: {one.address}{PANEL}")
    sys.stdout.flush()
    if asked.connect:
        threading.Thread(target=_connect, args=(asked.connect, stands), daemon=True).start()
    parent = os.getppid()
    try:
        while os.getppid() == parent:
            time.sleep(1)
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
