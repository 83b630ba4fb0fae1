"""Hostile plugins in a running box: what they got, what the journal says, what the work cost."""

import asyncio
import random
import time
from collections import Counter
from pathlib import Path
from typing import Final

from appliance.actions import plugin_settings, plugins
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.boot.plugins import make_desk
from appliance.domain.access import Actor
from appliance.domain.grants import Grant, Scope
from appliance.domain.personal import Personal
from appliance.roles import Permission
from appliance.storage.statements import fetch
from scripts import _box
from scripts._figures import percentile
from scripts._http import Broken, Connection, sign_in
from scripts._trial import Trial, report
from scripts.pack_plugin_file import pack

SAMPLES: Final = Path("tests/plugins/hostile")
PATHS: Final = {"floods": ("/logs", "/calls"), "hangs": ("", "/hard")}
"""What is called besides plain `go`."""

MAY: Final = {
    "calls_out": {"host_not_granted"},
    "asks": {"field_not_granted", "permission_not_granted", "call_unknown", "call_unreadable"},
    "forks": {"root"},
}
"""Words of their answers that are refusals, or come to nothing: `setuid(0)` of who is root."""

ASIDE: Final = {"crashes", "breaks"}
"""They end in quarantine however short the trial is; others may."""

HEAD: Final = "head"
PAGE: Final = "/orders"

_EVERY: Final = {one.value: Grant(Scope.ALL) for one in Permission}


def install(box: _box.TrialBox) -> list[str]:
    """Add every hostile sample to the resting box, approve and switch it on; their names."""
    administrator = HOUSE_ACTOR._replace(grants=_EVERY, step_up=True)
    return box.run(lambda opened: _install(opened, administrator, box.home / "packed"))


async def _install(opened: OpenHouse, actor: Actor, packed: Path) -> list[str]:
    shelf = make_desk(opened).shelf

    async def nothing() -> None:
        """Nothing runs while the box rests."""

    shelf.changed = nothing
    await shelf.settle()
    names: list[str] = []
    for folder in sorted(path.parent for path in SAMPLES.glob("*/plugin.toml")):
        body = pack(folder, None, packed).read_bytes()
        offer = await shelf.offer(actor, body)
        known = await shelf.accept(actor, offer.token, set(offer.needs))
        await plugins.approve(actor, known.name, known.version, known.asked)
        target = {"target": Personal(str(opened.config.data))}
        await plugin_settings.put(actor, known.name, target)
        await plugins.switch_on(actor, known.name)
        names.append(known.name)
    return names


class Attack:
    """Calls hostile plugins until told to stop, and notes what they answered.

    Attributes:
        got: words of answers that are no refusals: nothing may be in it.
        calls: (plugin, status of the answer) → how often.
    """

    def __init__(self, trial: Trial, names: list[str]) -> None:
        self._trial = trial
        self._names = names
        self._over = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.got: Counter[str] = Counter()
        self.calls: Counter[tuple[str, int]] = Counter()

    def begin(self) -> None:
        """Let all of them go at once."""
        for name in self._names:
            for path in PATHS.get(name, ("",)):
                self._tasks.append(asyncio.create_task(self._call(name, f"/x/{name}/go{path}")))

    async def end(self) -> None:
        """Wait for the calls that are under way."""
        self._over.set()
        await asyncio.gather(*self._tasks)

    async def _call(self, name: str, path: str) -> None:
        papers, port = self._trial.box.papers, self._trial.box.config.server.port
        connection = Connection(port, self._trial.trust, {"x-api-key": papers.key})
        while not self._over.is_set():
            try:
                answer = await connection.ask("POST", path)
            except (OSError, Broken):
                self.calls[name, 0] += 1
            else:
                self.calls[name, answer.status] += 1
                if answer.status == 200:
                    words = set(answer.body.decode().split()) - MAY.get(name, set())
                    self.got.update(f"{name}:{word}" for word in words)
            await asyncio.sleep(0.2)
        await connection.close()


