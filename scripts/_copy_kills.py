"""Kills of copying and restoring: what lies there is whole, the box is as before or as restored."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from appliance import __version__
from appliance import config as settings
from appliance.actions import users
from appliance.audit.verify import Trust, verify
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.personal import Personal
from appliance.domain.users import NewUser
from appliance.errors import HouseError
from appliance.storage.engine.postgres import PostgresDatabase
from appliance.storage.statements import fetch
from appliance.vault.vault import Vault
from backups import chain, inside, other_engine
from backups.opening import unpack
from backups.orders import (
    GoBackOrder,
    GuardOrder,
    MakeOrder,
    PlaceOrder,
    PrepareOrder,
)
from backups.targets import Folder, Kept
from scripts._box import TrialBox
from scripts._tally import Tally

KINDS: Final = {"backup": 0.4, "guard": 0.25, "restore": 0.2, "place": 0.15}
ROOT: Final = Path(__file__).resolve().parents[1]
START: Final = datetime(2026, 2, 1, tzinfo=UTC)
EVERY: Final = 4
"""So many kills between two changes that must not be lost."""


def _quiet(_step: str, _done: int, _total: int) -> None:
    """Nobody looks."""


class CopyKills:
    """A resting box, its copies, its second disk; one kill after another."""

    def __init__(self, box: TrialBox, seed: int) -> None:
        settings.save(box.config)
        self.box = box
        self.url = box.config.database.url or ""
        self.chance = random.Random(seed)  # noqa: S311 - moments must repeat by their seed
        self.tally = Tally()
        self.copies, self.second = box.home / "usb", box.home / "second"
        for folder in (self.copies, self.second):
            folder.mkdir()
        (box.home / "code").write_text(box.papers.recovery_code)
        self.number = 0
        self.people = self._people()
        self.known: dict[str, frozenset[str]] = {}
        self.lasts: dict[str, float] = {}
        self.acknowledged: dict[str, str] = {}
        self._helpers: list[threading.Thread] = []

    def run(self, kills: int) -> Tally:
        """Kill so often; what was found."""
        for kind in KINDS:  # each once to its end: how long it lasts, and something to restore
            self._try(kind, kill=False)
        for number in range(1, kills + 1):
            if number % EVERY == 0:
                self._change(number)
            kind = self.chance.choices(list(KINDS), list(KINDS.values()))[0]
            self._try(kind, kill=True)
            self.tally.kills[kind] = self.tally.kills.get(kind, 0) + 1
            if number % 25 == 0:
                print(f"  {number} kills of copies: lost {self.tally.lost}, torn {self.tally.torn}")
        self._must_verify()
        return self.tally

    def _change(self, number: int) -> None:
        login = f"trial{number}"

        async def hire(_house: OpenHouse) -> None:
            await users.create(
                HOUSE_ACTOR, NewUser(login=login, name=Personal("Проба"), roles=("seller",))
            )

        self.box.run(hire)
        self.people = self.people | {login}

    def _try(self, kind: str, *, kill: bool) -> None:
        self.number += 1
        stamp = f"{START + timedelta(hours=self.number):%Y%m%dT%H%M%SZ}"
        began = time.monotonic()
        wait = self.chance.uniform(0, 1.05 * self.lasts[kind]) if kill else None
        after = self.people
        if kind in ("restore", "place"):
            copy = max((one.label.stamp for one in Folder(self.copies).copies()), default="")
            after = self.known.get(copy, self.people)
        else:
            self.known[stamp] = self.people
        if kind == "place":
            began, wait = self._placed(wait)
        elif kind == "restore":
            self._ended(self._restoring(), wait)
        elif self._ended(self._copying(kind, stamp), wait):
            self.acknowledged[kind] = stamp
        if not kill:
            self.lasts[kind] = time.monotonic() - began
        self._look(kind, after)

    def _placed(self, wait: float | None) -> tuple[float, float | None]:
        """Make a restore ready, then kill its last step; the next one needs no confirmation."""
        vault = self._vault()
        identity, root = vault.drill_identity()[0], vault.lend_root().hex()
        vault.close()
        data, targets = self.box.config.data, (str(self.copies),)
        inside.prepare(
            PrepareOrder(data=data, identity=identity, root=root, targets=targets), _quiet
        )
        began = time.monotonic()
        self._ended(self._ordered(PlaceOrder(data=data, root=root)), wait)
        return began, wait

    def _look(self, kind: str, after: frozenset[str]) -> None:
        """The box is as it was, or as restored; every copy that calls itself one is whole."""
        data = self.box.config.data
        self.box.run(_nothing)  # a start finishes what was begun
        seen = self._people()
        if seen not in (self.people, after):
            lost = len(self.people - seen)
            self.tally.lost += lost
            self.tally.torn += not lost
            print(f"  WRONG after {kind}: {sorted(self.people ^ seen)}", flush=True)
        self.people = seen
        (data / "restored.json").unlink(missing_ok=True)
        for left in (*data.glob("before-restore-*"), *data.glob("after-before-*")):
            shutil.rmtree(left, ignore_errors=True)
        if self.url:
            self.box.run(lambda house: house.sweep_set_aside())
        self._must_be_whole(kind)

    def _must_be_whole(self, kind: str) -> None:
        identity = Vault.recovery_identity(self.box.papers.recovery_code).age_identity
        found = Folder(self.copies).copies()
        step = chain.newest(self.second)
        self._must_be_there(kind, found, step)
        try:
            for copy in found[:2]:
                for part in copy.label.files:
                    if ".keys." not in part.name or copy.has("keys"):
                        copy.must_be(part)
            if found and (path := found[0].part("data")) is not None:
                unpack(path, identity, lambda _: None, _quiet, "data")
            if step is not None and kind == "guard":
                self._must_hold(step.label.stamp, identity)
        except HouseError as error:
            self.tally.torn += 1
            print(f"  WRONG after {kind}: {error.code}", flush=True)

    def _must_be_there(self, kind: str, found: list[Kept], step: Kept | None) -> None:
        """What was said to be made is there, or something newer."""
        there = {"backup": found[0].label.stamp if found else ""}
        there["guard"] = step.label.stamp if step is not None else ""
        for one, stamp in self.acknowledged.items():
            if there[one] < stamp:
                self.tally.lost += 1
                print(f"  WRONG after {kind}: {one} {stamp} was made and is gone", flush=True)

    def _must_hold(self, stamp: str, identity: str) -> None:
        """The second disk gives back just what the box had at that step."""
        step = chain.newest(self.second)
        if step is None:
            return
        with tempfile.TemporaryDirectory(dir=self.box.home) as folder:
            chain.assemble(step, Path(folder), identity, _quiet)
            if _logins(Path(folder)) != self.known[stamp]:
                self.tally.torn += 1
                print(f"  WRONG: the second disk differs at {stamp}", flush=True)

    def _must_verify(self) -> None:
        """The log holds together after all of it."""
        vault = self._vault()
        public = vault.checkpoint_public_key()
        vault.close()
        report = verify(self.box.config.data / "audit.db", Trust(public_key=public))
        if not report.ok:
            self.tally.torn += 1
            print(f"  WRONG: the log: {report.place} {report.reason}", flush=True)

    def _people(self) -> frozenset[str]:
        return _on_server(self.url) if self.url else _logins(self.box.config.data)

    def _vault(self) -> Vault:
        vault = Vault.load(self.box.config.data)
        vault.unlock_with_code(self.box.papers.recovery_code)
        return vault

    def _copying(self, kind: str, stamp: str) -> "subprocess.Popen[bytes]":
        vault = self._vault()
        common: dict[str, Any] = {
            "data": self.box.config.data,
            "stamp": stamp,
            "version": __version__,
            "recovery": vault.age_recipient(),
            "drill": vault.drill_identity()[1],
            "public_key": vault.checkpoint_public_key().hex(),
        }
        if kind == "guard":
            return self._ordered(GuardOrder(**common, guard=str(self.second), url=self.url), vault)
        order = MakeOrder(**common, targets=(str(self.copies),), url=self.url)
        return self._ordered(order, vault)

    def _restoring(self) -> "subprocess.Popen[bytes]":
        words = ["restore", "--data", str(self.box.config.data), "--from", str(self.copies)]
        return subprocess.Popen(
            [*_PYTHON, "appliance.cli", *words, "--code-file", str(self.box.home / "code")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_surroundings(),
        )

    def _ordered(
        self, order: MakeOrder | GuardOrder | PlaceOrder | GoBackOrder, vault: Vault | None = None
    ) -> "subprocess.Popen[bytes]":
        child = subprocess.Popen(
            [*_PYTHON, "backups"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_surroundings(),
        )
        serving = threading.Thread(target=_serve, args=(child, order, vault), daemon=True)
        serving.start()
        self._helpers.append(serving)
        return child

    def _ended(self, child: "subprocess.Popen[bytes]", wait: float | None) -> bool:
        """Let it run so long, then kill it as the power would; whether it said it is done."""
        try:
            code = child.wait(wait)
            if code and wait is None:
                raise SystemExit("fault: a copy or a restore that nobody killed did not come out")
        except subprocess.TimeoutExpired:
            code = 1
        if wait is not None:
            self._strike(child)
        for serving in self._helpers:
            serving.join(10)
        self._helpers.clear()
        return code == 0

    def _strike(self, child: "subprocess.Popen[bytes]") -> None:
        """End it, wherever it is by now."""
        child.kill()
        child.wait()


_PYTHON: Final = (sys.executable, "-m")


def _surroundings() -> dict[str, str]:
    return {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "PYTHONUTF8": "1"}


def _serve(child: "subprocess.Popen[bytes]", order: object, vault: Vault | None) -> None:
    """Give the order and sign what is asked, until the process is gone."""
    if child.stdin is None or child.stdout is None:
        return
    try:
        child.stdin.write(msgspec.json.encode(order, enc_hook=str) + b"\n")
        child.stdin.flush()
        for line in child.stdout:
            asked = msgspec.json.decode(line, type=dict[str, Any])
            if "sign" in asked and vault is not None:
                signature = vault.sign_document(asked["sign"].encode()).hex()
                child.stdin.write(signature.encode() + b"\n")
                child.stdin.flush()
    except (OSError, ValueError, msgspec.DecodeError):
        pass  # it was killed in the middle of a word
    finally:
        if vault is not None:
            vault.close()


def _logins(data: Path) -> frozenset[str]:
    with closing(sqlite3.connect(data / "main.db")) as main:
        if main.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            return frozenset({"torn"})
        return frozenset(row[0] for row in main.execute("SELECT login FROM users"))


def _on_server(url: str) -> frozenset[str]:
    async def run(source: PostgresDatabase) -> list[tuple[Any, ...]]:
        return await source.read(lambda: fetch("SELECT login FROM users"))

    return frozenset(row[0] for row in other_engine.on(url, run))


async def _nothing(_house: OpenHouse) -> None:
    """Only open and close."""
