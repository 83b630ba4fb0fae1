"""Acts of destruction: listed, read by whom it is allowed, ended when their term is over."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appliance.actions import _acts, _typesetting
from appliance.actions._actors import needs_step_up
from appliance.actions._acts import Drawn
from appliance.actions._gate import action
from appliance.audit.extract import Extract
from appliance.domain.access import Actor
from appliance.domain.acts import (
    LONGEST,
    LONGEST_SCAN,
    MOST_SCANS,
    PAPER_LINES,
    SCAN,
    SETTING,
    ActRecord,
    ActSettings,
    ActState,
    PaperLine,
    scan_kind,
    table_of,
    term,
)
from appliance.domain.dossiers import pack, pem_of
from appliance.domain.personal import Personal
from appliance.domain.subjects import ENDED, RequestState
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import evidence, settings, subject_requests, subject_views
from appliance.storage.tx import Tx

ARCHIVE = (
    "act.pdf", "act.json", "act.json.sig", "extract.pdf", "extract.json", "extract.json.sig",
    "extract.csv",
)  # fmt: skip
PAPERS = "papers"
_papers = msgspec.json.Decoder(tuple[PaperLine, ...])


class Unwritten(NamedTuple):
    """A destruction that has no act yet; `object_id`: by what the log knows its deeds."""

    request_id: UUID
    object_id: UUID


async def issue(actor: Actor, request_id: UUID, taken: Extract, box: str, zone: ZoneInfo) -> int:
    """Write act and extract of a destruction and keep them; give the act's number.

    May be cut off anywhere and done again: the number stays, what is kept first is what counts.

    Args:
        actor: the house.
        request_id: of a person who is destroyed.
        taken: deeds on him, out of the log.
        box: name of the box.
        zone: of the box, for the days on paper.

    Raises:
        NotFound: `request_not_found`.
        Unavailable: `printing_failed`, `evidence_unwritable`.
    """
    drawn = await draft(actor, request_id, taken, box, zone)
    pages = {
        "act.pdf": await _typesetting.drawn(_acts.act_sheet(drawn.act, zone)),
        "extract.pdf": await _typesetting.drawn(_acts.extract_sheet(drawn.extract, zone)),
    }
    await keep(actor, request_id, Personal(drawn), Personal(pages))
    return drawn.act.number


@action(Permission.HOUSE, reads=True, quiet=True)
async def unwritten(tx: Tx) -> list[Unwritten]:
    """Destructions that are done and have no act yet, the oldest first."""
    written = {one.id for one in await evidence.listed()}
    return [
        Unwritten(one.id, one.customer_id)
        for one in await subject_requests.in_states(RequestState.WAITING, RequestState.CLOSED)
        if one.erased_at is not None and one.id not in written and term(one.erased_at) > tx.now
    ]


@action(Permission.HOUSE)
async def draft(tx: Tx, request_id: UUID, taken: Extract, box: str, zone: ZoneInfo) -> Drawn:
    """Take the act's number and fill act and extract in."""
    tx.about("act", request_id)
    row = await subject_requests.by_id(request_id)
    one = await subject_views.view(tx, row)
    papers = await _papers_of(tx, request_id)
    await evidence.gather(tx, request_id, one.number, {})
    number = await evidence.number_for(request_id)
    tx.payload = {"act": number, "request": one.number}
    act = await _acts.act_of(tx, one, number, papers, box, zone)
    public = tx.vault.checkpoint_public_key()
    people = await _acts.names(tx)
    return Drawn(act=act, extract=_acts.extract_of(act, taken, one.asked_at, public, people))


async def _papers_of(tx: Tx, request_id: UUID) -> tuple[PaperLine, ...]:
    try:
        return _papers.decode(await evidence.part(tx, request_id, PAPERS))
    except NotFound:
        return ()


@action(Permission.HOUSE)
async def keep(
    tx: Tx, request_id: UUID, drawn: Personal[Drawn], pages: Personal[Mapping[str, bytes]]
) -> None:
    """Put act and extract into the evidence store, signed; again, nothing changes."""
    tx.about("act", request_id)
    row = await subject_requests.by_id(request_id)
    act, extract = drawn.reveal().act, drawn.reveal().extract
    said = msgspec.json.format(msgspec.json.encode(act), indent=1)
    proven = msgspec.json.format(msgspec.json.encode(extract), indent=1)
    parts = {
        **pages.reveal(),
        "act.json": said,
        "act.json.sig": tx.vault.sign_document(said),
        "extract.json": proven,
        "extract.json.sig": tx.vault.sign_document(proven),
        "extract.csv": table_of(extract),
    }
    await evidence.finish(tx, request_id, row.erased_at or tx.now, parts)
    tx.payload = {"act": act.number, "sha256": sha256(said).hexdigest()}


@action(Permission.HOUSE, quiet=True)
async def close_done(tx: Tx) -> int:
    """Close acts whose request is closed: no place holds the person's key any more."""
    waiting = {one.id for one in await evidence.listed() if one.state is ActState.MADE}
    if not waiting:
        return 0
    ended = await subject_requests.in_states(RequestState.CLOSED)
    return sum([await evidence.close_record(one.id) for one in ended if one.id in waiting])


@action(Permission.EVIDENCE_READ, reads=True, quiet=True)
async def list_all(tx: Tx) -> list[ActRecord]:
    """Every act, the newest first; nothing of what stands in them."""
    return await evidence.listed()


