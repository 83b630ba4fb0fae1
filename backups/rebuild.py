"""A box out of a copy, in a folder of its own, with every check: the heart of restore and drill."""

import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from appliance.audit.verify import Trust, verify
from appliance.domain.access import NOBODY
from appliance.errors import Damaged, HouseError
from appliance.storage.migrations.runner import HOUSE, known_steps
from appliance.storage.owned import OWNED
from appliance.vault.errors import SubjectKeyMissing
from appliance.vault.vault import CellRef, Vault
from backups import chain, snapshot
from backups.opening import Tell, unpack, unpack_unsigned
from backups.records import Erased, Label, Manifest, must_be_signed, read
from backups.targets import Kept, attachments

CELLS: Final = 200


class Heart(NamedTuple):
    """Keys and log: the newest there are, whatever data they go with.

    Attributes:
        keys: puts keys.db into its place and gives a check of its signature.
        log: puts audit.db and evidence.db into a folder; None: the data's own are the newest.
    """

    keys: Callable[[Path], Callable[[bytes], None]]
    log: Callable[[Path], None] | None = None


def heart_of(copy: Kept, identity: str, tell: Tell, *, log: bool) -> Heart:
    """Keys (and the log that fits them) out of a copy.

    Raises:
        Damaged: `backup_part_missing`: the copy holds no keys (any more).
    """
    path = copy.part("keys")
    if path is None:
        raise Damaged("backup_part_missing", part=f"{copy.label.stamp}.keys.age")

    def put_keys(place: Path) -> Callable[[bytes], None]:
        return unpack_unsigned(path, identity, lambda _: place, tell, "keys")[1]

    def put_log(folder: Path) -> None:
        data = copy.part("data")
        if data is None:
            raise Damaged("backup_part_missing", part=f"{copy.label.stamp}.data.age")
        for name in snapshot.NEWEST:
            (folder / name).unlink(missing_ok=True)
        if chain.is_step(copy):
            chain.newest_log(copy, folder, identity, tell)
            return
        newest = snapshot.NEWEST
        unpack(data, identity, lambda name: folder / name if name in newest else None, tell, "log")

    return Heart(put_keys, put_log if log else None)


class Rebuilt(NamedTuple):
    """What was put together and found right.

    Attributes:
        size: bytes of the data container.
        rows, cells, keys, events: how many were counted, opened, unwrapped, verified.
        destroyed: people of the ledger, none of whom can be opened.
    """

    manifest: Manifest
    size: int
    rows: int
    cells: int
    keys: int
    events: int
    destroyed: int
    attachments: int


def rebuild(
    copy: Kept,
    heart: Heart,
    identity: str,
    unlock: Callable[[Vault], None],
    folder: Path,
    keys_folder: Path,
    tell: Tell,
    erased: Iterable[Erased] = (),
) -> Rebuilt:
    """Put a copy together in an empty folder, replay the ledger, check everything.

    Args:
        copy: whose data.
        heart: keys and log.
        identity: opens the containers.
        unlock: opens the vault of the rebuilt box.
        folder: empty; main.db and the rest go there.
        keys_folder: where keys.db goes; `folder`, or a place in memory.
        tell: step, done, total.
        erased: ledgers from elsewhere: of the box that is there.

    Raises:
        Denied: `backup_identity_wrong`, or the code opens no keys.
        Damaged: a part is missing or differs, counts, tree, cells or keys are not as they were;
            `backup_newer`.
        Unavailable: `schema_newer`.
    """
    data = copy.part("data")
    if data is None:
        raise Damaged("backup_part_missing", part=f"{copy.label.stamp}.data.age")
    if chain.is_step(copy):
        manifest, check_data = chain.assemble(copy, folder, identity, tell)
    else:
        manifest, check_data = unpack_unsigned(
            data, identity, lambda name: _placed(folder, name), tell, "data"
        )
    newest = known_steps(HOUSE)[-1].number
    if manifest.schema > newest:
        raise Damaged("backup_newer", found=manifest.version)
    if heart.log is not None:
        heart.log(folder)
    check_keys = heart.keys(keys_folder / snapshot.KEYS)
    (keys_folder / snapshot.KEYS).chmod(0o600)
    vault = Vault.load(keys_folder)
    try:
        unlock(vault)
        public = vault.checkpoint_public_key()
        check_data(public)
        check_keys(public)
        must_be_signed(read(copy.path.read_bytes(), Label)[1], public, copy.path.name)
        rows = _same_rows(folder, manifest)
        events = _same_log(folder, manifest, public, tell)
        _same_evidence(folder, vault, None if heart.log else manifest)
        destroyed = replay(vault, [*manifest.ledger, *erased])
        cells = open_cells(folder / snapshot.MAIN, vault, CELLS)
        keys = vault.probe_keys(lambda done, total: tell("people", done, total))
    finally:
        vault.close()
    found = sum(1 for _ in attachments(copy))
    size = data.stat().st_size
    return Rebuilt(manifest, size, rows, cells, keys, events, destroyed, found)


