"""Names of files and addresses as clients write them."""

import pytest

from plugins.exchange_1c import names
from plugins.exchange_1c.refusals import Refused


@pytest.mark.parametrize(
    ("raw", "made"),
    [
        ("import0_1.xml", "import0_1.xml"),
        ("import_files\\ab\\x.jpg", "import_files/ab/x.jpg"),
        ("/tmp/v8_1A76_155ae.zip", "v8_1A76_155ae.zip"),  # noqa: S108 - a name that 1C sends
        ("upload/1c/webdata/offers.xml", "offers.xml"),
        ("C:\\Users\\1\\Temp\\v8_8789_c.xml", "v8_8789_c.xml"),
        ("C:\\x\\import_files\\ab\\x.jpg", "import_files/ab/x.jpg"),
        ("goods/1/import___0.xml", "goods/1/import___0.xml"),
        ("./a b.xml", "a b.xml"),
    ],
)
def test_every_spelling_of_a_name_becomes_one(raw: str, made: str) -> None:
    assert names.clean(raw) == made


@pytest.mark.parametrize("raw", ["", "/", "../a", "a/../b", "a\nb", "a" * 500, "..", "\\..\\a"])
def test_names_that_climb_or_hide_something_are_refused(raw: str) -> None:
    with pytest.raises(Refused):
        names.clean(raw)


def test_raw_letters_of_either_encoding_are_read_in_an_address() -> None:
    for encoding in ("utf-8", "cp1251"):
        raw = "type=catalog&mode=file&filename=Чай и кофе+1.xml".encode(encoding)
        assert names.query(raw)["filename"] == "Чай и кофе+1.xml"
    assert names.query(b"filename=%D0%A7&mode=a&mode=b&x") == {
        "filename": "Ч",
        "mode": "a",
        "x": "",
    }


def test_what_a_file_is_is_seen_in_its_bytes() -> None:
    assert names.sniffed(b"PK\x03\x04...") == "zip"
    assert names.sniffed(b"\xef\xbb\xbf<?xml?>") == "xml"
    assert names.sniffed(b"<!DOCTYPE html><html>") == ""
    assert names.sniffed(b"RIFF1234WEBP") == "webp"
    assert names.sniffed(b"") == ""