@action(Permission.EVIDENCE_READ, reads=True)
async def part(tx: Tx, number: int, name: str) -> Personal[bytes]:
    """One part of an act: `act.json`, `act.pdf`, `extract.json`, `extract.csv`, `extract.pdf`.

    Raises:
        NotFound: `evidence_not_found`.
    """
    record = await evidence.find(number)
    tx.about("act", record.id)
    return Personal(await evidence.part(tx, record.id, name))


async def files_of(tx: Tx, record: UUID) -> dict[str, bytes]:
    """Act, extract, their signatures, and scans of what was signed on paper."""
    scans = [name for name in await evidence.parts_of(record) if name.startswith(SCAN)]
    return {name: await evidence.part(tx, record, name) for name in (*ARCHIVE, *scans)}


@action(Permission.EVIDENCE_READ)
async def attach(tx: Tx, number: int, body: Personal[bytes]) -> str:
    """Lay a scan of the signed act to it; its name. The same scan again is not laid twice.

    Raises:
        NotFound: `evidence_not_found`.
        Denied: `step_up_needed`.
        Invalid: `scan_kind`: no PDF, JPEG or PNG; `scan_large`; `scan_many`.
    """
    needs_step_up(tx)
    record = await evidence.find(number)
    tx.about("act", record.id)
    data = body.reveal()
    kind = scan_kind(data)
    if kind is None:
        raise Invalid("scan_kind", fields={"file": "scan_kind"})
    if len(data) > LONGEST_SCAN:
        raise Invalid("scan_large", fields={"file": "scan_large"}, most=LONGEST_SCAN >> 20)
    known = [name for name in await evidence.parts_of(record.id) if name.startswith(SCAN)]
    for name in known:
        if await evidence.part(tx, record.id, name) == data:
            return name
    if len(known) >= MOST_SCANS:
        raise Invalid("scan_many", fields={"file": "scan_many"}, most=MOST_SCANS)
    name = f"{SCAN}{len(known) + 1:02}.{kind}"
    await evidence.add_part(tx, record.id, name, data)
    tx.payload = {"act": number, "scan": name, "sha256": sha256(data).hexdigest()}
    return name


@action(Permission.EVIDENCE_READ, reads=True)
async def archive(tx: Tx, number: int) -> Personal[bytes]:
    """Act, extract and scans as a ZIP, with the signatures and the key that checks them.

    Raises:
        NotFound: `evidence_not_found`.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    record = await evidence.find(number)
    tx.about("act", record.id)
    found = await files_of(tx, record.id)
    found["box.pem"] = pem_of(tx.vault.checkpoint_public_key())
    return Personal(pack(found, record.made_at))


@action(Permission.SUBJECT_REQUEST)
async def note_papers(tx: Tx, request_number: int, lines: Sequence[PaperLine]) -> None:
    """Write down by hand which papers went with the data; until there is an act.

    Raises:
        NotFound: `request_not_found`.
        Conflict: `act_written`: it is too late; `request_ended`, `destroy_not_asked`.
        Invalid: `papers_wrong`: a line without a name, or a number of sheets that cannot be.
    """
    one = await subject_requests.get(request_number)
    tx.about("customer", one.customer_id)
    if not one.rule.destroys:
        raise Conflict("destroy_not_asked", number=request_number)
    known = await evidence.known(one.id)
    if known is not None and known.number:
        raise Conflict("act_written", number=known.number)
    if RequestState(one.state) in ENDED:
        raise Conflict("request_ended", number=request_number)
    fit = all(0 < len(one.name.strip()) <= LONGEST and 0 < one.sheets < 100_000 for one in lines)
    if not fit or len(lines) > PAPER_LINES:
        raise Invalid("papers_wrong", fields={"papers": "papers_wrong"})
    tx.payload = {"request": request_number, "lines": len(lines)}
    await evidence.gather(tx, one.id, one.number, {PAPERS: msgspec.json.encode(tuple(lines))})


@action(Permission.SUBJECT_REQUEST, reads=True, quiet=True)
async def papers(tx: Tx, request_number: int) -> tuple[PaperLine, ...]:
    """Which papers were written down for an act that is not written yet.

    Raises:
        NotFound: `subject_request_not_found`.
    """
    return await _papers_of(tx, (await subject_requests.get(request_number)).id)


@action(Permission.PRIVACY_EDIT, reads=True, quiet=True)
async def rules(tx: Tx) -> ActSettings:
    """What acts say of the firm beside its requisites."""
    return await settings.get(SETTING, ActSettings)


@action(Permission.PRIVACY_EDIT)
async def set_rules(tx: Tx, wanted: ActSettings) -> None:
    """Set the information system's name and the processors.

    Raises:
        Invalid: `papers_wrong`.
    """
    texts = [
        wanted.system,
        *(text for one in wanted.processors for text in (one.name, one.address)),
    ]
    if any(len(text) > LONGEST for text in texts) or len(wanted.processors) > PAPER_LINES:
        raise Invalid("papers_wrong")
    tx.payload = {"processors": len(wanted.processors)}
    await settings.put(SETTING, wanted)


@action(Permission.HOUSE, quiet=True)
async def over(tx: Tx) -> Sequence[ActRecord]:
    """Acts whose term is over; see `evidence.over`."""
    return await evidence.over(tx.now)


@action(Permission.HOUSE)
async def forget(tx: Tx, record: UUID) -> None:
    """Erase an act whose term is over; the log keeps that it was, not what stood in it."""
    tx.about("act", record)
    known = await evidence.known(record)
    if known is not None and known.keep_until is not None and known.keep_until <= tx.now:
        tx.payload = {"act": known.number}
        # What the register of requests still says of the person ends with the act.
        await subject_requests.change(record, about=None)
        await evidence.erase(record)
