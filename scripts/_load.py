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


READS = 0.8
"""Share of readings in the mix."""

Ask = Callable[[random.Random], Question]


@dataclass(frozen=True)
class Load:
    """What is asked, and by whom.

    Attributes:
        title: line of the table.
        headers: of every question (cookie and token, or a key).
        expects: statuses of a good answer; anything else is an error.
        sign: bytes that a good answer holds: a page that shows nothing must not look fast.
        must, aim: CPU milliseconds of the box per request; 0 leaves it unbounded.
        p95: milliseconds of one client alone, at a hundred thousand and at a million records.
        rate: requests a second that a crowd must get, at the same two sizes.
        crowd_only: asked by many at once only.
    """

    title: str
    ask: Ask
    headers: Mapping[str, str]
    expects: tuple[int, ...] = (200,)
    sign: bytes = b""
    must: float = 6.0
    aim: float = 4.0
    p95: tuple[float, float] = (0.0, 0.0)
    rate: tuple[float, float] = (0.0, 0.0)
    crowd_only: bool = False


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
            p95=(60, 80),
        ),
        Load(
            "client card with orders (HTML)",
            lambda rng: Question("GET", f"/clients/{rng.randint(1, count)}"),
            headers,
            sign=b"</html>",
            p95=(60, 80),
        ),
        Load(
            "search by 4 characters inside a name",
            lambda rng: search(rng.choice(FRAGMENTS)[:4]),
            {**headers, "hx-request": "true"},
            aim=3.0,
            p95=(40, 60),
        ),
        Load(
            "search by 7 digits of a phone",
            lambda rng: search(last_seven(rng.randrange(count))),
            {**headers, "hx-request": "true"},
            must=3.0,
            aim=1.5,
            p95=(40, 60),
        ),
    ]


def day(headers: Mapping[str, str], customers: int, orders: int) -> list[Load]:
    """What else a working day asks; bounded by the answer's time, not by CPU."""
    people, numbers = max(customers, 1), max(orders, 1)
    part = {**headers, "hx-request": "true"}

    def find(text: str) -> Question:
        return Question("POST", "/palette", urlencode({"q": text, "other": ""}).encode())

    def twentieth(rng: random.Random) -> Question:
        # A page is 50 orders of one status of some twelve: the cursor after nineteen of them.
        after = max(1, numbers - 19 * 50 * 12 + rng.randint(0, 500))
        return Question("GET", f"/orders?status={rng.choice(STATUSES)}&after={after}")

    def timed(title: str, ask: Ask, sent: Mapping[str, str], **more: Any) -> Load:
        return Load(title, ask, sent, must=0, aim=0, **more)

    return [
        timed("order list, 20th page", twentieth, headers, sign=b"</html>", p95=(60, 80)),
        timed(
            "order card",
            lambda rng: Question("GET", f"/orders/{rng.randint(1, numbers)}"),
            headers,
            sign=b"</html>",
            p95=(60, 80),
        ),
        timed(
            "palette by last four digits",
            lambda rng: find(last_seven(rng.randrange(people))[-4:]),
            part,
            p95=(40, 60),
        ),
        timed(
            "palette by order number",
            lambda rng: find(f"#{rng.randint(1, numbers)}"),
            part,
            p95=(40, 60),
        ),
    ]


def mix(loads: Sequence[Load], writes: Load) -> Load:
    """A working hour: eight questions of ten read, two are orders of a shop."""

    def ask(rng: random.Random) -> Question:
        return (rng.choice(loads) if rng.random() < READS else writes).ask(rng)

    headers = {**loads[0].headers, **writes.headers}
    return Load(
        "mix of all, 80 % reads",
        ask,
        headers,
        expects=(200, 201),
        must=0,
        aim=0,
        rate=(150, 120),
        crowd_only=True,
    )


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

    return Load(
        "order with 3 lines by API",
        ask,
        {"x-api-key": key},
        (200, 201),
        b'"success":true',
        p95=(80, 100),
        rate=(150, 0),
    )


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
