"""The bulk path of working days: notes, letters, tasks, projects and what colleagues are told."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from appliance.domain.demo_days import PROJECTS, DemoTask, DemoWord
from appliance.domain.ids import uuid7
from appliance.domain.letters import LetterContent
from appliance.domain.notices import NoticeKind
from appliance.domain.personal import Personal
from appliance.domain.tasks import TaskDraft, TaskState, TaskWords, end_of_day
from appliance.domain.timeline import Entry, Kind, Said
from appliance.storage import counters, projects, tasks, timeline
from appliance.storage.demo_rows import Client, created, put
from appliance.storage.statements import execute, fetch
from appliance.storage.tables import (
    ChangeEntryRow,
    LetterRow,
    NoticeRow,
    TaskRow,
    TimelineEntryRow,
)
from appliance.storage.tasks import Task
from appliance.storage.tx import Tx

TOLD_EACH = 6
"""Notices of one colleague: enough to see the page of them."""


class Staff(NamedTuple):
    """Who works in the invented firm: number by id, the head, everybody of a role."""

    numbers: dict[UUID, int]
    head: UUID
    roles: dict[str, list[UUID]]


async def staff() -> Staff | None:
    """Active colleagues; None where nobody leads."""
    numbers: dict[UUID, int] = {}
    by_role: dict[str, list[UUID]] = {}
    for user_id, number, roles in await fetch(
        "SELECT id, number, roles FROM users WHERE active = {} ORDER BY number", True
    ):
        numbers[user_id] = number
        for role in str(roles).replace('"', "").strip("[]").split(","):
            by_role.setdefault(role.strip(), []).append(user_id)
    heads = by_role.get("head", [])
    return Staff(numbers, heads[0], by_role) if heads else None


async def add_words(
    tx: Tx, invented: Sequence[DemoWord], clients: Sequence[Client], people: Staff
) -> None:
    """Fill in notes and letters; each is a line of its client's stream."""
    first = await counters.draw("letter", sum(bool(one.kind) for one in invented))
    letters: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for one in invented:
        client = clients[one.customer]
        author = people.numbers[client.owner or people.head]
        said = Said(title=one.title, text=one.text)
        if not one.kind:
            lines.append(_line(tx, client, Kind.NOTE, one.at, author, said))
        elif client.person.email:
            letter_id = uuid7()
            letters.append(_letter(tx, letter_id, one, client, first + len(letters), author))
            told = {"template": one.kind, "state": one.state, "reason": "", "files": 0}
            lines.append(
                _line(tx, client, Kind.LETTER, one.at, author, said, ref_id=letter_id, data=told)
            )
    await put(LetterRow, letters)
    await put(TimelineEntryRow, lines)


def _line(
    tx: Tx,
    client: Client,
    kind: Kind,
    at: datetime,
    author: int,
    said: Said | None = None,
    **more: Any,
) -> dict[str, Any]:
    row_id = uuid7()
    at = max(at, client.person.created_at)
    entry = Entry(kind=kind, at=at, customer_id=client.id, subject_id=client.subject, **more)
    cell = None if said is None else timeline.seal(tx, row_id, client.subject, said)
    row = timeline.bulk_row(entry)
    return row | {"id": row_id, "source": "user", "author_number": author, "text": cell}


def _letter(
    tx: Tx, letter_id: UUID, one: DemoWord, client: Client, number: int, author: int
) -> dict[str, Any]:
    person = client.person
    name = f"{person.first_name} {person.last_name}"
    content = LetterContent(to=person.email, name=name, subject=one.title, text=one.text)
    at = max(one.at, person.created_at)
    return {
        "id": letter_id,
        "number": number,
        "kind": one.kind,
        "state": one.state,
        "reason": "",
        "subject_id": client.subject,
        "customer_id": client.id,
        "order_id": None,
        "deal_id": None,
        "user_id": None,
        "link_id": None,
        "content": tx.seal(
            "letter", "content", letter_id, client.subject, content, "email", "comment"
        ),
        "files": "[]",
        "author_number": author,
        "attempts": 1,
        "form": None,
        "created_at": at,
        "settled_at": at,
    }


async def add_tasks(
    tx: Tx,
    invented: Sequence[DemoTask],
    clients: Sequence[Client],
    people: Staff,
    zone: ZoneInfo,
) -> None:
    """Fill in tasks about clients: their rows, first changes, the ends that streams tell of."""
    first = await counters.draw("task", len(invented))
    feed = await counters.draw(counters.FEED, len(invented))
    rows: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for place, one in enumerate(invented):
        client = clients[one.customer]
        task = _task(tx, one, client, first + place, people, zone)
        rows.append(task._asdict())
        change = created(feed + place, "task", task.id, task.number, "task", "", task.created_at)
        changes.append(change | {"shop": "", "new_value": None})
        if task.closed_at is not None:
            author = people.numbers[task.performer_id]
            lines.append(_line(tx, client, Kind.TASK, task.closed_at, author, ref_id=task.id))
    await put(TaskRow, rows)
    await put(ChangeEntryRow, changes)
    await put(TimelineEntryRow, lines)


