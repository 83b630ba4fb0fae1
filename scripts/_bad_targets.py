"""Copies and their bad days: power cuts, a place that fills up, is pulled out, is unmounted.

Runs where mounts are nobody else's (`_mounts`). A place is hurt in the middle of a file or between
two; then: it is named with its code, the other place has the copy, whatever calls itself a copy is
whole, and the next run after the cure is done everywhere.
"""

import os
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from appliance import __version__
from appliance.errors import HouseError
from appliance.vault.vault import Vault
from backups import chain
from backups.guard import guard
from backups.make import make
from backups.orders import GuardOrder, MakeOrder, Outcome
from backups.targets import Folder
from scripts import _box
from scripts._box import TrialBox
from scripts._copy_kills import CopyKills
from scripts._cut import cut

MB: Final = 2**20
START: Final = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE: Final = 200

Mount = Callable[[Path, str], AbstractContextManager[object]]
"""Mounts a disk of its own at a folder: `tmpfs` or `ext4`."""


class CopyCuts(CopyKills):
    """As the kills, and what was not synced by then is gone, too."""

    def __init__(self, box: TrialBox, seed: int, plug_in: Callable[[], None]) -> None:
        super().__init__(box, seed)
        self._plug_in = plug_in

    def _strike(self, child: "subprocess.Popen[bytes]") -> None:
        cut(self.box.home)
        super()._strike(child)
        for serving in self._helpers:
            serving.join(10)
        self._plug_in()


def power_cuts(title: str, home: Path, cuts: int, plug_in: Callable[[], None]) -> bool:
    """Cut the power so often while copies are made and restored; true when all is well."""
    box = _box.make(home)
    _box.fill(box, PEOPLE, PEOPLE)
    trial = CopyCuts(box, 1, plug_in)
    os.sync()
    found = trial.run(cuts)
    done = ", ".join(f"{kind} {count}" for kind, count in sorted(found.kills.items()))
    print(f"{title}: {done}; {found.lost} lost, {found.torn} torn", flush=True)
    return found.is_clean


@dataclass
class Hurt:
    """What is done to a place, and what it must be called.

    Attributes:
        step: of the work, in the middle or at the end of which it is done.
        share: 0 is the beginning of the step, 1 its end.
    """

    name: str
    kind: str
    step: str
    share: float
    do: Callable[[Path], object]
    code: str


