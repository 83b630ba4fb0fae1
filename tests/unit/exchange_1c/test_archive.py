"""Archives: what is read, and every trick by its name."""

import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.exchange_1c.archive import MIB, Archive, Limits
from plugins.exchange_1c.refusals import Refused


def packed(*files: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def contents(raw: bytes, limits: Limits | None = None) -> dict[str, bytes]:
    archive = Archive(io.BytesIO(raw), limits)
    return {one.name: b"".join(archive.pieces(one)) for one in archive.entries}


def refused(raw: bytes, limits: Limits | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        contents(raw, limits)
    return caught.value


@given(st.dictionaries(st.sampled_from(["import.xml", "a/б.jpg", "c.xml"]), st.binary()))
def test_what_was_packed_comes_out(files: dict[str, bytes]) -> None:
    assert contents(packed(*files.items())) == files


def test_a_stored_entry_and_folders_are_fine() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        archive.mkdir("import_files")
        archive.writestr("import_files/a.jpg", b"\xff\xd8\xff" * 70_000)
    assert contents(made.getvalue()) == {"import_files/a.jpg": b"\xff\xd8\xff" * 70_000}


def test_names_without_the_mark_are_of_dos() -> None:
    raw = packed(("abcd.xml", b"<a/>"))
    assert list(contents(raw.replace(b"abcd", "Чаёк".encode("cp866")))) == ["Чаёк.xml"]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1 << 16))
def test_an_archive_cut_anywhere_is_refused_with_what_arrived(end: int) -> None:
    whole = packed(("import.xml", bytes(range(256)) * 20), ("b.jpg", b"1" * 900))
    cut = whole[: end % len(whole)]
    error = refused(cut)
    assert (error.code, error.numbers) == ("zip_cut", {"received": len(cut)})


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 16), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_changes_nothing_but_a_name(place: int, flip: int) -> None:
    raw = bytearray(packed(("import.xml", b"<a>1</a>" * 50)))
    raw[place % len(raw)] ^= flip
    try:
        found = contents(bytes(raw))
    except Refused:
        return
    assert list(found.values()) in ([b"<a>1</a>" * 50], [])


@pytest.mark.parametrize("name", ["../x.xml", "a/../../x.xml", "/etc/x.xml", "C:\\x.xml", "a\0b"])
def test_a_name_that_climbs_out_is_refused(name: str) -> None:
    raw = packed(("N" * len(name), b"1")).replace(b"N" * len(name), name.encode())
    assert refused(raw).code == "name_bad"


def test_a_link_is_refused() -> None:
    info = zipfile.ZipInfo("import.xml")
    info.external_attr = 0o120777 << 16
    assert refused(packed((info, b"/etc/passwd"))).code == "zip_link"


def test_an_encrypted_entry_is_refused() -> None:
    raw = bytearray(packed(("import.xml", b"1")))
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(raw)).code == "zip_encrypted"


def test_an_archive_in_an_archive_is_refused() -> None:
    assert refused(packed(("a.zip", packed(("b.xml", b"1"))))).code == "zip_nested"


def test_names_that_differ_in_case_alone_are_refused() -> None:
    assert refused(packed(("Import.xml", b"1"), ("import.XML", b"2"))).code == "zip_double"


@pytest.mark.checklist(55)
def test_ten_million_entries_are_refused_before_the_list_is_read() -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 60_000, 60_000, 46 * 10_000_000, 0, 0)
    assert refused(end).code == "zip_many"
    listed = bytearray(b"PK\x01\x02".ljust(46, b"\0") + b"a")
    listed[28] = 1
    lying = bytes(listed) * 2000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(lying), 0, 0)
    assert refused(lying + end, Limits(entries=1000)).code == "zip_many"


def test_a_bomb_stops_at_the_ratio_and_at_the_sum() -> None:
    bomb = packed(("import.xml", b"\0" * 6 * MIB))
    assert refused(bomb, Limits(ratio_from=MIB)).code == "zip_bomb"
    assert refused(bomb, Limits(total=MIB)).code == "zip_bomb"


def test_an_entry_larger_than_it_claims_is_stopped() -> None:
    raw = bytearray(packed(("import.xml", b"\0" * 3 * MIB)))
    place = raw.index(b"PK\x01\x02") + 24
    raw[place : place + 4] = struct.pack("<L", 10)
    assert refused(bytes(raw)).code == "zip_bomb"


def test_entries_that_share_bytes_are_refused() -> None:
    raw = bytearray(packed(("a.xml", b"1" * 50), ("b.xml", b"1" * 50)))
    second = raw.rindex(b"PK\x01\x02") + 42
    raw[second : second + 4] = struct.pack("<L", 0)
    assert refused(bytes(raw)).code == "zip_overlap"
