"""Steps of the continuous protection as they lie on the second disk, and a box out of them.

guard-<box>/<chain>/0000.data.age     everything, page by page
guard-<box>/<chain>/0007.data.age     the pages that changed since step 6
guard-<box>/<chain>/0007.keys.age     the whole key store, of the newest step only
guard-<box>/<chain>/0007.label.json   written last: without it there is no step
files-<box>/ab/abcd…                  attachments, sealed, by hash; copied once
"""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from appliance.errors import Damaged, HouseError
from backups import pages, snapshot
from backups.opening import Tell, unpack_unsigned
from backups.records import LABEL_END, Label, Manifest, read_label
from backups.stores import FolderStore
from backups.targets import Kept

NAME: Final = "guard"
PAGES: Final = ".pages"


def is_step(copy: Kept) -> bool:
    """Whether this is a step of a chain, not a copy that stands by itself."""
    return any(one.name.startswith(f"{NAME}-") for one in copy.label.files)


def place_of(box: str, chain: str, step: int, end: str) -> str:
    """Where a part of a step lies."""
    return f"{NAME}-{box}/{chain}/{step:04d}.{end}"


def kind_of(chain: str, step: int) -> str:
    """What a step's manifest calls itself: no step can stand in for another."""
    return f"{NAME} {chain} {step}"


def chains(folder: Path, box: str) -> Sequence[Sequence[Kept]]:
    """The chains on a disk, the newest first; of each its steps in order, from 0 without a gap."""
    found: list[list[Kept]] = []
    root = folder / f"{NAME}-{box}"
    for home in sorted(root.glob("*"), reverse=True) if root.is_dir() else ():
        steps = _steps(folder, home)
        if steps:
            found.append(steps)
    return found


def boxes(folder: Path) -> Sequence[str]:
    """Boxes that are protected on this disk."""
    return sorted(path.name.removeprefix(f"{NAME}-") for path in folder.glob(f"{NAME}-*"))


def newest(folder: Path, box: str = "") -> Kept | None:
    """The newest step on a disk that has its keys."""
    last = [
        steps[-1]
        for one in ([box] if box else boxes(folder))
        for steps in chains(folder, one)
        if steps[-1].has("keys")
    ]
    return max(last, key=lambda step: step.label.stamp, default=None)


def at(folder: Path, box: str, moment: str) -> Kept | None:
    """The last step of a box that was begun by a moment; None: all that lie there are later.

    Args:
        folder: of the second disk.
        box: whose.
        moment: UTC, as stamps are written.
    """
    steps = (step for steps in chains(folder, box) for step in steps)
    fit = (step for step in steps if step.label.stamp <= moment)
    return max(fit, key=lambda step: step.label.stamp, default=None)


def newest_log(step: Kept, folder: Path, identity: str, tell: Tell) -> None:
    """Put log and acts of a step into a folder that holds older ones; errors as `assemble`."""
    with tempfile.TemporaryDirectory(prefix=".newest-", dir=folder) as place:
        assemble(step, Path(place), identity, tell)
        for name in snapshot.NEWEST:
            if (Path(place) / name).is_file():
                (Path(place) / name).replace(folder / name)


def chain_of(copy: Kept) -> tuple[str, int]:
    """The chain and the number of a step."""
    return copy.path.parent.name, int(copy.path.name.split(".", 1)[0])


def assemble(
    copy: Kept, folder: Path, identity: str, tell: Tell
) -> tuple[Manifest, Callable[[bytes], None]]:
    """Put the databases of a step together in an empty folder.

    Returns:
        the step's manifest, and a check of the signatures of all steps by the box's public key.

    Raises:
        Damaged: a step is missing, changed, in another's place; or what came out is not what the
            box had.
        Denied: `backup_identity_wrong`.
    """
    steps = _up_to(copy)
    checks: list[Callable[[bytes], None]] = []
    manifest = Manifest(kind="", box="", stamp="", version="")
    for number, step in enumerate(steps):
        manifest, check = _applied(step, folder, identity, tell)
        if manifest.kind != kind_of(copy.path.parent.name, number):
            raise Damaged("backup_damaged", part=step.path.name)
        checks.append(check)
    for database, (size, _, digest) in manifest.pages.items():
        if pages.digest_of(pages.table_of(folder / database, size)) != digest:
            raise Damaged("backup_part_differs", part=database)

    def check_all(public: bytes) -> None:
        for check in checks:
            check(public)

    return manifest, check_all


def _up_to(copy: Kept) -> Sequence[Kept]:
    last = chain_of(copy)[1]
    steps = _steps(copy.path.parents[2], copy.path.parent)[: last + 1]
    if len(steps) != last + 1:
        raise Damaged("backup_part_missing", part=f"{len(steps):04d}{LABEL_END}")
    return steps


def _applied(
    step: Kept, folder: Path, identity: str, tell: Tell
) -> tuple[Manifest, Callable[[bytes], None]]:
    """Compare a step with its label, open it, write its pages into the databases."""
    part, path = step.label.file("data"), step.part("data")
    if part is None or path is None:
        raise Damaged("backup_part_missing", part=f"{step.path.name} .data.age")
    step.must_be(part)
    manifest, check = unpack_unsigned(
        path, identity, lambda one: _placed(folder, one), tell, "data"
    )
    for database, (size, count, _) in manifest.pages.items():
        taken = folder / f"{database}{PAGES}"
        pages.apply(taken, folder / database, size, count)
        taken.unlink()
    return manifest, check


def _placed(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.unlink(missing_ok=True)  # a later step's settings take the place of an earlier one's
    return path


def _steps(root: Path, home: Path) -> list[Kept]:
    store = FolderStore(root)
    names = store.listing(str(home.relative_to(root)))
    found: list[Kept] = []
    while True:
        path = home / f"{len(found):04d}{LABEL_END}"
        label: Label | None = None
        with suppress(HouseError, OSError):
            label = read_label(path)
        if label is None:
            return found
        found.append(Kept(store, path, label, names, root))


DATABASES: Final = (snapshot.MAIN, snapshot.AUDIT, snapshot.EVIDENCE)
"""In the order in which their moments are taken, keys.db between the first and the second."""
