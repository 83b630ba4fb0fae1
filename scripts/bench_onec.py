"""Lines of `scripts/bench --exchange` about 1C: catalogues of real size into a box of its own."""

import asyncio
import io
import os
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from typing import Final, NamedTuple

from scripts import onec_file
from scripts._figures import percentile
from scripts._http import Broken, Connection, sign_in
from scripts.onec_box import Trial
from tests.onec_client.base import UT11, Base, Portion

MUST_FIRST: Final = 300.0
MUST_AGAIN: Final = 120.0
MUST_STOCK: Final = 60.0
"""Seconds for a hundred thousand goods; fewer are held to their share."""
MUST_MEMORY: Final = 150.0
"""MiB above idle, of the box and of the plugin together, at the peak."""
WHOLE: Final = 100_000
MUST_SLOWER: Final = 2.0
"""Times: the pages of people beside an exchange, at the 95th percentile, against those without."""
HEAD: Final = "head"
PAGES: Final = ("/orders", "/clients", "/catalog")
SOME: Final = 5_000
"""Orders of the box that the pages are drawn from."""
ALONE: Final = 20.0
"""Seconds that pages are opened with no exchange going on."""


class Line(NamedTuple):
    """A figure and what it is held to."""

    title: str
    value: float
    unit: str
    must: float

    @property
    def missed(self) -> bool:
        """Whether it is more than it may be."""
        return self.value > self.must

    def shown(self) -> str:
        """As it is printed."""
        mark = "!" if self.missed else " "
        return f"{mark} | {self.title:44} | {self.value:7.1f} {self.unit:8} | must ≤ {self.must:g}"


def _file(kind: str, count: int, shift: int = 0) -> tuple[bytes, int]:
    """A zip with one XML in it, and the bytes of the XML."""
    made, size = io.BytesIO(), 0
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        name = "offers0_1.xml" if kind != "goods" else "import0_1.xml"
        with archive.open(name, "w", force_zip64=True) as file:
            for piece in onec_file.KINDS[kind](count, shift=shift):
                raw = piece.encode()
                size += len(raw)
                file.write(raw)
    return made.getvalue(), size


class _Sent(Base):
    """A base that sends archives which are ready."""

    def send_ready(self, name: str, archive: bytes) -> None:
        """One portion: upload and import."""
        session = self._begin("catalog", name)
        self._upload(session, "catalog", name, "v8_bench.zip", archive)
        self._import(session, "catalog", name, name)


class Reader(threading.Thread):
    """A colleague who opens pages one after another, a tenth of a second between them.

    Attributes:
        found: milliseconds of each.
        failed: what ended it, if anything did.
    """

    def __init__(self, trial: Trial) -> None:
        super().__init__(daemon=True)
        self._port, self._trust = trial.address[1], trial.served.trust()
        self._over = threading.Event()
        self.found: list[float] = []
        self.failed: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Open pages until told to stop."""
        try:
            asyncio.run(self._read())
        except (OSError, RuntimeError, Broken) as error:
            self.failed = error

    async def _read(self) -> None:
        visit = Connection(self._port, self._trust, {})
        await sign_in(visit, HEAD)
        while not self._over.is_set():
            for page in PAGES:
                began = time.monotonic()
                answer = await visit.ask("GET", page)
                if answer.status != 200:
                    raise RuntimeError(f"{page} answers {answer.status}")
                self.found.append((time.monotonic() - began) * 1000)
                await asyncio.sleep(0.1)
        await visit.close()

    def end(self) -> float:
        """Stop; the 95th percentile, milliseconds.

        Raises:
            RuntimeError: a page failed.
        """
        self._over.set()
        self.join()
        if self.failed is not None:
            raise RuntimeError("pages failed beside the exchange") from self.failed
        return percentile(self.found, 95)


def _peaks(root: int) -> int:
    """KiB at the peak, of a process and of those it started."""
    found, waiting = 0, [root]
    while waiting:
        one = waiting.pop()
        status = Path(f"/proc/{one}/status").read_text(encoding="utf-8")
        found += next(
            (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0
        )
        children = Path(f"/proc/{one}/task/{one}/children")
        waiting += [int(word) for word in children.read_text(encoding="utf-8").split()]
    return found


def measure(count: int = WHOLE) -> list[Line]:
    """Send a catalogue, its offers, both again, and then stock alone."""
    share = count / WHOLE
    with tempfile.TemporaryDirectory(prefix="korobka-bench-1c-") as folder:
        trial = Trial(Path(folder) / "box", {HEAD: "head"}, SOME)
        try:
            base = _Sent(trial.wire(), UT11, rest=trial.up)
            # The plugin comes up a moment after it was switched on.
            base.send_goods([Portion({"import.xml": "".join(onec_file.goods(1)).encode()})])
            opened = Reader(trial)  # what pages keep in memory is no cost of the exchange
            opened.join(ALONE / 4)
            opened.end()
            process = trial.served.process
            root = os.getpid() if process is None else process.pid
            idle = _peaks(root)
            goods, size = _file("goods", count)
            offers, _ = _file("offers", count)
            stock, _ = _file("stock", count, 1)
            both = (("import0_1.xml", goods), ("offers0_1.xml", offers))
            title = f"1C: {count} goods, {size >> 20} MiB, and their offers"
            lines = [Line(title, _took(base, *both), "s", MUST_FIRST * share)]
            calm = Reader(trial)
            calm.join(ALONE * max(share, 0.1))
            alone = calm.end()
            beside = Reader(trial)
            lines += [
                Line("1C: the same again", _took(base, *both), "s", MUST_AGAIN * share),
                Line(
                    f"1C: stock of {count} alone",
                    _took(base, ("offers0_1.xml", stock)),
                    "s",
                    MUST_STOCK * share,
                ),
            ]
            slower = beside.end() / alone
            print(f"    pages at the 95th percentile: {alone:.0f} ms alone of {len(calm.found)}, "
                  f"{alone * slower:.0f} ms beside of {len(beside.found)}")  # fmt: skip
            lines.append(Line("1C: pages beside it against alone", slower, "times", MUST_SLOWER))
            above = (_peaks(root) - idle) / 1024
            lines.append(Line("1C: memory above idle, at the peak", above, "MiB", MUST_MEMORY))
        finally:
            trial.served.stop()
    for line in lines:
        print(line.shown(), flush=True)
    return lines


def _took(base: _Sent, *files: tuple[str, bytes]) -> float:
    began = time.monotonic()
    for name, archive in files:
        base.send_ready(name, archive)
    return time.monotonic() - began


if __name__ == "__main__":
    measure()
