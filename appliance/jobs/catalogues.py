"""The run of shops' catalogues: fetched, read whole, taken over in short steps."""

import asyncio
import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from appliance.actions import catalogue_runs
from appliance.actions.catalogue_runs import Task
from appliance.domain import icml
from appliance.domain.catalogue_runs import BATCH, Note, Origin, Outcome, Run, RunState
from appliance.domain.icml import Group, Offer
from appliance.errors import Conflict, Invalid, Unavailable
from appliance.http import outbound
from appliance.jobs.worker import Worker

PIECE: Final = 256 * 1024
GROUPS_AT_ONCE: Final = 500
AT_THE_SHOP: Final = frozenset({"shop_unreachable", "shop_untrusted"})
ASKED_AGAIN: Final = frozenset({Origin.SCHEDULE, Origin.SHOP})
"""Only these leave a known file alone: a person may have changed what is taken of it."""


class Seen(NamedTuple):
    """What a whole file holds, as far as it is needed later.

    Attributes:
        last: `hash` of an offer's id → its last place.
    """

    charset: str | None
    groups: tuple[Group, ...]
    units: frozenset[tuple[str, str, str]]
    last: dict[int, int]
    offers: int
    digest: str
    size: int


class CatalogueReader(Worker[Task]):
    """Goes on with shops' catalogues."""

    unknown = "catalogue_failed"
    gives_way = False

    async def _waiting(self) -> Sequence[Task]:
        return await catalogue_runs.work(self._house)

    async def _try(self, one: Task) -> None:
        try:
            await super()._try(one)
        except Unavailable as error:
            if error.code not in AT_THE_SHOP:
                raise
            # A shop that is down is no reason to try again every two seconds.
            await self._fail(one, error.code)

    async def _fail(self, one: Task, code: str) -> None:
        await catalogue_runs.end(self._house, one.run.number, RunState.FAILED, code)

    async def _work(self, one: Task) -> None:
        number, file = one.run.number, catalogue_runs.file_of(one.run.number)
        if one.run.origin is not Origin.FILE and not await self._fetched(one, file):
            return
        if not _is_there(file):
            raise Invalid("file_incomplete")
        if not one.run.position:
            await self._stand(number, state=RunState.READING.value)
        seen = await asyncio.to_thread(_look_through, file)
        same = one.last is not None and one.last.digest == seen.digest
        if same and one.run.origin in ASKED_AGAIN and not one.run.position:
            await self._stand(number, size=seen.size, digest=seen.digest, offers=seen.offers)
            await catalogue_runs.end(self._house, number, RunState.SAME)
            return
        await self._stand(
            number,
            state=RunState.TAKING.value,
            size=seen.size,
            digest=seen.digest,
            groups=len(seen.groups),
            offers=seen.offers,
        )
        await self._take(one, file, seen)
        await catalogue_runs.end(
            self._house, number, RunState.DONE, await self._hide(number, seen.last)
        )

    async def _stand(self, number: int, **columns: object) -> None:
        await catalogue_runs.stand(self._house, number, columns)

    async def _fetched(self, one: Task, file: Path) -> bool:
        """Fetch the file; False: it is the one taken over last. A run that goes on has it."""
        run, last = one.run, one.last if one.run.origin in ASKED_AGAIN else None
        if run.position and _is_there(file):
            return True
        await self._stand(run.number, state=RunState.FETCHING.value, position=0, tally={})
        answer = await _kept(one, last, file)
        if not answer.changed and last is not None:
            names = ("digest", "offers", "size", "etag", "modified")
            await self._stand(run.number, **{name: getattr(last, name) for name in names})
            await catalogue_runs.end(self._house, run.number, RunState.SAME)
            return False
        await self._stand(run.number, etag=answer.etag, modified=answer.modified)
        return True

    async def _take(self, one: Task, file: Path, seen: Seen) -> None:
        groups = in_order(seen.groups)
        for at in range(0, max(len(groups), 1), GROUPS_AT_ONCE):
            part = groups[at : at + GROUPS_AT_ONCE]
            units: Collection[tuple[str, str, str]] = seen.units if at == 0 else ()
            await catalogue_runs.take_groups(self._house, one.run.number, part, units)
        found = _offers(file, seen.charset, one.run.position)
        while batch := await asyncio.to_thread(_some, found):
            await self._batch(one.run.number, batch, seen.last)
            await asyncio.sleep(0)  # whoever waits for the writer goes first

    async def _batch(self, number: int, batch: Sequence[Offer], last: dict[int, int]) -> None:
        sound, refused = _sorted(batch, last)
        position = batch[-1].place
        if not await self._taken(number, position, sound, refused):
            return
        # One offer spoils the batch of all: they go one by one, and it is named.
        for offer in sound:
            early = [one for one in refused if one.place < offer.place]
            refused = [one for one in refused if one.place > offer.place]
            code = await self._taken(number, offer.place, [offer], early)
            if code:
                refused = [*early, catalogue_runs.refusal(offer, "", code), *refused]
        if refused:
            await catalogue_runs.take(self._house, number, position, [], refused)

    async def _taken(
        self, number: int, position: int, offers: Sequence[Offer], refused: Sequence[Note]
    ) -> str:
        """Take a batch over; the code of what an offer in it was refused with, if one was."""
        try:
            await catalogue_runs.take(self._house, number, position, offers, refused)
        except (Invalid, Conflict) as error:
            if error.code == "catalogue_moved_on":
                raise
            return error.code
        return ""

    async def _hide(self, number: int, last: dict[int, int]) -> str:
        """Take off sale what is no longer there; a code where that was not done."""
        if await catalogue_runs.is_too_empty(self._house, number):
            return "catalogue_half"
        after = 0
        while True:
            found = await catalogue_runs.hide_missing(self._house, number, last.keys(), after)
            if not found.after:
                return ""
            after = found.after
            await asyncio.sleep(0)


