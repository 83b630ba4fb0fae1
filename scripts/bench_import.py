"""How fast an XLSX of people comes in, and how much memory that takes.

    python -m scripts.bench_import --rows 100000

Makes a file of invented people and a box in a temporary folder, then does what the pages do:
upload, pair, read and check, run. The file is made by a process of its own, so that its memory is
not counted.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter

from appliance.actions import imports
from appliance.domain import sheet_files
from appliance.domain.import_fields import guess
from appliance.domain.imports import ImportKind, Plan, Sample
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis
from appliance.jobs.imports import Importer
from tests.house_fixture import TestHouse, open_test_house

HEAD = ("Фамилия", "Имя", "Отчество", "Телефон", "E-mail", "День рождения", "Город", "Улица",
        "Дом", "Комментарий", "Теги", "ID")  # fmt: skip
PIECE = 1024 * 1024


def make_file(path: Path, rows: int) -> None:
    """Write the invented people."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        for n in range(1, rows + 1):
            sheet.write_row(
                n,
                0,
                (
                    f"Придуманов{n % 4001}", f"Имя{n % 211}", f"Отчествович{n % 101}",
                    f"+7 9{n // 10_000_000 + 12} {n % 10_000_000:07}", f"p{n}@example.ru",
                    f"{n % 28 + 1:02}.{n % 12 + 1:02}.{1950 + n % 55}", f"Город{n % 900}",
                    f"Улица {n % 3001}", str(n % 200), f"Примечание {n}", "выставка", str(n),
                ),
            )  # fmt: skip


def resident() -> int:
    """Memory of this process now, bytes."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4096


async def _watch(peak: list[int]) -> None:
    while True:
        peak[0] = max(peak[0], resident())
        await asyncio.sleep(0.05)


async def _upload(house: TestHouse, path: Path) -> int:
    head = house.actor_for("head")
    with path.open("rb") as file:
        rows = list(islice(sheet_files.rows(file), 4))
        sample = Sample(head=tuple(rows[0].cells), rows=tuple(tuple(one.cells) for one in rows[1:]))
        number = await imports.begin(
            head, ImportKind.CLIENTS, "people.xlsx", file.seek(0, 2), Personal(sample),
            workbook=True,
        )  # fmt: skip
        file.seek(0)
        position = 0
        while data := file.read(PIECE):
            await imports.put_piece(head, number, position, Personal(data))
            position += 1
    plan = Plan(columns=guess(ImportKind.CLIENTS, HEAD), basis=LegalBasis.CONTRACT, source="замер")
    await imports.pair(head, number, plan)
    return number


async def measure(folder: Path, path: Path, rows: int) -> None:
    """Print seconds, rows a second and how much memory was added."""
    async with open_test_house(folder) as house:
        await _upload(house, path)
        before, peak = resident(), [0]
        watch = asyncio.create_task(_watch(peak))
        work = Importer(house.system, ZoneInfo("Europe/Moscow"))
        start = time.perf_counter()
        await work.run()
        checked = time.perf_counter()
        await imports.start(house.actor_for("head"), 1)
        await work.run()
        end = time.perf_counter()
        watch.cancel()
        found = (await imports.open_page(house.actor_for("head"), 1)).view
        print(f"read + check  {checked - start:.1f} s")
        print(f"run           {end - checked:.1f} s")
        print(f"together      {end - start:.1f} s, {rows / (end - start):.0f} rows/s")
        print(f"memory        +{(peak[0] - before) / 1e6:.0f} MB")
        print(f"created       {found.tally.created}, wrong {found.tally.wrong}")


def main() -> None:
    """Run from the command line."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rows", type=int, default=100_000)
    words.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.make:
        make_file(given.make, given.rows)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.xlsx"
        again = [sys.executable, "-m", "scripts.bench_import", "--rows", str(given.rows)]
        subprocess.run([*again, "--make", str(path)], check=True)
        box = Path(folder) / "box"
        box.mkdir()
        print(f"file          {path.stat().st_size / 1e6:.1f} MB, {given.rows} rows")
        asyncio.run(measure(box, path, given.rows))


if __name__ == "__main__":
    main()
