"""Where the pushes of an operator arrive during a run of the conformance test."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from plugins.fulfillment_http.signing import refusal


class Listener:
    """Takes pushes at a port: refuses the first of each event with 500, then takes it.

    Attributes:
        taken: event bodies whose signature is good, in the order they came.
        bad: why pushes were not believed.
        refused: how many were answered with 500.
    """

    def __init__(self, port: int, secret: str) -> None:
        self.taken: list[bytes] = []
        self.bad: list[str] = []
        self.refused = 0
        self._seen: set[bytes] = set()
        self._secret = secret
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer(("", port), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()

    def wait(self, part: bytes, seconds: float = 60.0) -> bool:
        """Whether a push holding these bytes was taken, waiting for it."""
        with self._changed:
            return self._changed.wait_for(lambda: any(part in one for one in self.taken), seconds)

    def answer(self, moment: str, signature: str, body: bytes) -> int:
        """Status of the answer to one push."""
        with self._changed:
            why = refusal(self._secret, moment, signature, body, time.time())
            if why:
                self.bad.append(why)
                status = 401
            elif body not in self._seen:
                self._seen.add(body)
                self.refused += 1
                status = 500
            else:
                self.taken.append(body)
                status = 204
            self._changed.notify_all()
            return status

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's
                del format, args

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                heads = [self.headers.get(name) or "" for name in ("x-timestamp", "x-signature")]
                self.send_response(listener.answer(heads[0], heads[1], body))
                self.send_header("content-length", "0")
                self.end_headers()

        return Handler