async def _kept(one: Task, last: Run | None, file: Path) -> outbound.Fetched:
    """Fetch the file into its place, whole or not at all."""
    part = file.with_suffix(".part")
    with part.open("wb") as out:
        answer = await outbound.fetch(
            one.url,
            out.write,
            lan=one.link.lan,
            most_bytes=icml.MOST_BYTES,
            etag="" if last is None else last.etag,
            modified="" if last is None else last.modified,
        )
    if answer.changed:
        part.replace(file)
    else:
        part.unlink()
    return answer


def _is_there(file: Path) -> bool:
    return file.exists()


def _sorted(batch: Sequence[Offer], last: dict[int, int]) -> tuple[list[Offer], list[Note]]:
    """Sound offers, and notes of those that are not taken over."""
    sound: list[Offer] = []
    refused: list[Note] = []
    for offer in batch:
        field, code = offer.problem
        if code:
            refused.append(catalogue_runs.refusal(offer, field, code))
        elif last[hash(offer.id)] != offer.place:
            again = catalogue_runs.refusal(offer, "id", "offer_repeated", Outcome.SKIPPED)
            refused.append(again)
        else:
            sound.append(offer)
    return sound, refused


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while data := source.read(PIECE):
            yield data


def _look_through(file: Path) -> Seen:
    """Read a whole file and keep next to nothing of it.

    Raises:
        Invalid: see `icml.read`; `catalogue_empty`: not one offer in it.
    """
    digest, size = hashlib.sha256(), 0

    def hashed() -> Iterator[bytes]:
        nonlocal size
        for data in _pieces(file):
            digest.update(data)
            size += len(data)
            yield data

    whole = hashed()
    charset = icml.charset_of(whole)
    for _ in whole:
        pass  # what is not UTF-8 was left at its first such byte
    groups: dict[str, Group] = {}
    units: set[tuple[str, str, str]] = set()
    last: dict[int, int] = {}
    offers = 0
    for one in icml.read(_pieces(file), charset):
        if isinstance(one, Group):
            groups[one.id] = one
            continue
        offers = one.place
        last[hash(one.id)] = one.place
        if any(one.unit):
            units.add(one.unit)
    if not offers:
        raise Invalid("catalogue_empty")
    found = tuple(groups.values())
    return Seen(charset, found, frozenset(units), last, offers, digest.hexdigest(), size)


def _offers(file: Path, charset: str | None, after: int) -> Iterator[Offer]:
    for one in icml.read(_pieces(file), charset):
        if isinstance(one, Offer) and one.place > after:
            yield one


def _some(found: Iterator[Offer]) -> list[Offer]:
    return list(islice(found, BATCH))


def in_order(groups: Iterable[Group]) -> list[Group]:
    """Groups with every parent before its children; one that is under itself hangs at the root."""
    known = {one.id: one for one in groups}
    placed: dict[str, Group] = {}
    for one in known.values():
        chain: list[Group] = []
        step: Group | None = one
        while step is not None and step.id not in placed and step not in chain:
            chain.append(step)
            step = known.get(step.parent)
        if step is not None and step.id not in placed:  # a circle: it is cut where it closes
            chain[-1] = Group(id=chain[-1].id, name=chain[-1].name)
        for member in reversed(chain):
            placed[member.id] = member
    return list(placed.values())