def _fill(place: Path) -> None:
    with (place / "ballast").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(MB // 4))
        except OSError:
            return


def _unmount(place: Path) -> None:
    subprocess.run(["umount", "--lazy", place], check=True)


FULL, LOST = "backup_target_full", "backup_target_lost"
HURTS: Final = (
    Hurt("full in the middle", "tmpfs", "copy", 0.0, _fill, FULL),
    Hurt("pulled out in the middle", "ext4", "copy", 0.0, cut, LOST),
    Hurt("unmounted in the middle", "tmpfs", "copy", 0.0, _unmount, LOST),
    Hurt("unmounted between two files", "tmpfs", "copy", 1.0, _unmount, LOST),
)
GUARD_HURTS: Final = (
    Hurt("second disk full", "tmpfs", "data", 0.0, _fill, FULL),
    Hurt("second disk pulled out", "ext4", "data", 0.0, cut, LOST),
    Hurt("second disk unmounted", "tmpfs", "data", 0.0, _unmount, LOST),
)


class Targets:
    """A resting box, a place that is hurt and one that is not."""

    def __init__(self, folder: Path, mount: Mount) -> None:
        self.box = _box.make(folder / "home")
        _box.fill(self.box, PEOPLE, PEOPLE)
        self.folder, self.mount, self.number = folder, mount, 0
        self.good = folder / "good"
        self.good.mkdir()
        self.problems: list[str] = []

    def common(self, vault: Vault) -> dict[str, Any]:
        """What every order has."""
        self.number += 1
        return {
            "data": self.box.config.data,
            "stamp": f"{START + timedelta(hours=self.number):%Y%m%dT%H%M%SZ}",
            "version": __version__,
            "recovery": vault.age_recipient(),
            "drill": vault.drill_identity()[1],
            "public_key": vault.checkpoint_public_key().hex(),
        }

    def vault(self) -> Vault:
        """Open keys."""
        vault = Vault.load(self.box.config.data)
        vault.unlock_with_code(self.box.papers.recovery_code)
        return vault

    def made(self, bad: Path, hurt: Hurt | None) -> dict[str, Outcome]:
        """One run to both places; how it went at each."""
        with closing(self.vault()) as vault:
            order = MakeOrder(**self.common(vault), targets=(str(bad), str(self.good)))
            tell = _harming(hurt, bad)
            done = make(order, lambda text: vault.sign_document(text.encode()).hex(), tell)
        return {one.path: one for one in done.targets}

    def guarded(self, disk: Path, hurt: Hurt | None) -> str:
        """One step of the continuous protection; its code, empty when done."""
        with closing(self.vault()) as vault:
            order = GuardOrder(**self.common(vault), guard=str(disk))
            tell = _harming(hurt, disk)
            try:
                guard(order, lambda text: vault.sign_document(text.encode()).hex(), tell)
            except HouseError as error:
                return error.code
        return ""

    def must(self, what: str, *, hold: bool) -> None:
        """Note what does not hold."""
        if not hold:
            self.problems.append(what)
            print(f"  WRONG {what}", flush=True)

    def must_be_whole(self, place: Path, name: str) -> int:
        """Whatever calls itself a copy is one; how many there are."""
        copies = Folder(place).copies()
        for copy in copies:
            for part in copy.label.files:
                if ".keys." in part.name and not copy.has("keys"):
                    continue  # only the newest are kept
                try:
                    copy.must_be(part)
                except HouseError as error:
                    self.must(f"{name}: {error.code}", hold=False)
        return len(copies)

    def copy(self, hurt: Hurt) -> None:
        """One bad day of a place for copies."""
        bad = self.folder / hurt.name.replace(" ", "-")
        bad.mkdir()
        with ExitStack() as stack:
            stack.enter_context(self.mount(bad, hurt.kind))
            self.must(f"{hurt.name}: before", hold=_done(self.made(bad, None)))
            ended = self.made(bad, hurt)
            told = (ended[str(bad)].state, ended[str(bad)].code)
            self.must(f"{hurt.name}: {told}", hold=told == ("failed", hurt.code))
            self.must(f"{hurt.name}: the other", hold=ended[str(self.good)].state == "done")
        self.must(f"{hurt.name}: left behind", hold=not list(bad.glob("*.json")))
        with ExitStack() as stack:  # the same place, with room, plugged in anew
            stack.enter_context(self.mount(bad, hurt.kind))
            (bad / "korobka-copies.txt").write_text("of before\n")
            self.must(f"{hurt.name}: after", hold=_done(self.made(bad, None)))
            self.must(f"{hurt.name}: one", hold=self.must_be_whole(bad, hurt.name) == 1)
        self.must_be_whole(self.good, hurt.name)

    def second(self, hurt: Hurt) -> None:
        """One bad day of the second disk."""
        disk = self.folder / hurt.name
        disk.mkdir()
        with ExitStack() as stack:
            stack.enter_context(self.mount(disk, hurt.kind))
            self.must(f"{hurt.name}: before", hold=not self.guarded(disk, None))
            self.box.run(_nothing)  # so that there are pages to take
            code = self.guarded(disk, hurt)
            self.must(f"{hurt.name}: {code}", hold=code == hurt.code)
            if hurt.code == FULL:
                (disk / "ballast").unlink()
                self.must(f"{hurt.name}: after", hold=not self.guarded(disk, None))
                self.must(f"{hurt.name}: chain", hold=chain.newest(disk) is not None)
        if hurt.code == LOST:  # the empty mount point is no second disk
            self.must(f"{hurt.name}: taken for one", hold=self.guarded(disk, None) == LOST)
            self.must(f"{hurt.name}: written to", hold=not list(disk.glob("guard-*/*/*.json")))


def _done(ended: dict[str, Outcome]) -> bool:
    return all(one.state == "done" for one in ended.values())


def _harming(hurt: Hurt | None, place: Path) -> Callable[[str, int, int], None]:
    done: list[bool] = []

    def tell(step: str, at: int, total: int) -> None:
        if hurt is None or done or step.split(" ", maxsplit=1)[0] != hurt.step:
            return
        if hurt.step == "copy" and not step.endswith(str(place)):
            return
        if total and at < hurt.share * total:
            return
        done.append(True)
        hurt.do(place)

    return tell


async def _nothing(_house: object) -> None:
    """Only open and close."""


def all_hurts(title: str, folder: Path, mount: Mount) -> bool:
    """Every bad day once; true when all is well."""
    trial = Targets(folder, mount)
    for hurt in HURTS:
        trial.copy(hurt)
    for hurt in GUARD_HURTS:
        trial.second(hurt)
    tried, wrong = len(HURTS) + len(GUARD_HURTS), len(trial.problems)
    print(f"{title}: {tried} bad days; {'all is well' if not wrong else f'{wrong} WRONG'}")
    return not wrong
