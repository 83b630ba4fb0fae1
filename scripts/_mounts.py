"""A full disk, a disk that turns read-only under a running server, and cuts of its power.

Runs in a mount namespace of its own (`unshare --mount`), as root: what is mounted here nobody else
sees, and it is gone with the process. The full disk is a small tmpfs; the others are an ext4 in a
file: the kernel itself turns it read-only after an error that it is asked to report, and drops it
at once (EXT4_IOC_SHUTDOWN), with everything that was not synced, as a power cut does.
"""

import asyncio
import contextlib
import errno
import os
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Generator
from io import RawIOBase
from pathlib import Path

from appliance.config.checks import LEAST_FREE_BYTES
from scripts import _bad_targets, _box, _cut_updates, _destructions
from scripts._box import TrialBox
from scripts._cut import cut
from scripts._served import NotServing, Served
from scripts._trial import Trial, report

MB = 2**20
ROOM_BYTES = LEAST_FREE_BYTES + 80 * MB
"""Of both disks: a box refuses to start with less than the first part free."""

LEFT_BYTES = MB
"""Free when the clients meet the full disk."""

NOT_TRIED = 3
"""Exit code of a trial that this machine does not allow."""

LOAD_SECONDS = 2.0
PEOPLE = 50


_Hurt = Callable[[Trial], Awaitable[None]]


class Untried(Exception):
    """This machine does not let us try; the text says what is missing."""


class Failed(Exception):
    """The box did something else than it must."""


def run(cuts: int, only: str = "") -> int:
    """Run the trials; 0 when nothing acknowledged was lost and every refusal was clear.

    Args:
        cuts: of the disk's power.
        only: title of one trial; empty runs all.
    """
    code = 0
    trials: list[tuple[str, Callable[[str, Path], bool]]] = [
        ("full disk", full_disk),
        ("read-only folder", read_only),
        (f"{cuts} power cuts", lambda title, folder: power_cuts(title, folder, cuts)),
        ("updates cut off", updates),
        ("destructions cut off", destructions),
        (f"{max(cuts // 2, 3)} cuts of copies", lambda t, folder: copies(t, folder, cuts)),
        ("places for copies", places),
    ]
    for title, trial in trials:
        if only and title != only:
            continue
        with tempfile.TemporaryDirectory(prefix="korobka-disk-") as folder:
            try:
                code = code if trial(title, Path(folder)) else 1
            except Untried as reason:
                print(f"{title}: NOT TRIED, {reason}", flush=True)
                code = code or NOT_TRIED
            except (Failed, NotServing) as failure:
                print(f"{title}: WRONG {failure}", flush=True)
                code = 1
    return code


def full_disk(title: str, folder: Path) -> bool:
    """Fill the disk under load, make room again, go on without a restart; then look."""
    home = folder / "home"
    with _mounted("none", home, "tmpfs", f"size={ROOM_BYTES // MB}m"):
        box = _make(home)
        return report(title, _under_load(box, lambda trial: _fill_up(trial, home)))


async def _fill_up(trial: Trial, home: Path) -> None:
    ballast = home / "ballast"
    await asyncio.sleep(LOAD_SECONDS / 2)
    with ballast.open("wb", buffering=0) as file:
        _take(file)
    before = await _until_refused(trial)
    # Only then does nothing fit any more; whatever is let in now must still be kept.
    await asyncio.sleep(LOAD_SECONDS)
    if not await trial.answers():
        raise Failed("the server is gone")
    ballast.unlink()
    await asyncio.sleep(LOAD_SECONDS)
    _said(trial, "disk_full", "keystore_unwritable", "storage_failed")
    if len(trial.ledger.acknowledged) <= before:
        raise Failed("no order was taken after there was room again")
    await trial.unload()
    await trial.kill()


def read_only(title: str, folder: Path) -> bool:
    """Let the disk turn read-only under load; the box must not start on it, nor lose anything."""
    home, image = folder / "home", _image(folder)
    with _mounted(image, home, "ext4", "loop,errors=remount-ro"):
        box = _make(home)
        trial = _under_load(box, lambda trial: _turn(trial, home))
        _refuses_to_start(box)
    # A new mount replays the journal, as the restart of the machine does.
    with _mounted(image, home, "ext4", "loop"):
        return report(title, trial)


def power_cuts(title: str, folder: Path, cuts: int) -> bool:
    """Cut the disk off under load, again and again, each time losing what was not synced."""
    home, image = folder / "home", _image(folder)

    async def cut_often(trial: Trial) -> None:
        for _ in range(cuts):
            await asyncio.sleep(trial.chance.random() * LOAD_SECONDS)
            cut(home)
            await asyncio.sleep(0.1)  # what is acknowledged now would be a lie
            await trial.kill()
            await asyncio.to_thread(_plug_in, image, home)
            await trial.start()
        await asyncio.sleep(LOAD_SECONDS)
        await trial.unload()
        await trial.kill()

    with _mounted(image, home, "ext4", "loop"):
        box = _make(home)
        os.sync()
        return report(title, _under_load(box, cut_often))


