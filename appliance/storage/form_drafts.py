"""Forms typed into and not saved yet: one sealed row for each colleague and kind of form."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from appliance.domain.ids import uuid7
from appliance.domain.order_forms import KeptForm
from appliance.domain.personal import Personal
from appliance.storage.statements import execute, fetch_one, upsert
from appliance.storage.tables import FormDraftRow
from appliance.storage.tx import Tx

KEPT: Final = timedelta(days=3)
"""A draft holds what a person said before he is anybody's client: it does not lie about."""
_LABEL: Final = "form_draft.body"
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(KeptForm).decode


async def keep(tx: Tx, kind: str, form: Personal[KeptForm]) -> None:
    """Keep a form of the actor's in place of the one before; forget old ones of everybody."""
    await forget_old(tx)
    await upsert(
        FormDraftRow,
        ["user_id", "kind"],
        id=uuid7(),
        user_id=tx.actor.id,
        kind=kind,
        body=tx.vault.seal_secret(_LABEL, tx.actor.id, _encode(form.reveal())),
        saved_at=tx.now,
    )


async def forget_old(tx: Tx) -> None:
    """Forget drafts of everybody that nobody may open any more."""
    await execute("DELETE FROM form_draft WHERE saved_at < {}", tx.now - KEPT)


def is_too_long(form: Personal[KeptForm], most_lines: int, most_typed: int) -> bool:
    """Whether more was sent than anybody types: lines, or characters in the other fields."""
    kept = form.reveal()
    return len(kept.lines) > most_lines or sum(map(len, kept.words.values())) > most_typed


async def find(tx: Tx, kind: str) -> tuple[KeptForm, datetime] | None:
    """The actor's own draft with its time; None where there is none."""
    row = await fetch_one(
        "SELECT body, saved_at FROM form_draft WHERE user_id = {} AND kind = {} AND saved_at >= {}",
        tx.actor.id,
        kind,
        tx.now - KEPT,
    )
    if row is None:
        return None
    return _decode(tx.vault.open_secret(_LABEL, tx.actor.id, row[0])), row[1]


async def drop(tx: Tx, kind: str) -> None:
    """Forget the actor's draft."""
    await execute("DELETE FROM form_draft WHERE user_id = {} AND kind = {}", tx.actor.id, kind)