async def _look(trial: Trial, seconds: float) -> list[float]:
    """Open the list of orders for so long; milliseconds of each page."""
    visit = Connection(trial.box.config.server.port, trial.trust, {})
    await sign_in(visit, HEAD)
    found: list[float] = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        began = time.monotonic()
        answer = await visit.ask("GET", PAGE)
        if answer.status != 200:
            raise RuntimeError(f"the list of orders answers {answer.status}")
        found.append((time.monotonic() - began) * 1000)
        await asyncio.sleep(0.05)
    await visit.close()
    return found


async def _attacked(trial: Trial, names: list[str], seconds: float, *, each: bool) -> Counter[str]:
    """Work alone, then beside hostile plugins; print what the work cost.

    Returns:
        what they answered that is no refusal.
    """
    await trial.start()
    trial.load()
    print("  list of orders beside ten clients that place orders:")
    _print("before", await _look(trial, seconds))
    bands = [[name] for name in names] if each else [names]
    got: Counter[str] = Counter()
    calls: Counter[tuple[str, int]] = Counter()
    for band in bands:
        attack = Attack(trial, band)
        attack.begin()
        beside = await _look(trial, seconds / len(bands))
        await attack.end()
        _print(band[0] if each else f"beside {len(names)} hostile plugins", beside)
        got += attack.got
        calls += attack.calls
    if each:
        _print("after", await _look(trial, seconds / 4))
    await trial.unload()
    await trial.stop()
    for name in names:
        answers = {status: n for (one, status), n in sorted(calls.items()) if one == name}
        print(f"  {name:10} answers {answers}")
    return got


def _print(title: str, found: list[float]) -> None:
    low, high = percentile(found, 50), percentile(found, 95)
    print(f"    {title:28} p50 {low:4.0f} ms, p95 {high:4.0f} ms of {len(found)}", flush=True)


Journal = dict[str, Counter[str]]


async def _read(opened: OpenHouse) -> tuple[Journal, dict[str, tuple[str, str]]]:
    """Codes of the journal and the state of each plugin."""
    rows = await opened.database.read(
        lambda: fetch("SELECT plugin, code FROM plugin_journal ORDER BY number")
    )
    journal: Journal = {}
    for plugin, code in rows:
        journal.setdefault(plugin, Counter())[code.removeprefix("box.")] += 1
    known = await plugins.known(HOUSE_ACTOR)
    return journal, {one.name: (one.state.value, one.reason) for one in known}


def _names_people(box: _box.TrialBox, log: Path) -> bool:
    """Whether what `tells` says stands in a log or in the journal."""
    said = "Орлова"
    rows = box.run(
        lambda opened: opened.database.read(
            lambda: fetch("SELECT data FROM plugin_journal ORDER BY number")
        )
    )
    text = log.read_text(encoding="utf-8", errors="replace")
    return said in text or said in "".join(data for (data,) in rows)


def run(home: Path, seconds: float, some: int, *, each: bool = False) -> bool:
    """The trial; True when all of them were contained and the box is unharmed."""
    box = _box.make(home, people={HEAD: "head"})
    _box.fill(box, some, some)
    names = install(box)
    trial = Trial(box, random.randrange(1, 10**9))  # noqa: S311 - a seed
    try:
        got = asyncio.run(_attacked(trial, names, seconds, each=each))
    finally:
        trial.nursery.close()
    journal, states = box.run(_read)
    good = True
    for name in names:
        codes = ", ".join(f"{code} {n}" for code, n in journal.get(name, Counter()).most_common(6))
        state, reason = states[name]
        print(f"  {name:10} {state} {reason} | journal: {codes or 'nothing'}")
        named = bool(codes)
        good = good and named and (name not in ASIDE or state == "quarantined")
    for what, times in got.items():
        print(f"  WRONG got {what} {times} times")
    if _names_people(box, trial.log):
        print("  WRONG a name stands in a log or in the journal")
        good = False
    return report(f"hostile plugins for {seconds:.0f} s", trial) and good and not got
