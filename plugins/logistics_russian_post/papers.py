"""Parcels handed over at the office: put into batches, sent on ahead as form 103, that printed.

Asked for again it is the same batch: what is in one already is not put into another.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from appliance.domain.personal import Personal
from appliance.plugin_api.core import Core
from appliance.plugin_api.handing import Paper, Papers, PapersAsked
from appliance.plugin_api.outcomes import Permanent
from plugins.logistics_russian_post import statuses
from plugins.logistics_russian_post.client import Post
from plugins.logistics_russian_post.wire import Batch, CheckedIn, Made, Order

CREATED: Final = "CREATED"


async def papers(post: Post, core: Core, asked: PapersAsked) -> Papers:
    """Form 103 of every batch that these parcels are in.

    Raises:
        Permanent: `nothing_batched`: the Post knows none of them; `form_refused`.
    """
    ids = [int(one) for one in asked.numbers if one.isdecimal()]
    query = {"sending-date": asked.day}
    reply = await post.ask(core, "POST", "/1.0/user/shipment", json=ids, query=query)
    made = reply.json(Made) if reply.is_good else Made()
    batches = {one.batch_name: one for one in made.batches}
    before = [one for one in ids if one not in set(made.result_ids)]
    batches |= await _of(post, core, before)
    if not batches:
        code = made.errors[0].word if made.errors else "nothing_batched"
        await core.journal("batch_refused", direction="out", state="bad", why=code[:64])
        raise Permanent("nothing_batched")
    found = [await _form(post, core, one) for one in batches.values()]
    if made.batches:
        count = len(made.result_ids)
        await core.journal("batched", direction="out", count=count, batches=len(made.batches))
    return Papers(papers=tuple(found))


async def _of(post: Post, core: Core, ids: Sequence[int]) -> dict[str, Batch]:
    """Batches that parcels are in already."""
    heard = await asyncio.gather(*(_parcel(post, core, one) for one in ids))
    return {
        one.batch_name: Batch(batch_name=one.batch_name, batch_status=one.batch_status)
        for one in heard
        if one is not None and one.batch_name
    }


async def _parcel(post: Post, core: Core, number: int) -> Order | None:
    reply = await post.ask(core, "GET", f"/1.0/shipment/{number}")
    return reply.json(Order) if reply.is_good and reply.data else None


async def _form(post: Post, core: Core, batch: Batch) -> Paper:
    name = batch.batch_name
    if batch.batch_status not in statuses.SENT:
        query = {"sendEmail": "false"}
        reply = await post.ask(core, "POST", f"/1.0/batch/{name}/checkin", query=query)
        said = reply.json(CheckedIn) if reply.is_good and reply.data else CheckedIn()
        if not said.f103_sent:
            # The office takes the batch by the printed form, too: a line, and on.
            await core.journal(
                "checkin_refused", direction="out", state="warn", why=(said.error_code or "?")[:64]
            )
    file = await post.ask(core, "GET", f"/1.0/forms/{name}/f103pdf", wants_json=False)
    if not file.is_good or not file.body.startswith(b"%PDF"):
        raise Permanent("form_refused")
    return Paper(name=f"f103-{name}.pdf", body=Personal(file.body))