def _task(
    tx: Tx, one: DemoTask, client: Client, number: int, people: Staff, zone: ZoneInfo
) -> Task:
    task_id = uuid7()
    due_at, all_day = _due(tx, one.days, one.minute, zone)
    performer = client.owner or people.head
    made = max(client.person.created_at, min(tx.now, due_at) - timedelta(days=2 + one.postponed))
    done = min(tx.now, due_at) if one.result else None
    words = TaskWords(title=one.title)
    task = Task(
        id=task_id, number=number, version=1, kind=one.kind,
        state=TaskState.DONE.value if one.result else TaskState.OPEN.value,
        subject_id=client.subject,
        words=tasks.seal_words(tx, task_id, client.subject, words), outcome=None,
        items_count=0, items_done=0, due_at=due_at, all_day=all_day,
        first_due_at=due_at - timedelta(days=one.postponed), postponed=int(one.postponed > 0),
        remind_at=None, reminded_at=None, overdue_told_at=tx.now if due_at < tx.now else None,
        performer_id=performer, setter_id=people.head if one.by_head else performer,
        customer_id=client.id, order_id=None, deal_id=None, project_id=None,
        result="", repeat="", series_id=None, occurrence=0, month_day=0, followed=False,
        external="{}", created_at=made, updated_at=done or made, closed_at=done,
        closed_by=performer if done else None,
    )  # fmt: skip
    return task._replace(outcome=tasks.seal_outcome(tx, task, one.result))


def _due(tx: Tx, days: int, minute: int, zone: ZoneInfo) -> tuple[datetime, bool]:
    day = tx.now.astimezone(zone).date() + timedelta(days=days)
    if minute < 0:
        return end_of_day(day, zone), True
    clock = time(minute // 60, minute % 60)
    return datetime.combine(day, clock, zone).astimezone(UTC), False


async def add_projects(tx: Tx, people: Staff, zone: ZoneInfo) -> None:
    """Begin the firm's projects, each with tasks for everybody who takes part."""
    tx.actor = tx.actor._replace(id=people.head, number=people.numbers[people.head])
    members = [people.head]
    for role in ("seller", "storekeeper", "accountant"):
        members += people.roles.get(role, [])
    for name, titles in PROJECTS:
        number = await projects.add(tx, name, members)
        project_id = await projects.id_of(tx, number)
        for place, title in enumerate(titles):
            due_at, _ = _due(tx, place * 2 - 1, 11 * 60 + 30, zone)
            draft = TaskDraft(
                title=Personal(title),
                performer_id=members[place % len(members)],
                setter_id=people.head,
                due_at=due_at,
                project_id=project_id,
            )
            await tasks.add(tx, draft)


async def tell(tx: Tx, people: Staff) -> None:
    """Leave colleagues a few notices about their tasks, the newest unread."""
    rows: list[dict[str, Any]] = []
    kinds = (
        NoticeKind.TASK_DUE,
        NoticeKind.TASK_SET,
        NoticeKind.TASK_REMIND,
        NoticeKind.TASK_MOVED,
    )
    for user_id in people.numbers:
        found = await fetch(
            "SELECT id, number FROM task WHERE performer_id = {} AND state = 'open' "
            "ORDER BY due_at LIMIT {}",
            user_id,
            TOLD_EACH,
        )
        for place, (task_id, number) in enumerate(found):
            at = tx.now - timedelta(minutes=20 + 190 * (len(found) - place))
            rows.append(
                {
                    "id": uuid7(), "number": 0, "user_id": user_id,
                    "kind": kinds[place % len(kinds)].value, "entity": "task",
                    "entity_id": task_id, "entity_number": number,
                    "by_number": people.numbers[people.head], "at": at, "show_at": at,
                    "popped": True, "read_at": at if place < len(found) // 2 else None,
                }
            )  # fmt: skip
    first = await counters.draw("notice", len(rows)) if rows else 0
    await put(NoticeRow, [row | {"number": first + at} for at, row in enumerate(rows)])


async def settle() -> None:
    """Keep when somebody was last talked to, once notes and letters are in."""
    await execute(
        "UPDATE customer SET contacted_at = t.last FROM (SELECT customer_id, MAX(at) AS last "
        "FROM timeline_entry WHERE kind IN ('note', 'letter') GROUP BY customer_id) t "
        "WHERE t.customer_id = customer.id "
        "AND (contacted_at IS NULL OR contacted_at < t.last)"
    )
