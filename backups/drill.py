"""The drill: the restore, into a scratch folder, every night; then everything is thrown away."""

import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from appliance.errors import Damaged, HouseError, NotFound, Unavailable
from appliance.vault.vault import Vault
from backups import disk, places, snapshot, state
from backups.make import LEAST_FREE, WORK, alone
from backups.orders import DrillOrder, Proven
from backups.rebuild import Tell, heart_of, rebuild
from backups.targets import Folder, Kept, Target, attachments, free_bytes, stamp_of
from backups.trial import booted

REPORTS: Final = "drills"
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - asked for by mkdtemp, for its owner only


def find(
    targets: Iterable[Path | Target], stamp: str = "", *, keys: bool = False, box: str = ""
) -> Kept:
    """The copy with this stamp, or the newest, on the first target that has it.

    Args:
        targets: places; one that is not there is passed over.
        stamp: empty for the newest.
        keys: only copies that still hold keys.
        box: only copies of this box.

    Raises:
        NotFound: `backup_none`.
    """
    found: list[Kept] = []
    for one in targets:
        place = Folder(one) if isinstance(one, Path) else one
        with suppress(HouseError):
            found += place.copies(box)
    fit = [
        one
        for one in found
        if one.label.stamp == (stamp or one.label.stamp) and (not keys or one.has("keys"))
    ]
    if not fit:
        raise NotFound("backup_none")
    return max(fit, key=lambda one: one.label.stamp)


def drill(order: DrillOrder, tell: Tell) -> Proven:
    """Prove a copy, and file the report.

    Raises:
        NotFound: `backup_none`.
        Unavailable: `backup_no_room`.
        Conflict: `backup_running`.
        HouseError: what `rebuild` found to be wrong.
    """
    home = order.data / "backups"
    with alone(home):
        known = state.load(home)
        try:
            with places.opened(order.targets, home) as (targets, _):
                proven = _prove(order, targets, home, tell)
        except HouseError as error:
            known.drill_code, known.drill_failed_at = error.code, datetime.now(UTC).isoformat()
            state.save(home, known)
            raise
        known.proven, known.drill_code, known.drill_failed_at = proven, "", ""
        state.save(home, known)
        reports = home / REPORTS
        with disk.said(home):
            reports.mkdir(mode=0o700, exist_ok=True)
            name = f"{stamp_of(datetime.now(UTC))}.json"
            disk.write(reports / name, msgspec.json.format(msgspec.json.encode(proven)))
        return proven


def _prove(order: DrillOrder, targets: list[Target], home: Path, tell: Tell) -> Proven:
    began = time.monotonic()
    box = snapshot.box_at(order.data)
    copy = find(targets, order.stamp, box=box)
    newest = find(targets, keys=True, box=box)
    label = copy.label
    if (free := free_bytes(home)) < 2 * label.size + LEAST_FREE:
        raise Unavailable(
            "backup_no_room", need=(2 * label.size + LEAST_FREE) >> 20, free=free >> 20
        )
    for part in label.files:
        if ".keys." not in part.name or copy.has("keys"):
            copy.must_be(part, lambda done, size=part.size: tell("reading", done, size))
    seen = must_have_attachments(copy, tell)
    with scratch(home) as (folder, memory):
        heart = heart_of(newest, order.identity, tell, log=newest.label.stamp != label.stamp)
        root = bytes.fromhex(order.root)

        def unlock(vault: Vault) -> None:
            vault.unlock_with_root(root)

        found = rebuild(copy, heart, order.identity, unlock, folder, memory, tell)
        tell("boot", 0, 1)
        cards = booted(folder, memory, root)
    return Proven(
        stamp=label.stamp,
        made_at=copy.made_at.isoformat(),
        proven_at=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 1),
        size=label.size,
        rows=found.rows,
        cells=found.cells,
        keys=found.keys,
        destroyed=found.destroyed,
        events=found.events,
        attachments=seen,
        cards=cards,
    )


def must_have_attachments(copy: Kept, tell: Callable[[str, int, int], None]) -> int:
    """Every attachment of a copy is there and is what its name says; how many.

    Raises:
        Damaged: `backup_attachment_differs`.
    """
    names = list(attachments(copy))
    for done, name in enumerate(names, start=1):
        if copy.attachment(name) is None:
            raise Damaged("backup_attachment_differs", name=name[:12])
        tell("attachments", done, len(names))
    return len(names)


@contextmanager
def scratch(home: Path) -> Generator[tuple[Path, Path]]:
    """A folder for a rebuilt box and one for its keys, in memory where the system has such."""
    folder = Path(tempfile.mkdtemp(prefix=f"{WORK}drill-", dir=home))
    in_memory = MEMORY if MEMORY.is_dir() else folder
    try:
        keys = Path(tempfile.mkdtemp(prefix="korobka-drill-", dir=in_memory))
    except OSError:
        keys = folder
    try:
        yield folder, keys
    finally:
        # Wrapped keys on a disk: overwritten, as the drill must leave none behind.
        for path in keys.glob(f"{snapshot.KEYS}*"):
            with suppress(OSError):
                path.write_bytes(bytes(path.stat().st_size))
        shutil.rmtree(keys, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
