"""What happened to tasks: the feed for programs."""

from appliance.domain.task_feed import TaskFeedEntry, TaskFeedFilter, TaskFeedPage
from appliance.storage import change_entries, tasks
from appliance.storage.change_entries import COLUMNS, MOST_COUNTED, Entry
from appliance.storage.statements import fetch, fetch_value
from appliance.storage.tx import Tx

_FROM = "FROM change_entry e JOIN task t ON t.id = e.entity_id WHERE "


def _condition(tx: Tx, wanted: TaskFeedFilter) -> tuple[str, list[object]]:
    reach, args = tasks.reach(tx)
    texts = ["e.entity = 'task'", "e.number > {}", reach]
    values: list[object] = [wanted.since, *args]
    for text, value in (
        ("e.at >= {}", wanted.start),
        ("e.at <= {}", wanted.end),
        ("e.entity_number = {}", wanted.number),
    ):
        if value is not None:
            texts.append(text)
            values.append(value)
    return " AND ".join(texts), values


async def page(tx: Tx, wanted: TaskFeedFilter) -> TaskFeedPage:
    """Entries after `since`, ascending."""
    condition, values = _condition(tx, wanted)
    rows = await fetch(
        f"SELECT {COLUMNS} {_FROM}{condition} ORDER BY e.number LIMIT {{}}", *values, wanted.limit
    )
    total = len(rows)
    if total == wanted.limit:
        total = await fetch_value(
            f"SELECT COUNT(*) FROM (SELECT 1 {_FROM}{condition} LIMIT {{}}) counted",
            *values,
            MOST_COUNTED,
        )
    entries = [Entry(*row) for row in rows]
    change_entries.preload(tx, entries)
    return TaskFeedPage(
        generated_at=tx.now,
        entries=tuple(_entry(tx, one) for one in entries),
        total_count=int(total),
    )


def _entry(tx: Tx, entry: Entry) -> TaskFeedEntry:
    old, new = change_entries.values(tx, entry, lambda _: "comment")
    return TaskFeedEntry(
        number=entry.number,
        at=entry.at,
        created=entry.kind == "create",
        source=entry.source,
        user_number=entry.user_number,
        current_key=change_entries.current_key(tx, entry),
        field=entry.field,
        old=old,
        new=new,
        task_number=entry.entity_number,
    )
