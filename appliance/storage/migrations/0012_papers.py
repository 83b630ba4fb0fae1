"""Our own legal entities, templates of documents, documents made; who gets an order."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import (
    LegalEntityPictureRow,
    LegalEntityPlaceRow,
    LegalEntityRow,
    PaperRow,
    PrintTemplateRow,
)
from appliance.storage.tables.indexes import PAPER_INDEXES


async def up(m: Migration) -> None:
    """Add what a box of an earlier release lacks; a new box has it from 0001 on."""
    await m.create_tables(
        LegalEntityRow,
        LegalEntityPlaceRow,
        LegalEntityPictureRow,
        PrintTemplateRow,
        PaperRow,
    )
    for index in PAPER_INDEXES:
        await m.create_index(index.table, *index.columns, unique=index.unique, where=index.where)
