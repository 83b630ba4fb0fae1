"""What was changed of a client, for the conflict dialogue; marks in use."""

from appliance.domain.client_forms import FieldChange
from appliance.domain.customer_feed import grant_field
from appliance.storage import change_entries, staff
from appliance.storage.change_entries import COLUMNS, Entry
from appliance.storage.customers import Known
from appliance.storage.statements import fetch
from appliance.storage.tx import Tx

MOST_SHOWN = 60
RECENT_TAGS = 2_000
OFFERED_TAGS = 30


async def since(tx: Tx, known: Known, version: int) -> list[FieldChange]:
    """Fields that were saved after `version`, newest first.

    Each save makes one version and writes its entries with one moment, so that as many moments
    are taken as there were saves.
    """
    saves = known.version - version
    if saves <= 0:
        return []
    rows = await fetch(
        f"SELECT {COLUMNS} FROM change_entry e WHERE e.entity = 'customer' AND e.entity_id = {{}} "
        "AND e.kind = 'change' ORDER BY e.number DESC LIMIT {}",
        known.id,
        MOST_SHOWN,
    )
    entries = [Entry(*row) for row in rows]
    moments = list(dict.fromkeys(one.at for one in entries))[:saves]
    names = await staff.directory(tx)
    found: list[FieldChange] = []
    for one in entries:
        if one.at not in moments:
            continue
        old, new = change_entries.values(tx, one, grant_field)
        who = names[one.user_number].name if one.user_number in names else ""
        found.append(FieldChange(field=one.field, old=old, new=new, at=one.at, who=who))
    return found


async def used_tags() -> tuple[str, ...]:
    """Marks that were put lately, the most used first; the ids of rows rise with time."""
    rows = await fetch(
        "SELECT name, COUNT(*) AS many FROM (SELECT name FROM tag ORDER BY id DESC LIMIT {}) t "
        "GROUP BY name ORDER BY many DESC, name LIMIT {}",
        RECENT_TAGS,
        OFFERED_TAGS,
    )
    return tuple(row[0] for row in rows)
