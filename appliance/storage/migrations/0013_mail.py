"""Links for buyers, letters, and what a buyer may read of a stream."""

from appliance.roles import PRESETS, Permission
from appliance.storage import roles_store
from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import (
    LetterRow,
    LetterTemplateRow,
    NoticeChoiceRow,
    StatusLinkRow,
    TimelineEntryRow,
)
from appliance.storage.tables.indexes import MAIL_INDEXES


async def up(m: Migration) -> None:
    """Add what a box of an earlier release lacks; a new box has it from 0001 on."""
    await m.create_tables(StatusLinkRow, LetterRow, LetterTemplateRow)
    await m.add_column(TimelineEntryRow, "for_buyer")
    await m.add_column(NoticeChoiceRow, "by_mail", default=False)
    for index in MAIL_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
    await m.data(_grant)


async def _grant() -> None:
    await roles_store.grant_new(PRESETS, Permission.LETTER_SEND, Permission.MAIL_MANAGE)
