"""What is too large for memory lies on the disk, and nobody reads it there."""

import io
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.datastructures import UploadFile

from appliance.domain import sheet_files
from appliance.domain.sheet_out import Csv, Sheet
from appliance.http import app
from appliance.storage import spool
from appliance.vault.scratch import SealedFile

WORD = "Вещунова Эвстафия"
MANY = 30_000


@pytest.fixture
def on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bytes]:
    """Everything that lies in the folder of temporary files: files without a name, too."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def lying() -> bytes:
        found = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        for number in os.listdir("/proc/self/fd"):  # noqa: PTH208 - some are gone when looked at
            path = Path("/proc/self/fd") / number
            try:
                if str(path.readlink()).startswith(str(tmp_path)):
                    found.append(path.read_bytes())
            except OSError:
                continue
        return b"".join(found)

    return lying


@pytest.mark.parametrize("kind", [Sheet, Csv])
@pytest.mark.checklist(136)
def test_a_large_table_of_people_is_on_the_disk_sealed_only(
    on_disk: Callable[[], bytes], kind: Callable[[Any], Any]
) -> None:
    with spool.scratch(1024) as file:
        table = kind(file)
        table.add(["Номер", "Клиент", "Сумма"])
        for number in range(MANY):
            table.add([number, WORD, 1.5])
        lying = on_disk()
        table.close()
        lying += on_disk()
        assert len(lying) > 100_000
        assert WORD.encode() not in lying
        assert not zipfile.is_zipfile(io.BytesIO(lying))
        assert b"<row" not in lying
        file.seek(0)
        rows = [row.cells for row in sheet_files.rows(file)]
    assert rows[1] == ["0", WORD, "1.5" if kind is Sheet else "1,5"]
    assert len(rows) == MANY + 1


async def test_what_is_sent_to_a_door_lies_on_the_disk_sealed_only(
    on_disk: Callable[[], bytes],
) -> None:
    assert app.BODY_LIMIT  # the doors are made by this module, which sees to it
    sent = UploadFile("text/csv", "clients.csv")
    for _ in range(MANY):
        await sent.write(f"{WORD};+7 926 555-01-47;Птичий тупик\n".encode())
    lying = on_disk()
    assert len(lying) > 1_000_000
    assert WORD.encode() not in lying
    await sent.seek(0)
    assert (await sent.read()).count(WORD.encode()) == MANY
    await sent.close()


@given(st.lists(st.tuples(st.integers(0, 300), st.binary(max_size=90)), max_size=12))
def test_a_sealed_file_reads_and_writes_as_any_other(steps: list[tuple[int, bytes]]) -> None:
    plain = io.BytesIO()
    with SealedFile() as sealed:
        for place, data in steps:
            # A gap would read as noise: no file of ours has any.
            at = min(place, len(plain.getvalue()))
            for one in (plain, sealed):
                one.seek(at)
                one.write(data)
            assert sealed.tell() == plain.tell()
            sealed.seek(at // 2)
            plain.seek(at // 2)
            assert sealed.read(50) == plain.read(50)
        sealed.seek(0)
        assert sealed.readall() == plain.getvalue()


def test_words_that_a_sheet_cannot_say_are_left_out_and_the_rest_is_a_sheet() -> None:
    file = io.BytesIO()
    table = Sheet(file, header="Иванов & Ко <1>", properties={"title": "A & <b>"})
    table.add(["Имя", "Ещё", "Число"])
    table.add(["a\x00b\ud800\ufffe", "=1+1", 7])
    table.add(["", "x & <y>", 0.25])
    table.close()
    rows = [row.cells for row in sheet_files.rows(io.BytesIO(file.getvalue()))]
    assert rows == [["Имя", "Ещё", "Число"], ["ab", "'=1+1", "7"], ["", "x & <y>", "0.25"]]
