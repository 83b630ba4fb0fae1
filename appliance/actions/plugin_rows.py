"""Plugins' own tables: rows by key, in batches, each batch one transaction."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from appliance.actions import _plugin_asking
from appliance.actions._gate import action
from appliance.domain.personal import Personal, reveal_or_none
from appliance.domain.plugin_charts import Drawn, Series, begin_of, series_of
from appliance.domain.plugin_rows import LONGEST_ROW, Shape, Value, key_of, personal_of, plain_of
from appliance.errors import Invalid
from appliance.plugin_api import calls
from appliance.plugin_api.manifest import Chart, read_manifest
from appliance.roles import Permission
from appliance.storage import plugin_rows, plugins
from appliance.storage.plugin_rows import Kept
from appliance.storage.tx import Tx

END = b"\xff"
"""Behind every key: a part of one begins with a smaller byte."""


@action(Permission.PLUGIN, reads=True, quiet=True)
async def get(tx: Tx, shape: Shape, asked: calls.RowsAsked) -> calls.Rows:
    """Rows by key; personal values only where they are asked for.

    Raises:
        Invalid: `row_key`, `batch_too_long`.
    """
    plugin = _plugin_asking.plugin_of(tx)
    _plugin_asking.not_too_many(asked.keys, calls.MOST_ROWS)
    keys = [key_of(shape, one) for one in asked.keys]
    found = await plugin_rows.get(tx, plugin, asked.table, keys, personal=asked.personal)
    return _answer(found)


@action(Permission.PLUGIN, reads=True, quiet=True)
async def scan(tx: Tx, shape: Shape, asked: calls.ScanAsked) -> calls.Rows:
    """Rows by a range of keys, ascending.

    Raises:
        Invalid: `row_key`.
    """
    plugin = _plugin_asking.plugin_of(tx)
    within = key_of(shape, asked.within, whole=False)
    after = max(key_of(shape, asked.after, whole=False), within)
    found = await plugin_rows.scan(
        tx,
        plugin,
        asked.table,
        after,
        within + END,
        min(max(asked.limit, 1), calls.MOST_ROWS),
        personal=asked.personal,
    )
    return _answer(found)


def _answer(found: list[Kept]) -> calls.Rows:
    return calls.Rows(
        rows=tuple(
            calls.Row(
                values=one.values,
                customer_id=one.customer_id,
                personal=None if one.personal is None else Personal(one.personal),
            )
            for one in found
        )
    )


@action(Permission.PLUGIN, quiet=True)
async def put(tx: Tx, shape: Shape, given: calls.RowsGiven) -> calls.Counted:
    """Write rows, all or none.

    Raises:
        Invalid: `row_key`, `row_column`, `row_value`, `row_too_long`, `batch_too_long`;
            `row_nobody`: personal values without a living client; `plugin_rows_full`.
    """
    plugin = _plugin_asking.plugin_of(tx)
    _plugin_asking.not_too_many(given.rows, calls.MOST_ROWS)
    people = {one.customer_id for one in given.rows if one.customer_id is not None}
    subjects = await plugin_rows.subjects_of(sorted(people)) if people else {}
    rows: list[Kept] = []
    for one in given.rows:
        values = plain_of(shape, one.values)
        words = personal_of(shape, reveal_or_none(one.personal) or {})
        subject = None if one.customer_id is None else subjects.get(one.customer_id)
        if words and subject is None:
            raise Invalid("row_nobody", fields={"customer_id": "row_nobody"})
        if _size(values) > LONGEST_ROW or _size(words) > LONGEST_ROW:
            raise Invalid("row_too_long", most=LONGEST_ROW)
        key = key_of(shape, [values.get(name) for name in shape.key])
        rows.append(Kept(key, values, one.customer_id, subject, words or None))
    return calls.Counted(rows=await plugin_rows.put(tx, plugin, given.table, rows))


def _size(values: Mapping[str, Value]) -> int:
    return sum(len(one.encode()) if isinstance(one, str) else 8 for one in values.values())


@action(Permission.PLUGIN, quiet=True)
async def delete(tx: Tx, shape: Shape, unwanted: calls.RowsUnwanted) -> calls.Counted:
    """Delete rows by key.

    Raises:
        Invalid: `row_key`, `batch_too_long`.
    """
    plugin = _plugin_asking.plugin_of(tx)
    _plugin_asking.not_too_many(unwanted.keys, calls.MOST_ROWS)
    keys = [key_of(shape, one) for one in unwanted.keys]
    return calls.Counted(rows=await plugin_rows.delete(plugin, unwanted.table, keys))


MOST_LINES = 20
MOST_VALUES = 3000
"""Of one line: a day of measurements twice a minute."""


@action(Permission.PLUGIN_MANAGE, slow=True, quiet=True)
async def charts(tx: Tx, name: str, language: str) -> list[Drawn]:
    """The drawings that a plugin's manifest asks for, of the last day.

    Raises:
        NotFound: `plugin_not_found`.
    """
    known = await plugins.get(name)
    manifest = read_manifest(known.manifest.encode())
    drawn: list[Drawn] = []
    for one in manifest.charts:
        table = manifest.tables[one.table]
        shape = Shape(columns=dict(table.columns), key=table.key)
        lines = await _lines(tx, name, one.table, shape, one)
        drawn.append(Drawn(title=one.title.of(language), series=tuple(lines)))
    return drawn


async def _lines(tx: Tx, plugin: str, table: str, shape: Shape, chart: Chart) -> list[Series]:
    """Each value of the key's first column, by skipping from one to the next."""
    lines: list[Series] = []
    after = b""
    while len(lines) < MOST_LINES:
        first = await plugin_rows.scan(tx, plugin, table, after, END, 1, personal=False)
        if not first:
            break
        name = first[0].values[chart.by]
        start = key_of(shape, (name, begin_of(tx.now).isoformat()), whole=False)
        after = key_of(shape, (name,), whole=False) + END
        rows = await plugin_rows.scan(tx, plugin, table, start, after, MOST_VALUES, personal=False)
        lines.append(series_of(str(name), tx.now, _values(rows, chart)))
    return lines


def _values(rows: list[Kept], chart: Chart) -> Iterator[tuple[datetime, int, bool]]:
    for row in rows:
        value, at = row.values.get(chart.value), row.values.get(chart.at)
        if isinstance(value, int) and isinstance(at, str):
            good = chart.good is None or row.values.get(chart.good) is not False
            yield datetime.fromisoformat(at), value, good
