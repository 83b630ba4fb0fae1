"""The description of this door fits it, and no question made from it breaks the box or leaks."""

import json
import random
from pathlib import Path
from typing import Any, Final

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings

from appliance.actions import _actors, api_keys
from appliance.api.v5.description import BARE, FIELDS, RAW, describe
from appliance.api.v5.routes import make_routes
from appliance.domain.users import NewApiKey
from appliance.roles import API_SCOPES
from tests.house_fixture import open_test_house
from tests.integration.api_v5.conftest import kept_app
from tests.integration.api_v5.orders_sent import CUSTOMER, order

ROOT: Final = Path(__file__).resolve().parents[3]
CANARY: Final = "Канарейкина"
READING: Final = frozenset(
    {"order_read", "order_write", "customer_read", "customer_write", "task_read", "task_write",
     "telephony_read", "file_read", "file_write"}
)  # fmt: skip
"""Scopes of keys that may be told of people."""


def test_every_call_of_the_door_is_described_with_its_fields() -> None:
    described = {"/".join(pattern[1:]) for method, pattern in make_routes() if method == "POST"}
    assert set(FIELDS) | set(BARE) | {RAW} == described


def test_the_description_in_the_books_is_that_of_the_code() -> None:
    kept = json.loads((ROOT / "docs" / "api-v5.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(describe())), "run scripts/docs"


# --- questions made from the description ---

NAMES: Final = (
    "id", "externalId", "number", "firstName", "phone", "phones", "email", "items", "offer",
    "quantity", "initialPrice", "customer", "order", "orders", "delivery", "address", "text",
    "contragent", "payments", "amount", "status", "type", "stores", "code", "name", "available",
    "prices", "price", "createdAt", "customFields", "tags", "addresses", "companies", "isMain",
    "performerId", "datetime", "attachment", "nickName", "date", "duration", "codes",
)  # fmt: skip
ODD: Final[tuple[Any, ...]] = (
    None, "", 0, -1, 1, 2**63, 1e308, 3.5, True, False, "x" * 300, "\x00", "1", "2026-02-31",
    "2026-02-01 12:00:00", "А", "🙂", [], {}, [[]], [None], "abc@b.ru", "+7 900 123-45-67", "main",
)  # fmt: skip


def odd(chance: random.Random, depth: int = 3) -> Any:
    """A value as no module would send it, or nearly as one would."""
    if depth and chance.random() < 0.5:
        if chance.random() < 0.3:
            return [odd(chance, depth - 1) for _ in range(chance.randrange(3))]
        return {chance.choice(NAMES): odd(chance, depth - 1) for _ in range(chance.randrange(6))}
    return chance.choice(ODD)


LEGAL: Final = {"contragentType": "legal-entity", "INN": "7707083893", "legalName": "ООО"}
ADDRESS: Final = {"city": "Тверь", "street": "Садовая", "house": "3", "name": "Склад"}
SENT: Final[dict[str, Any]] = {
    "order": order(1),
    "orders": [order(2), order(3)],
    "resultOrder": {"id": 1},
    "customer": CUSTOMER,
    "customers": [CUSTOMER, {"externalId": "18", "id": 1}],
    "resultCustomer": {"id": 1},
    "customerCorporate": {
        "nickName": "Лютик", "externalId": "f1", "addresses": [ADDRESS],
        "companies": [{"name": "ООО", "contragent": LEGAL}],
        "customerContacts": [{"isMain": True, "customer": {"id": 1}}],
    },
    "customersCorporate": [{"nickName": "Лютик", "externalId": "f1"}],
    "address": ADDRESS,
    "company": {"name": "ООО", "contragent": LEGAL, "address": {"id": 1}},
    "contact": {"isMain": True, "customer": {"externalId": "17"}},
    "note": {"text": "Звонить вечером", "customer": {"id": 1}},
    "link": {"comment": "вместе", "orders": [{"id": 1}, {"externalId": "2"}]},
    "payment": {"order": {"id": 1}, "type": "cash", "amount": "10.5", "externalId": "p"},
    "cart": {"customer": {"id": 1}, "items": [{"offer": {"externalId": "55"}, "quantity": 2}]},
    "offers": [{"externalId": "55", "stores": [{"code": "main", "available": 5}]}],
    "prices": [{"externalId": "55", "prices": [{"code": "base", "price": 990}]}],
    "task": {"text": "Позвонить", "performerId": 1, "datetime": "2026-03-01 12:00"},
    "event": {"phone": "89001234567", "type": "in", "codes": ["seller"], "userIds": [1]},
    "calls": [{"date": "2026-02-01 12:00:00", "phone": "1", "externalId": "c", "duration": 5}],
    "file": {"filename": "a.pdf", "attachment": [{"customer": {"id": 1}}]},
    "customField": {"name": "Поле", "code": "field", "type": "string"},
}  # fmt: skip
"""What a module would send, to be spoiled here and there."""


def spoiled(value: Any, chance: random.Random) -> Any:
    """The same with a part or two that no module would send."""
    if chance.random() < SPOILT:
        return odd(chance, 2)
    if isinstance(value, dict):
        return {name: spoiled(one, chance) for name, one in value.items() if chance.random() > 0.02}
    if isinstance(value, list):
        return [spoiled(one, chance) for one in value]
    return value


SPOILT: Final = 0.03


def cases(examples: int) -> list[schemathesis.Case]:
    """Questions that Schemathesis makes of every operation; the same in every run."""
    made: list[schemathesis.Case] = []
    schema = schemathesis.openapi.from_dict(describe())
    for found in schema.get_all_operations():

        @seed(47)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=found.ok().as_strategy())
        def collect(case: schemathesis.Case) -> None:
            made.append(case)

        collect()
    return made


async def ask(
    http: httpx.AsyncClient, key: str, case: schemathesis.Case, chance: random.Random
) -> httpx.Response:
    """Send a question; what holds JSON is filled in here, since no schema can say what it is."""
    headers = {"x-api-key": key}
    path = case.formatted_path
    query = {name: str(value) for name, value in (case.query or {}).items()}
    if case.method == "GET":
        return await http.get(path, params=query, headers=headers)
    body: Any = case.body if isinstance(case.body, dict) else {}
    form = {str(name): str(value) for name, value in body.items()}
    for pattern, names in FIELDS.items():
        if _fits(pattern, case.path):
            form |= {name: json.dumps(_filling(name, chance)) for name in names}
    return await http.post(path, data=form, headers=headers)


def _filling(name: str, chance: random.Random) -> Any:
    return spoiled(SENT[name], chance) if name in SENT and chance.random() < 0.8 else odd(chance)


def _fits(pattern: str, path: str) -> bool:
    mine, theirs = pattern.split("/"), path.removeprefix("/api/v5/").split("/")
    return len(mine) == len(theirs) and all(
        one == other or (one == "*" and other.startswith("{"))
        for one, other in zip(mine, theirs, strict=True)
    )


async def test_no_question_breaks_the_box_or_leaks_whatever_the_key_may_do(
    tmp_path: Path,
) -> None:
    chance = random.Random(47)  # noqa: S311  the same questions in every run
    few = cases(2)
    async with (
        open_test_house(tmp_path) as house,
        httpx.AsyncClient(transport=httpx.ASGITransport(kept_app()), base_url="http://box") as http,
    ):

        async def key(*scopes: str) -> str:
            new = NewApiKey(name="module", shop="main", scopes=scopes)
            return (await api_keys.create(house.system, new)).key.reveal()

        _actors.forget_actors()
        whole = await key(*API_SCOPES)
        sent = {"customer": json.dumps({**CUSTOMER, "lastName": CANARY})}
        await http.post("/api/v5/customers/create", data=sent, headers={"x-api-key": whole})
        sent = {"order": json.dumps(order(1, lastName=CANARY))}
        await http.post("/api/v5/orders/create", data=sent, headers={"x-api-key": whole})
        holders = [(whole, set(API_SCOPES)), *[(await key(one), {one}) for one in API_SCOPES]]
        for holder, scopes in holders:
            for case in few if holder == whole else few[::4]:
                answer = await ask(http, holder, case, chance)
                said = f"{sorted(scopes)[:2]} {case.method} {case.path}"
                assert answer.status_code < 500, f"{said}: {answer.text[:300]}"
                if "json" in answer.headers["content-type"]:
                    body = answer.json()
                    assert body["success"] is (answer.status_code < 400), said
                    assert body["success"] or body["errorMsg"], said
                if not scopes & READING:
                    assert CANARY not in answer.text, said
        _actors.forget_actors()
