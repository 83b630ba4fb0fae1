"""The admin door: how the box is, its queue and its timetable, for administrators alone."""

from datetime import timedelta
from typing import Any

from appliance.api import console_state
from appliance.domain.health import Machine
from appliance.domain.ids import uuid7
from appliance.storage import jobs
from appliance.storage.statements import insert
from appliance.storage.tables import EventDeliveryRow
from tests.integration.people.conftest import BOTH, PASSWORDS, START, Crew
from tests.integration.people.test_console_door import Console, admin_app


def machine() -> Machine:
    return Machine(
        since=START,
        disk_total=100,
        disk_free=50,
        memory_total=100,
        memory_free=50,
        certificate_until=START + timedelta(days=3650),
        certificate_own=True,
        database="sqlite",
        database_bytes=1,
        index_names=1,
        index_building=False,
        log_size=1,
        log_at=START,
    )


async def dead_letter(crew: Crew) -> str:
    made = uuid7()

    async def put() -> None:
        await insert(
            EventDeliveryRow,
            id=made,
            subscriber="mail",
            event="LetterQueued",
            payload='{"number": 17}',
            state="dead",
            attempts=7,
            due_at=START,
            last_error="mail_refused",
            created_at=START,
        )
        await jobs.ensure("tls.renew", START + timedelta(days=1))

    await crew.database.write(put)
    return str(made)


def codes(answer: dict[str, Any]) -> dict[str, str]:
    return {one["code"]: one["state"] for one in answer["lines"]}


@BOTH
async def test_a_dead_letter_is_red_until_it_is_sent_again_or_dropped(crew: Crew) -> None:
    letter = await dead_letter(crew)
    root = Console(admin_app(crew, machine, *console_state.HANDLERS), 0)
    _, seen = await root.ask("/box/health")
    assert (seen["state"], codes(seen)["queue.dead"]) == ("bad", "bad")
    _, listed = await root.ask("/outbox/list")
    assert [one["id"] for one in listed["dead"]] == [letter]
    assert "payload" not in listed["dead"][0]
    assert await root.ask("/outbox/retry", id=letter) == (200, {})
    status, again = await root.ask("/outbox/retry", id=letter)
    assert (status, again["code"]) == (404, "delivery_not_found")
    assert (await root.ask("/outbox/drop", id=letter))[0] == 404, "it is on its way"
    other = await dead_letter(crew)
    assert await root.ask("/outbox/drop", id=other) == (200, {})
    assert "queue.dead" not in codes((await root.ask("/box/health"))[1])
    assert await root.ask("/jobs/run", kind="tls.renew") == (200, {})
    _, timetable = await root.ask("/jobs/list")
    assert timetable["jobs"][0]["run_at"].startswith("2026-02-02T09:00")
    assert (await root.ask("/jobs/run", kind="no.such"))[1]["code"] == "chore_not_found"
    log = "".join(await crew.log())
    assert all(deed in log for deed in ("upkeep.retry", "upkeep.drop", "upkeep.hasten"))


async def test_a_seller_learns_nothing_of_the_box(crew: Crew) -> None:
    anna = Console(admin_app(crew, machine, *console_state.HANDLERS))
    await anna.sign_in("anna", PASSWORDS["anna"])
    letter = await dead_letter(crew)
    for path, body in (
        ("/box/health", {}),
        ("/outbox/list", {}),
        ("/jobs/list", {}),
        ("/outbox/drop", {"id": letter}),
        ("/jobs/run", {"kind": "tls.renew"}),
    ):
        status, answer = await anna.ask(path, **body)
        assert (status, answer["code"]) == (403, "denied"), path
