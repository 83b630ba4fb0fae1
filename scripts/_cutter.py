"""A TCP proxy on the loopback that cuts connections: in the middle of a request, or of its answer.

It sees TLS only, so it goes by the bytes that the client has sent: a handshake of this client and
a box takes less than `HANDSHAKE`, a request with an order in it more.
"""

import select
import socket
import threading
from collections import deque
from collections.abc import Iterable

HANDSHAKE = 900
PATIENCE_SECONDS = 0.5
"""How long the box has to do what it was asked before the connection of the answer is cut."""

WHOLE, REQUEST, ANSWER = "whole", "request", "answer"


class Cutter:
    """Accepts on `port` and passes everything on to `target`, but for the cuts that are due."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._plan: deque[str] = deque()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def plan(self, ways: Iterable[str]) -> None:
        """Say how each of the next connections ends; those behind them pass whole."""
        self._plan.extend(ways)

    def close(self) -> None:
        """Accept no more."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            way = self._plan.popleft() if self._plan else WHOLE
            threading.Thread(target=self._pass_on, args=(client, way), daemon=True).start()

    def _pass_on(self, client: socket.socket, way: str) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target)) as box:
            sent = 0
            while True:
                for ready in select.select([client, box], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is box:
                        client.sendall(data)
                        continue
                    sent += len(data)
                    if way == REQUEST and sent > HANDSHAKE:
                        box.sendall(data[: len(data) // 2])
                        self.cuts += 1
                        return
                    box.sendall(data)
                    if way == ANSWER and sent > HANDSHAKE:
                        self._swallow(box)
                        self.cuts += 1
                        return

    def _swallow(self, box: socket.socket) -> None:
        """Let the box do its work, and lose what it says."""
        box.settimeout(PATIENCE_SECONDS)
        try:
            while box.recv(65536):
                continue
        except TimeoutError:
            return