def updates(title: str, folder: Path) -> bool:
    """Cut the power at every step of an update."""
    home, image = folder / "home", _image(folder)
    disk = _cut_updates.Disk(
        lambda: _mounted(image, home, "ext4", "loop"), lambda: _plug_in(image, home)
    )
    return _cut_updates.everywhere(title, home, disk)


def destructions(title: str, folder: Path) -> bool:
    """Cut the power at every step of a destruction."""
    home, image = folder / "home", _image(folder)
    with _mounted(image, home, "ext4", "loop"):
        return _destructions.cuts(title, home, lambda: _plug_in(image, home))


def copies(title: str, folder: Path, cuts: int) -> bool:
    """Cut the power while copies are made and restored."""
    home, image = folder / "home", _image(folder, more=400 * MB)
    with _mounted(image, home, "ext4", "loop"):
        return _bad_targets.power_cuts(
            title, home, max(cuts // 2, 3), lambda: _plug_in(image, home)
        )


def places(title: str, folder: Path) -> bool:
    """Fill up, pull out and unmount places for copies in the middle of the work."""

    @contextlib.contextmanager
    def mounted(place: Path, kind: str) -> Generator[None]:
        source = _image(folder, f"{place.name}.img") if kind == "ext4" else "none"
        with _mounted(source, place, kind, "loop" if kind == "ext4" else "size=24m"):
            yield

    return _bad_targets.all_hurts(title, folder, mounted)


def _plug_in(image: str, home: Path) -> None:
    subprocess.run(["umount", home], check=True)
    subprocess.run(["mount", "-t", "ext4", "-o", "loop", image, home], check=True)


def _image(folder: Path, name: str = "disk.img", *, more: int = 0) -> str:
    """An empty ext4 in a file, and the path of the file."""
    image = folder / name
    with image.open("wb") as file:
        file.truncate(ROOM_BYTES + 40 * MB + more)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)
    return str(image)


def _trigger_of(home: Path) -> Path:
    """The file by which the kernel is asked to take an error of this disk for real."""
    asked = ["findmnt", "-no", "SOURCE", home]
    source = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    return Path("/sys/fs/ext4") / Path(source).name / "trigger_fs_error"


async def _turn(trial: Trial, home: Path) -> None:
    await asyncio.sleep(LOAD_SECONDS)
    _trigger_of(home).write_text("a disk that fails, on purpose")
    await _until_refused(trial)
    await asyncio.sleep(LOAD_SECONDS)
    if not await trial.answers():
        raise Failed("the server is gone")
    _said(trial, "read_only_storage", "keystore_unwritable", "storage_failed")
    await trial.kill()
    await trial.unload()


async def _until_refused(trial: Trial) -> int:
    """Wait for the first refusal; return how many orders were acknowledged by then."""
    refused = trial.ledger.refusals.total()
    for _ in range(600):
        if trial.ledger.refusals.total() > refused:
            return len(trial.ledger.acknowledged)
        await asyncio.sleep(0.05)
    raise Failed("nothing was refused")


def _said(trial: Trial, *codes: str) -> None:
    """The programs were told what is the matter, by whichever file met the disk first."""
    refusals = trial.ledger.refusals
    if not all(any(code in told for code in codes) for told in refusals):
        raise Failed(f"somebody was not told {' or '.join(codes)}: {dict(refusals)}")


def _refuses_to_start(box: TrialBox) -> None:
    """A box on a read-only folder says so, with a code, and does not start."""
    log = box.home.parent / "start.log"
    served = Served(box.config, log=log)
    try:
        served.start(wait=30)
    except NotServing as refusal:
        last = str(refusal).strip().splitlines()[-1:]
        if "E005" not in str(refusal):
            raise Failed(f"the refusal to start is not clear: {last}") from refusal
        print(f"  start refused: {last[0] if last else ''}")
        return
    served.kill()
    raise Failed("a box started on a read-only folder")


def _under_load(box: TrialBox, hurt: _Hurt) -> Trial:
    async def act() -> Trial:
        trial = Trial(box, 1)
        try:
            trial.load()
            await trial.start()
            await hurt(trial)
        finally:
            trial.nursery.close()
        return trial

    return asyncio.run(act())


def _make(home: Path) -> TrialBox:
    box = _box.make(home)
    _box.fill(box, PEOPLE, PEOPLE)
    return box


def _take(ballast: RawIOBase) -> None:
    """Take all room but the last bit: what is free is not known while the box writes."""
    block = bytes(MB)
    try:
        while True:
            ballast.write(block)
    except OSError as refused:
        if refused.errno != errno.ENOSPC:
            raise
    ballast.truncate(max(0, os.fstat(ballast.fileno()).st_size - LEFT_BYTES))


@contextlib.contextmanager
def _mounted(source: str, place: Path, kind: str, options: str) -> Generator[None]:
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", kind, "-o", options, source, place]
    mounting = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounting.returncode:
        raise Untried(f"{kind} cannot be mounted here: {mounting.stderr.strip()}")
    try:
        yield
    finally:
        if place.is_mount():  # some trials take the disk away
            subprocess.run(["umount", place], check=True)
