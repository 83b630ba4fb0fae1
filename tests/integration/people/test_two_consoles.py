"""Two consoles at once, on one user, one role, one plan of copies: the second is told."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from appliance.api import console_copies, console_people
from appliance.api.console_copies import Copying
from appliance.boot.copies import Copies
from appliance.config import Config
from appliance.domain.backups import CopyPlan
from tests.integration.people.conftest import Crew
from tests.integration.people.test_console_door import Console, admin_app

ROOT = 0


def two(crew: Crew, *handlers: Any) -> tuple[Console, Console]:
    """Two consoles before one box."""
    app = admin_app(crew, None, *handlers)
    return Console(app, ROOT), Console(app, ROOT)


async def role(console: Console, code: str) -> dict[str, Any]:
    _, listed = await console.ask("/roles/list")
    return next(one for one in listed["roles"] if one["code"] == code)


async def test_of_two_who_change_one_role_the_second_is_told_and_the_first_ones_work_stays(
    crew: Crew,
) -> None:
    first, second = two(crew, *console_people.HANDLERS)
    shown = (await role(first, "seller"))["grants"]
    wider = {**shown, "customer.view": {"scope": "all", "fields": {"name": "visible"}}}
    narrower = {name: grant for name, grant in shown.items() if name != "order.create"}
    body = {"code": "seller", "name": "Продавец", "seen": shown}
    assert await first.ask("/roles/edit", **body, grants=wider) == (200, {})
    status, answer = await second.ask("/roles/edit", **body, grants=narrower)
    assert (status, answer["code"]) == (409, "seen_changed")
    now = await role(second, "seller")
    assert now["grants"]["customer.view"]["scope"] == "all"
    again = {**body, "seen": now["grants"], "grants": now["grants"]}
    assert await second.ask("/roles/edit", **again) == (200, {})


async def test_of_two_who_change_one_colleagues_role_the_second_is_told(crew: Crew) -> None:
    first, second = two(crew)
    body = {"of": "anna", "seen": ["seller"]}
    assert (await first.ask("/users/set-roles", **body, roles=["operator"]))[0] == 200
    status, answer = await second.ask("/users/set-roles", **body, roles=["storekeeper"])
    assert (status, answer["code"]) == (409, "seen_changed")
    _, everybody = await second.ask("/users/list")
    assert [one["roles"] for one in everybody["users"] if one["login"] == "anna"] == [["operator"]]
    assert (await first.ask("/users/disable", of="anna"))[0] == 200
    assert (await second.ask("/users/disable", of="anna"))[0] == 200, "twice is once"


class Lent:
    """The part that boot lends, with a place that takes its time."""

    def __init__(self) -> None:
        self.plan = CopyPlan()
        self.tried = asyncio.Event()
        self.go_on = asyncio.Event()
        self.begun: list[str] = []

    async def try_place(self, target: str, *, takes_keys: bool) -> dict[str, Any]:
        if target == "/mnt/slow":
            self.tried.set()
            await self.go_on.wait()
        return {}

    def change(self, plan: CopyPlan) -> None:
        self.plan = plan

    def copying(self) -> Copying:
        nothing: Callable[..., Any] = dict
        return Copying(
            check=nothing,
            alone=nothing,
            start=nothing,
            progress=nothing,
            cancel=nothing,
            plan=lambda: self.plan,
            change_plan=self.change,
            guarded=nothing,
            listed=nothing,
            try_place=self.try_place,
            trial=lambda: None,
            confirm=nothing,
            go_back=nothing,
        )


async def test_of_two_who_add_a_place_for_copies_none_takes_the_others_away(crew: Crew) -> None:
    first, second = two(crew, *console_copies.HANDLERS)
    lent = Lent()
    first.http._transport.app.state.copying = lent.copying()  # type: ignore[attr-defined]
    slow = asyncio.create_task(first.ask("/backups/change-plan", targets=["/mnt/slow"]))
    await lent.tried.wait()
    status, _ = await second.ask("/backups/change-plan", targets=["/mnt/b"], seen={"targets": []})
    assert status == 200
    lent.go_on.set()
    status, answer = await slow
    assert (status, answer["code"]) == (409, "seen_changed")
    late = {"targets": ["/mnt/c"], "seen": {"targets": []}}
    assert (await first.ask("/backups/change-plan", **late))[1]["code"] == "seen_changed"
    assert lent.plan.targets == ("/mnt/b",)


async def test_of_two_who_begin_a_copy_one_is_refused_before_anything_is_written(
    crew: Crew, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Opened:
        config = Config(data=tmp_path)
        vault = crew.vault

    copies = Copies(Opened())  # type: ignore[arg-type]
    begun: list[tuple[str, UUID]] = []
    monkeypatch.setattr(copies, "start", lambda kind, run, _stamp="": begun.append((kind, run)))
    first, second = two(crew, *console_copies.HANDLERS)
    state = first.http._transport.app.state  # type: ignore[attr-defined]
    state.copying = copies.lent()
    answers = await asyncio.gather(*(one.ask("/backups/start") for one in (first, second)))
    assert sorted(status for status, _ in answers) == [200, 409]
    assert [answer["code"] for _, answer in answers if "code" in answer] == ["backup_running"]
    _, journal = await first.ask("/backups/journal")
    assert len(journal["runs"]) == len(begun) == 1
