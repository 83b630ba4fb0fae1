"""The fake operator behind an address, for whoever writes a client or tries the conformance test.

`python -m plugins.fulfillment_http.serving --port 8090 --key KEY --secret SECRET --hook URL`
"""

import argparse
import sys
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

from appliance.plugin_api.fakes import FakePush, FakeRequest, NoAnswer
from plugins.fulfillment_http.fake import Fake as Operator

PAUSES: Final = (1.0, 5.0, 30.0, 120.0, 600.0, 3600.0)
"""Seconds before a push is repeated; the last one goes on for 24 hours."""
TRIES: Final = 30
MOST_BODY: Final = 8 << 20


class Pusher(threading.Thread):
    """Delivers pushes to one address, in order, until it says 2xx."""

    def __init__(self, url: str, pauses: tuple[float, ...] = PAUSES) -> None:
        super().__init__(daemon=True)
        self._url, self._pauses = url, pauses
        self._waiting: deque[FakePush] = deque()
        self._more = threading.Condition()
        self._ended = threading.Event()

    def put(self, push: FakePush) -> None:
        """Deliver it after those before it."""
        with self._more:
            self._waiting.append(push)
            self._more.notify()

    def close(self) -> None:
        """Deliver nothing more."""
        self._ended.set()
        with self._more:
            self._more.notify()

    def run(self) -> None:
        """Deliver until it is closed."""
        while not self._ended.is_set():
            with self._more:
                while not self._waiting and not self._ended.is_set():
                    self._more.wait()
                if self._ended.is_set():
                    return
                push = self._waiting.popleft()
            self._deliver(push)

    def _deliver(self, push: FakePush) -> None:
        import httpx  # noqa: PLC0415 - only who pushes needs it

        for attempt in range(TRIES):
            try:
                answer = httpx.post(
                    self._url, content=push.body, headers=dict(push.headers), timeout=10
                )
            except httpx.HTTPError:
                pass
            else:
                if answer.is_success:
                    return
            if self._ended.wait(self._pauses[min(attempt, len(self._pauses) - 1)]):
                return


class Server(ThreadingHTTPServer):
    """The operator behind a port of this machine."""

    daemon_threads = True

    def __init__(self, port: int, operator: Operator, pusher: Pusher | None = None) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.operator, self.pusher = operator, pusher
        self.turn = threading.Lock()

    def answer(self, request: FakeRequest) -> Any:
        """One request at a time, as the fake is no threads' business; then push what happened."""
        with self.turn:
            reply = self.operator.take(request)
            for push in self.operator.pushes():
                if self.pusher is not None:
                    self.pusher.put(push)
        return reply


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's interface
        del format, args

    def _any(self) -> None:
        server = self.server
        assert isinstance(server, Server)  # noqa: S101 - it is ours
        at = urlsplit(self.path)
        size = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(min(size, MOST_BODY))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            reply = server.answer(
                FakeRequest(
                    method=self.command, path=at.path, query=at.query, headers=headers, body=body
                )
            )
        except NoAnswer:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_PATCH = _any  # noqa: N815 - http.server's interface


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="fulfillment_http.serving")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--key", required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--hook", default="", help="address events are pushed to")
    asked = parser.parse_args()
    pusher = Pusher(asked.hook) if asked.hook else None
    if pusher is not None:
        pusher.start()
    server = Server(asked.port, Operator(asked.key, asked.secret), pusher)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
