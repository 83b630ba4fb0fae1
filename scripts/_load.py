"""Loads for `scripts/bench`: what is asked, by how many, and what it cost the box."""

import asyncio
import random
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode
from uuid import uuid4

import msgspec

from appliance.domain.demo import last_seven
from scripts._box import SHOP
from scripts._figures import percentile
from scripts._http import FORM, Answer, Broken, Connection
from scripts._served import Served

STATUSES = ("new", "client-confirmed", "wait-payment", "assembling", "delivering", "complete")
FRAGMENTS = (
    "ванов", "елец", "орок", "ебед", "авыд", "ихон", "узне", "икит", "рапи", "оков", "ртём",
    "лекс", "ладим", "настас", "катер", "ихайл",
)  # fmt: skip
"""Four letters inside names; longer ones are cut."""


class Question(NamedTuple):
    """One request of a load."""

    method: str
    path: str
    body: bytes = b""
    kind: str = FORM


Ask = Callable[[random.Random], Question]


@dataclass(frozen=True)
class Load:
    """What is asked, and by whom.

    Attributes:
        title: line of the table.
        headers: of every question (cookie and token, or a key).
        expects: statuses of a good answer; anything else is an error.
        sign: bytes that a good answer holds: a page that shows nothing must not look fast.
        must, aim: CPU milliseconds of the box per request.
    """

    title: str
    ask: Ask
    headers: Mapping[str, str]
    expects: tuple[int, ...] = (200,)
    sign: bytes = b""
    must: float = 6.0
    aim: float = 4.0


@dataclass
class Measured:
    """What a load gave; times in milliseconds, memory in bytes."""

    title: str
    clients: int
    requests: int = 0
    errors: int = 0
    p50: float = 0.0
    p95: float = 0.0
    rate: float = 0.0
    cpu: float = 0.0
    rss: int = 0
    notes: dict[str, int] = field(default_factory=dict[str, int])

    def facts(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def pages(headers: Mapping[str, str], customers: int) -> list[Load]:
    """The four questions that a person's day is made of."""
    count = max(customers, 1)

    def search(text: str) -> Question:
        return Question("POST", "/palette", urlencode({"q": text, "other": ""}).encode())

    return [
        Load(
            "order list of 50, status filter (HTML)",
            lambda rng: Question("GET", f"/orders?status={rng.choice(STATUSES)}"),
            headers,
            sign=b"</html>",
        ),
        Load(
            "client card with orders (HTML)",
            lambda rng: Question("GET", f"/clients/{rng.randint(1, count)}"),
            headers,
            sign=b"</html>",
        ),
        Load(
            "search by 4 characters inside a name",
            lambda rng: search(rng.choice(FRAGMENTS)[:4]),
            {**headers, "hx-request": "true"},
            aim=3.0,
        ),
        Load(
            "search by 7 digits of a phone",
            lambda rng: search(last_seven(rng.randrange(count))),
            {**headers, "hx-request": "true"},
            must=3.0,
            aim=1.5,
        ),
    ]


def intake(key: str) -> Load:
    """An order with three lines of a buyer nobody knows, as shop modules send it."""

    def ask(rng: random.Random) -> Question:
        number = uuid4().hex[:12]
        order = {
            "externalId": f"bench-{number}",
            "firstName": "Проба",
            "lastName": f"Нагрузкин{rng.randrange(1000)}",
            "phone": f"+7 9{rng.randrange(100):02d} {rng.randrange(10**7):07d}",
            "email": f"bench-{number}@load.example",
            "items": [
                {
                    "offer": {"externalId": f"demo-{rng.randrange(500)}"},
                    "quantity": rng.randint(1, 3),
                    "initialPrice": rng.randrange(300, 9000),
                }
                for _ in range(3)
            ],
            "delivery": {"code": "courier", "cost": 300, "address": {"city": "Тверь"}},
        }
        body = f"site={SHOP}&order={quote(msgspec.json.encode(order))}".encode()
        return Question("POST", "/api/v5/orders/create", body)

    return Load("order with 3 lines by API", ask, {"x-api-key": key}, (200, 201), b'"success":true')


async def run(
    load: Load,
    served: Served,
    port: int,
    trust: ssl.SSLContext,
    *,
    clients: int,
    seconds: float,
    most: int,
) -> Measured:
    """Warm up, then ask for `seconds` or `most` times, and count what it cost the box."""
    connections = [Connection(port, trust, load.headers) for _ in range(clients)]
    result = Measured(load.title, clients)
    try:
        await _ask_all(load, connections, Measured("", clients), min(1.0, seconds), 20 * clients)
        before, began = served.cpu_seconds(), time.perf_counter()
        times = await _ask_all(load, connections, result, seconds, most)
        spent = time.perf_counter() - began
        cpu = served.cpu_seconds() - before
    finally:
        await asyncio.gather(*(one.close() for one in connections))
    result.requests = len(times)
    result.p50, result.p95 = (percentile(times, percent) * 1000 for percent in (50, 95))
    result.rate = len(times) / spent
    result.cpu = cpu * 1000 / max(len(times), 1)
    result.rss = served.rss_bytes()
    return result


async def _ask_all(
    load: Load, connections: Sequence[Connection], result: Measured, seconds: float, most: int
) -> list[float]:
    ends = time.perf_counter() + seconds
    left = most
    times: list[float] = []

    async def one(number: int, connection: Connection) -> None:
        nonlocal left
        rng = random.Random(f"{load.title}{number}")  # noqa: S311 - a load, not a secret
        while left > 0 and (began := time.perf_counter()) < ends:
            left -= 1
            problem = await _ask(load, connection, load.ask(rng))
            times.append(time.perf_counter() - began)
            if problem:
                result.errors += 1
                result.notes[problem] = result.notes.get(problem, 0) + 1

    await asyncio.gather(*(one(n, connection) for n, connection in enumerate(connections)))
    return times


async def _ask(load: Load, connection: Connection, asked: Question) -> str:
    """Ask one question; return what was wrong with the answer, if anything."""
    try:
        answer: Answer = await connection.ask(asked.method, asked.path, asked.body, asked.kind)
    except (OSError, Broken) as error:
        return type(error).__name__
    if answer.status not in load.expects:
        return f"status {answer.status}"
    return "" if load.sign in answer.body.replace(b'": ', b'":') else "an empty answer"
