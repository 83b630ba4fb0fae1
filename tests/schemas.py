"""Random requests made from the API's own description, for each role, against a house in memory.

No answer may be 5xx, and no answer to a role may hold what that role cannot see: the house holds
one client whose every personal field is a word found nowhere else.

`python -m tests.schemas --examples 30` runs all roles; see `scripts/schemas`.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from appliance import roles
from appliance.actions import _actors, api_keys, roles_admin
from appliance.api.v1 import openapi
from appliance.domain.grants import Access, Scope
from appliance.domain.users import NewApiKey
from appliance.roles import API_SCOPES, PRESETS, Grants
from tests.house_fixture import TestHouse, open_test_house
from tests.integration.api_v1.conftest import kept_door

R = TypeVar("R")
EVERYTHING: Final = "everything"
"""A key that may do whatever a person may: its requests reach every body."""
CANARIES: Final = {
    "name": "Канарейкина",
    "phone": "9997001122",
    "email": "kenar@example.ru",
    "address": "Канареечная",
    "comment": "кенарьский",
}
_KEPT: Final = ("method", "url", "params", "json", "content")
_SENT: Final = frozenset({"idempotency-key", "if-match"})


@dataclass
class Found:
    """What a run came upon.

    Attributes:
        failures: operation → what it was sent and what it answered with 5xx.
        leaks: operation → personal field.
        statuses: how many answers of each.
    """

    failures: dict[str, str] = field(default_factory=dict)
    leaks: dict[str, str] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)


class Trial:
    """A house with one client in it, and a door."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self._opened = open_test_house(folder)
        self.house: TestHouse = self.wait(self._opened.__aenter__())
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(kept_door()),  # pyright: ignore[reportArgumentType]
            base_url="http://box/api/v1",
        )
        self.schema: Any = schemathesis.openapi.from_dict(openapi.describe())
        self.wait(self._furnish())

    def wait(self, what: Awaitable[R]) -> R:
        return self.loop.run_until_complete(what)

    def close(self) -> None:
        self.wait(self.http.aclose())
        self.wait(self._opened.__aexit__(None, None, None))
        self.wait(self.loop.shutdown_asyncgens())
        self.loop.close()
        _actors.forget_actors()

    async def _furnish(self) -> None:
        _actors.forget_actors()
        await roles_admin.seed_presets(self.house.system)
        key = await self._key(EVERYTHING)
        name, phone = CANARIES["name"], f"+7{CANARIES['phone']}"
        order = {
            "shop": "main",
            "customer": {"last_name": name},
            "contact": {
                "last_name": name,
                "phone": phone,
                "email": CANARIES["email"],
                "customer_comment": CANARIES["comment"],
            },
            "lines": [{"product_name": "Кружка", "quantity_milli": 1000, "price_kopecks": 100}],
            "delivery": {"address": {"text": CANARIES["address"]}},
        }
        due = {"due_at": "2026-02-02T09:00:00Z", "title": CANARIES["comment"], "order": 1}
        deal = {"customer_number": 1, "title": CANARIES["comment"]}
        note = {
            "place": {"client": 1},
            "draft": {"kind": "note", "text": CANARIES["comment"]},
        }
        for path, body in (
            ("/orders", order), ("/tasks", due), ("/deals", deal), ("/stream", note),
        ):  # fmt: skip
            answer = await self.http.post(path, json=body, headers=_bearer(key))
            assert answer.status_code == 201, answer.text

    async def _key(self, role: str) -> str:
        new = NewApiKey(name=role, shop="", scopes=tuple(API_SCOPES))
        if role in PRESETS:
            new = NewApiKey(name=role, shop="", role=role)
        elif role in API_SCOPES:
            new = NewApiKey(name=role, shop="", scopes=(role,))
        key = (await api_keys.create(self.house.system, new)).key.reveal()
        if role == EVERYTHING:
            await self.http.get("/orders", headers=_bearer(key))
            inner = {"open.sign_in", "house.upkeep"}
            every = {name: one for name, one in roles.HOUSE_GRANTS.items() if name not in inner}
            for held in _actors.KEYS._held.values():
                held.actor = held.actor._replace(grants=every)
        return key

    def run(self, role: str, examples: int, only: Callable[[str], bool]) -> Found:
        """Ask every operation that `only` lets through so many times with a role's key."""
        found = Found()
        hidden = forbidden(_grants(role))
        key = self.wait(self._key(role))
        for made in self.schema.get_all_operations():
            operation = made.ok()
            label = f"{operation.method.upper()} {operation.path}"
            if only(label):
                self._ask(operation, label, key, examples, hidden, found)
        return found

    def _ask(
        self,
        operation: Any,
        label: str,
        key: str,
        examples: int,
        hidden: Iterable[str],
        found: Found,
    ) -> None:
        @seed(20260201)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            verbosity=Verbosity.quiet,
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            given_parts = case.as_transport_kwargs(base_url="http://box/api/v1")
            sent = {name: given_parts[name] for name in _KEPT if given_parts.get(name) is not None}
            own = {
                name: str(value)
                for name, value in dict(given_parts.get("headers") or {}).items()
                if name.lower() in _SENT
            }
            try:
                answer = self.wait(self.http.request(headers={**own, **_bearer(key)}, **sent))
            except (UnicodeEncodeError, httpx.InvalidURL):
                return  # the client itself cannot say it
            found.statuses[answer.status_code] = found.statuses.get(answer.status_code, 0) + 1
            if answer.status_code >= 500:
                found.failures[label] = (
                    f"{json.dumps(sent, default=str)[:400]}: {answer.text[:300]}"
                )
            for name in hidden:
                if CANARIES[name] in answer.text:
                    found.leaks[label] = name

        ask()


def _bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def _grants(role: str) -> Grants:
    if role == EVERYTHING:
        return roles.HOUSE_GRANTS
    return PRESETS[role] if role in PRESETS else API_SCOPES[role]


def forbidden(grants: Grants) -> list[str]:
    """Personal fields that a key with these grants must never be shown: it leads nobody."""
    seen = {
        name
        for grant in grants.values()
        if grant.scope is Scope.ALL
        for name, access in grant.fields.items()
        if access is Access.VISIBLE
    }
    return [name for name in CANARIES if name not in seen]


ROLES: Final = (EVERYTHING, *PRESETS, *API_SCOPES)


def main(words: list[str]) -> int:
    """Run all roles; 1 when anything was found."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(prog="scripts/schemas", description=__doc__)
    parser.add_argument("--examples", type=int, default=20, help="requests for each operation")
    parser.add_argument("--role", action="append", choices=ROLES, help="only this one; repeatable")
    parser.add_argument("--only", default="", help="operations in whose name this stands")
    asked = parser.parse_args(words)
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder))
        try:
            for role in asked.role or ROLES:
                began = time.perf_counter()
                found = trial.run(role, asked.examples, lambda label: asked.only in label)
                told = dict(sorted(found.statuses.items()))
                print(f"{role}: {told} in {time.perf_counter() - began:.0f} s", flush=True)  # noqa: T201
                for label, text in (*found.failures.items(), *found.leaks.items()):
                    print(f"  {label}: {text}", flush=True)  # noqa: T201
                bad += len(found.failures) + len(found.leaks)
        finally:
            trial.close()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
