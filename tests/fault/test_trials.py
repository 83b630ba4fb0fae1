"""What the trials of `scripts/` look for, they must be able to find."""

import base64
import random
from pathlib import Path

import pytest

from scripts import _traces
from scripts._damage import other_bytes
from scripts._figures import percentile
from scripts._http import csrf_of

NAME, PHONE = "Ксенохвостова", "79135554721"


@pytest.mark.parametrize(
    "planted",
    [
        NAME.encode(),
        NAME.upper().encode("cp1251"),
        NAME.encode("utf-16-le"),
        NAME.lower().encode("utf-16-be"),
        NAME.encode().hex().upper().encode(),
        base64.b64encode(b'{"name": "' + NAME.encode() + b'"}'),
        base64.b64encode(b'{"name" : "' + NAME.encode() + b'"}'),
        base64.b64encode(b'{"name"  : "' + NAME.encode() + b'"}'),
        b"\\u041a\\u0441\\u0435\\u043d\\u043e\\u0445\\u0432\\u043e\\u0441\\u0442\\u043e\\u0432\\u0430",
        b"?q=%D0%9A%D1%81%D0%B5%D0%BD%D0%BE%D1%85%D0%B2%D0%BE%D1%81%D1%82%D0%BE%D0%B2%D0%B0",
        b"+7 (913) 555-47-21",
        b"8 913 555 47 21",
        b"9135554721",
    ],
    ids=lambda one: repr(one)[:24],
)
def test_a_person_is_found_in_a_file_however_it_was_written(planted: bytes, tmp_path: Path) -> None:
    noise = random.Random(7)  # noqa: S311 - noise must repeat
    (tmp_path / "clean").write_bytes(noise.randbytes(5_000))
    (tmp_path / "main.db").write_bytes(noise.randbytes(900) + planted + noise.randbytes(900))
    problems, read = _traces.search([tmp_path], [NAME, *_traces.phone_spellings(PHONE)])
    assert {line.partition(":")[0] for line in problems} == {str(tmp_path / "main.db")}
    assert read == 6_800 + len(planted)


def test_grep_finds_what_stands_in_plain_letters(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"\x00\xff" + NAME.lower().encode() + b"\n")
    assert _traces.grep([tmp_path], [NAME]) == [f"grep found a name in {tmp_path / 'log'}"]
    assert _traces.grep([tmp_path], ["Щипобрагин"]) == []


def test_damage_always_changes_the_value() -> None:
    rng = random.Random(3)  # noqa: S311 - damage must repeat
    old = b"a sealed value"
    assert all(other_bytes(old, rng) != old for _ in range(3_000))


def test_percentiles_are_by_nearest_rank() -> None:
    assert [percentile(list(range(1, 101)), part) for part in (50, 95, 100)] == [50, 95, 100]
    assert percentile([], 95) == 0


def test_the_token_of_a_form_is_read_from_its_page() -> None:
    assert csrf_of(b'<input type="hidden" name="csrf" value="0a1b">') == "0a1b"
    assert csrf_of(b"<p>no form</p>") == ""
