"""Links that set a password: what is kept of the one that an account may have."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from appliance.storage import settings

_KEY: Final = "sign_in_link."


class EntryLink(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept: hash (hex) and end; empty once used, or void."""

    hash: str = ""
    until: datetime | None = None


async def get(user_id: UUID) -> EntryLink:
    """The account's link; an empty one where there is none."""
    return await settings.get(f"{_KEY}{user_id}", EntryLink)


async def put(user_id: UUID, link: EntryLink) -> None:
    """Keep a link; the one before is void."""
    await settings.put(f"{_KEY}{user_id}", link)


async def void(user_id: UUID) -> None:
    """Let no link open this account any more."""
    if (await get(user_id)).hash:
        await put(user_id, EntryLink())
