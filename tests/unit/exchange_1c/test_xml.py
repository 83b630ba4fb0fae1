"""The streaming reader: what it gives out, what it refuses."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.exchange_1c.reading import entries
from plugins.exchange_1c.records import Document, Entry, Good, Group, Head, Offer
from plugins.exchange_1c.refusals import Refused
from plugins.exchange_1c.xml import HELD, Reader

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "commerceml"
ROOT = '<КоммерческаяИнформация ВерсияСхемы="2.07">{}</КоммерческаяИнформация>'
GOODS = ROOT.format("<Каталог><Ид>K</Ид><Товары>{}</Товары></Каталог>")


def read(data: str | bytes, *cuts: int) -> list[Entry]:
    raw = data.encode() if isinstance(data, str) else data
    places = sorted({0, len(raw), *(cut % (len(raw) + 1) for cut in cuts)})
    return list(entries(raw[one:two] for one, two in pairwise(places)))


def refused(data: str | bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        read(data)
    return caught.value


def fill(reader: Reader, piece: bytes, times: int) -> None:
    for _ in range(times):
        reader.feed(piece)


@pytest.mark.parametrize(
    ("file", "kind", "count"),
    [
        ("dobromyslov/import0_1.xml", Good, 36),
        ("dobromyslov/import0_1_with_nested_groups.xml", Good, 283),
        ("dobromyslov/offers0_1.xml", Offer, 44),
        ("dobromyslov/bitrix-query-response-full.xml", Document, 2),
        ("dobromyslov/bitrix-query-response-empty.xml", Document, 0),
        ("carono/import.xml", Good, 2),
        ("carono/classifier.xml", Group, 22),
        ("carono/offers.xml", Offer, 5),
        ("carono/orders.xml", Document, 1),
        ("wagood/import___5335d080-66b0-4355-887c-d54bba6f1f08.xml", Good, 1),
        ("wagood/rests___9ebdccc5-f70a-43db-8c03-0103301aad32.xml", Offer, 2),
    ],
)
@pytest.mark.checklist(55)
def test_every_real_file_gives_all_its_records(file: str, kind: type, count: int) -> None:
    found = read((SAMPLES / file).read_bytes())
    assert sum(isinstance(one, kind) for one in found) == count


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 1 << 20), max_size=12))
def test_a_file_reads_the_same_wherever_it_is_cut_into_pieces(cuts: list[int]) -> None:
    for name in ("carono/import.xml", "carono/orders.xml"):
        raw = (SAMPLES / name).read_bytes()
        assert read(raw, *cuts) == read(raw)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 1 << 20))
def test_a_file_that_ends_early_is_refused_and_says_where(end: int) -> None:
    raw = (SAMPLES / "carono/offers.xml").read_bytes()
    cut = raw[: end % (len(raw.rstrip()) - 1) or 1]
    error = refused(cut)
    assert error.code in ("xml_cut", "xml_empty")
    assert error.offset <= len(cut)


def test_groups_know_their_parents_even_when_ids_come_last() -> None:
    inner = "<Группы><Группа><Ид>B</Ид><Наименование>б</Наименование></Группа></Группы>"
    outer = f"<Группа>{inner}<Наименование>а</Наименование><Ид>A</Ид></Группа>"
    found = read(ROOT.format(f"<Классификатор><Группы>{outer}</Группы></Классификатор>"))
    groups = {one.id: one.parent for one in found if isinstance(one, Group)}
    assert groups == {"A": "", "B": "A"}


def test_a_line_of_an_order_is_not_a_good() -> None:
    order = "<Документ><Ид>1</Ид><Товары><Товар><Ид>T</Ид></Товар></Товары></Документ>"
    found = read(ROOT.format(order))
    assert [type(one) for one in found] == [Document]
    boxed = read(ROOT.format(f"<Контейнер>{order}{order}</Контейнер>"))
    assert [type(one) for one in boxed] == [Document, Document]


def test_the_head_says_whether_the_file_has_changes_only_in_either_spelling() -> None:
    by_attribute = read(ROOT.format('<Каталог СодержитТолькоИзменения="true"/>'))
    inside = "<СодержитТолькоИзменения>true</СодержитТолькоИзменения>"
    by_element = read(ROOT.format(f"<Каталог>{inside}</Каталог>"))
    for found in (by_attribute, by_element):
        assert isinstance(found[-1], Head)
        assert found[-1].changes_only is True


@pytest.mark.parametrize("declared", ["UTF-8", "windows-1251"])
def test_a_mark_in_front_wins_over_the_declared_encoding(declared: str) -> None:
    text = GOODS.format("<Товар><Ид>T</Ид><Наименование>Чай</Наименование></Товар>")
    raw = b"\xef\xbb\xbf" + f'<?xml version="1.0" encoding="{declared}"?>{text}'.encode()
    good = read(raw)[0]
    assert isinstance(good, Good)
    assert good.name == "Чай"


def test_windows_1251_is_read_as_declared_and_refused_where_it_is_not() -> None:
    text = GOODS.format("<Товар><Ид>T</Ид><Наименование>Чай</Наименование></Товар>")
    plain = f'<?xml version="1.0" encoding="windows-1251"?>{text}'.encode("cp1251")
    good = read(b"\r\n " + plain)[0]
    assert isinstance(good, Good)
    assert good.name == "Чай"
    mixed = b'<?xml version="1.0" encoding="UTF-8"?>' + ROOT.format("").encode()
    broken = mixed.replace("</К".encode(), "Чай".encode("cp1251") + "</К".encode())
    error = refused(broken)
    assert error.code == "xml_charset"
    assert broken[error.offset] >= 0x80


def test_a_document_type_is_refused_before_anything_is_expanded() -> None:
    laughs = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    assert refused(laughs + ROOT.format("&b;")).code == "xml_dtd"
    outside = '<!DOCTYPE a SYSTEM "file:///etc/passwd">'
    assert refused(outside + ROOT.format("")).code == "xml_dtd"


def test_two_hundred_levels_are_refused() -> None:
    assert refused(ROOT.format("<а>" * 200)).code == "xml_deep"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("", "xml_empty"),
        ("<html><body>502</body></html>", "xml_root"),
        ("not xml at all", "xml_syntax"),
        (ROOT.format("<a></b>"), "xml_syntax"),
        (ROOT.format("<a " + " ".join(f'x{n}="1"' for n in range(65)) + "/>"), "xml_large"),
        (ROOT.format(f"<{'я' * 300}/>"), "xml_large"),
        ('<?xml version="1.0" encoding="no-such"?><a/>', "xml_encoding"),
    ],
)
def test_what_is_no_exchange_file_is_refused_by_name(data: str, code: str) -> None:
    assert refused(data).code == code


def test_a_record_without_end_does_not_fill_the_memory() -> None:
    reader = Reader()
    reader.feed(ROOT.partition("{}")[0].encode() + "<Товар>".encode())
    with pytest.raises(Refused) as caught:
        fill(reader, b"<a/>" * 1000, HELD // 1000 + 1)
    assert caught.value.code == "xml_large"


def test_a_tag_without_end_is_not_scanned_for_ever() -> None:
    reader = Reader()
    reader.feed(ROOT.partition("{}")[0].encode() + b"<!--")
    with pytest.raises(Refused) as caught:
        fill(reader, b"x" * 65536, 100)
    assert caught.value.code == "xml_large"
