"""Lines of `scripts/bench --exchange` about 1C: catalogues of real size into a box of its own."""

import io
import os
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Final, NamedTuple

from scripts import onec_file
from scripts.onec_box import Trial
from tests.onec_client.base import UT11, Base, Portion

MUST_FIRST: Final = 300.0
MUST_AGAIN: Final = 120.0
MUST_STOCK: Final = 60.0
"""Seconds for a hundred thousand goods; fewer are held to their share."""
MUST_MEMORY: Final = 150.0
"""MiB above idle, of the box and of the plugin together, at the peak."""
WHOLE: Final = 100_000


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
        trial = Trial(Path(folder) / "box")
        try:
            base = _Sent(trial.wire(), UT11, rest=trial.up)
            # The plugin comes up a moment after it was switched on.
            base.send_goods([Portion({"import.xml": "".join(onec_file.goods(1)).encode()})])
            process = trial.served.process
            root = os.getpid() if process is None else process.pid
            idle = _peaks(root)
            goods, size = _file("goods", count)
            offers, _ = _file("offers", count)
            stock, _ = _file("stock", count, 1)
            both = (("import0_1.xml", goods), ("offers0_1.xml", offers))
            title = f"1C: {count} goods, {size >> 20} MiB, and their offers"
            lines = [
                Line(title, _took(base, *both), "s", MUST_FIRST * share),
                Line("1C: the same again", _took(base, *both), "s", MUST_AGAIN * share),
                Line(
                    f"1C: stock of {count} alone",
                    _took(base, ("offers0_1.xml", stock)),
                    "s",
                    MUST_STOCK * share,
                ),
            ]
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