def _placed(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    return path


def _same_rows(folder: Path, manifest: Manifest) -> int:
    """Both databases are whole and hold as many rows as the manifest says."""
    found: dict[str, int] = {}
    with closing(sqlite3.connect(folder / snapshot.MAIN)) as main:
        snapshot.must_be_whole(main, snapshot.MAIN, thorough=True)
        found |= snapshot.counted(main)
    for name, count in manifest.rows.items():
        if not name.startswith(("audit.", "evidence.")) and found.get(name) != count:
            raise Damaged("backup_count_differs", part=name)
    return sum(found.values())


def _same_evidence(folder: Path, vault: Vault, manifest: Manifest | None) -> None:
    """The evidence store is whole, every act opens, and none is missing of those in the manifest.

    Args:
        folder: of the rebuilt box; a box of an earlier release has no store.
        vault: open.
        manifest: that goes with it; None where it is newer than the data.
    """
    path = folder / snapshot.EVIDENCE
    found: dict[str, int] = {}
    if path.is_file():
        with closing(sqlite3.connect(path)) as store:
            snapshot.must_be_whole(store, snapshot.EVIDENCE, thorough=True)
            found = {f"evidence.{name}": n for name, n in snapshot.counted(store).items()}
            try:
                for record, name, sealed in store.execute("SELECT record, name, sealed FROM part"):
                    vault.open_evidence(
                        CellRef("evidence", name, UUID(bytes=record), NOBODY), sealed
                    )
            except (HouseError, sqlite3.Error):
                raise Damaged("backup_cell_damaged", table="evidence", column="part") from None
    for name, count in ({} if manifest is None else manifest.rows).items():
        if name.startswith("evidence.") and found.get(name) != count:
            raise Damaged("backup_count_differs", part=name)


def _same_log(folder: Path, manifest: Manifest, public: bytes, tell: Tell) -> int:
    """The log holds together and begins with the very tree of the manifest."""
    path = folder / snapshot.AUDIT
    tell("log", 0, 1)
    report = verify(path, Trust(public_key=public))
    if not report.ok:
        raise Damaged("backup_log_differs", place=report.place, number=report.first_bad)
    with closing(sqlite3.connect(path)) as log:
        _, root = snapshot.tree_of(log, manifest.audit_size)
    if root != manifest.audit_root:
        raise Damaged("backup_log_differs", place="root", number=manifest.audit_size)
    tell("log", 1, 1)
    return report.size


def replay(vault: Vault, erased: Iterable[Erased]) -> int:
    """Destroy again whoever a ledger names; nobody comes back. How many are in the ledger then.

    A person of whom there is no key at all needs none destroyed.
    """
    gone = {one.subject for one in vault.ledger()}
    for one in erased:
        subject = UUID(one.subject)
        if subject in gone:
            continue
        gone.add(subject)
        try:
            vault.begin_destroy(subject)
        except SubjectKeyMissing:
            continue
        approved = UUID(one.approved_by) if one.approved_by else None
        vault.destroy(subject, one.reason, UUID(one.requested_by), approved)
    return len(gone)


def open_cells(path: Path, vault: Vault, most: int) -> int:
    """Open sealed values picked at random over all tables; how many.

    Raises:
        Damaged: `backup_cell_damaged` with table and column.
    """
    opened = 0
    with closing(sqlite3.connect(path)) as main:
        places = list(_places(main))
        while places and opened < most:
            before = opened
            for table, column, last in places:
                picked = _picked(main, table, column, last)
                if picked is None or opened >= most:
                    continue
                row, subject, cell = picked
                ref = CellRef(table, column, UUID(bytes=row), UUID(bytes=subject))
                try:
                    vault.open_cell(ref, cell)
                except HouseError as error:
                    if error.code in ("subject_destroyed", "subject_pending_destroy"):
                        continue
                    raise Damaged("backup_cell_damaged", table=table, column=column) from None
                opened += 1
            if opened == before:
                break
    return opened


def _places(main: sqlite3.Connection) -> Iterator[tuple[str, str, int]]:
    columns = [("customer", "person")]
    columns += [
        (one.name, cell) for one in OWNED if one.subject == "subject_id" for cell in one.cells
    ]
    for table, column in columns:
        found = main.execute(f'SELECT MAX(rowid) FROM "{table}"').fetchone()  # noqa: S608 - names out of our own list
        if found is not None and found[0]:
            yield table, column, found[0]


def _picked(
    main: sqlite3.Connection, table: str, column: str, last: int
) -> tuple[bytes, bytes, bytes] | None:
    start = random.randint(1, last)  # noqa: S311 - a sample, not a secret
    return main.execute(
        f'SELECT id, subject_id, "{column}" FROM "{table}" WHERE rowid >= ?'  # noqa: S608 - as above
        f' AND "{column}" IS NOT NULL AND subject_id IS NOT NULL LIMIT 1',
        (start,),
    ).fetchone()
