"""Drafts of forms, and the way to pay by invoice."""

from appliance.storage import seed
from appliance.storage.migrations.operations import Migration
from appliance.storage.tables import FormDraftRow


async def up(m: Migration) -> None:
    """Add what a box of an earlier release lacks; a new box has it from 0001 on."""
    await m.create_tables(FormDraftRow)
    await m.create_index(FormDraftRow, "user_id", "kind", unique=True)
    await m.data(seed.add_invoice)
