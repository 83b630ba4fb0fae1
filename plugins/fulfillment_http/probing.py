"""Asking an operator and reading its answers strictly: what the rules are made of."""

from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from plugins.fulfillment_http import contract as c
from plugins.fulfillment_http.probing_pushes import Listener

T = TypeVar("T")


class Wrong(Exception):
    """A rule does not hold; the text says what was seen."""


class Skip(Exception):
    """A rule cannot be checked here; the text says why."""


class Probe:
    """One run against one account.

    Attributes:
        run: is part of every number and article of this run, so that runs do not meet.
        listener: where pushes arrive, if they are checked.
    """

    def __init__(
        self, http: httpx.Client, key: str, *, run: str, listener: Listener | None = None
    ) -> None:
        self._http, self._key = http, key
        self.run, self.listener = run, listener
        self.sku = f"CHECK-{run}"
        self._count = 0

    def ask(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **more: Any
    ) -> httpx.Response:
        """Send a request; `more` is `headers`, `params` or `content` of httpx."""
        token = self._key if key is None else key
        headers = {"authorization": f"Bearer {token}", **more.pop("headers", {})}
        if body is not None:
            more["content"] = msgspec.json.encode(body)
            headers["content-type"] = "application/json"
        return self._http.request(method, path, headers=headers, **more)

    def read(self, answer: httpx.Response, kind: type[T], *statuses: int) -> T:
        """The answer's body, read strictly.

        Raises:
            Wrong: another status, or the body is not as the contract says.
        """
        self.status(answer, *statuses)
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.DecodeError as error:
            raise Wrong(f"{_named(answer)}: {error}") from None

    def status(self, answer: httpx.Response, *statuses: int) -> None:
        """Raises: Wrong: it is none of these."""
        if answer.status_code not in statuses:
            wanted = " or ".join(map(str, statuses))
            raise Wrong(f"{_named(answer)}: {answer.status_code} instead of {wanted}")

    def trouble(self, answer: httpx.Response, status: int, code: str) -> c.Trouble:
        """A refusal of this status and code."""
        told = self.read(answer, c.Trouble, status)
        if told.code != code:
            raise Wrong(f"{_named(answer)}: code {told.code!r} instead of {code!r}")
        return told

    # --- what the rules do over and over ---

    def given(self, quantity: float = 2, **more: Any) -> c.OrderGiven:
        """A new order of two pieces, with a number of its own."""
        self._count += 1
        line = c.LineGiven(
            line=1, sku=self.sku, name="Проверка", quantity=quantity, needs_marking=True
        )
        return c.OrderGiven(order_no=f"{self.run}-{self._count}", lines=(line,), **more)

    def create(self, given: c.OrderGiven, key: str = "") -> httpx.Response:
        """Hand an order over."""
        headers = {"idempotency-key": key or f"key-{given.order_no}"}
        return self.ask("POST", "/orders", given, headers=headers)

    def fresh(self, quantity: float = 2) -> str:
        """Number of an order that was just handed over."""
        given = self.given(quantity)
        self.read(self.create(given), c.OrderTold, 201)
        return given.order_no

    def order(self, number: str) -> c.OrderTold:
        """As the operator has it."""
        return self.read(self.ask("GET", f"/orders/{quote(number)}"), c.OrderTold, 200)

    def deed(self, number: str, deed: str, said: c.SandboxDeed | None = None) -> c.OrderTold:
        """Have the sandbox move an order on.

        Raises:
            Skip: there is no sandbox.
        """
        path = f"/sandbox/orders/{quote(number)}/{deed}"
        answer = self.ask("POST", path, said or c.SandboxDeed())
        if answer.status_code == 404:
            raise Skip("no sandbox")
        return self.read(answer, c.OrderTold, 200)

    def counted(self, pieces: float) -> None:
        """Put so many pieces into the sandbox.

        Raises:
            Skip: there is no sandbox.
        """
        path = f"/sandbox/stock/{quote(self.sku)}"
        answer = self.ask("PUT", path, c.SandboxStock(on_hand=pieces))
        if answer.status_code == 404:
            raise Skip("no sandbox")
        self.status(answer, 200, 204)

    def events(self, after: int, limit: int = 100) -> c.EventsTold:
        """A page of the log."""
        params = {"after": str(after), "limit": str(limit)}
        return self.read(self.ask("GET", "/events", params=params), c.EventsTold, 200)

    def events_of(self, number: str, after: int) -> list[c.Event]:
        """All events of an order behind a number."""
        found: list[c.Event] = []
        while page := self.events(after).events:
            found += [one for one in page if one.order_no == number]
            after = page[-1].seq
        return found

    def stock(self) -> c.StockRow | None:
        """The row of the run's good; all pages are read."""
        cursor, found = "", None
        while True:
            params = {"cursor": cursor} if cursor else {}
            page = self.read(self.ask("GET", "/stock", params=params), c.StockTold, 200)
            for row in page.rows:
                if row.sku == self.sku:
                    found = row
            cursor = page.next_cursor
            if not cursor:
                return found


def _named(answer: httpx.Response) -> str:
    return f"{answer.request.method} {answer.request.url.path}"
