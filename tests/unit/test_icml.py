"""Reading a shop's catalogue: what real shops write, and what nobody may make us believe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain import icml
from appliance.domain.icml import Group, Offer, Property
from appliance.errors import Invalid

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<yml_catalog date="2026-02-01 12:00:00"><shop>'
FULL = (
    HEAD
    + """<name>Магазин</name><categories>
<category id="10" parentId="1"><name>Футболки</name><picture>https://a/c.jpg</picture></category>
<category id="1">Одежда<picture>https://a/d.jpg</picture></category></categories><offers>
<offer id="55#3" productId="55" quantity="7.5" type="product">
<url>https://shop.example/p?a=1&amp;b=2</url><price>1200.0000</price><purchasePrice>700,5</purchasePrice>
<categoryId>10</categoryId><categoryId>1</categoryId><picture>https://a/1.jpg</picture>
<name>Футболка &amp;quot;Лето&amp;quot; M</name><productName>Футболка</productName>
<xmlId>SKU-55-3</xmlId><vendor>Бренд</vendor><vatRate>none</vatRate>
<weight>0.2</weight><dimensions>20.000//2.05</dimensions>
<unit code="pc" name="Штука" sym="шт."/><barcode>4601234567890</barcode>
<productActivity>Y</productActivity><activity>N</activity>
<param code="article" name="Артикул">SKU-55-3</param>
<param code="size" name="Размер">M</param></offer>
<offer id="56" quantity="-3"><price>33.3333</price><name>Ремень</name><unit>м</unit></offer>
</offers></shop></yml_catalog>"""
)


def found(text: str | bytes, cut: int = 64 * 1024) -> list[Group | Offer]:
    data = text.encode() if isinstance(text, str) else text
    chunks = [data[at : at + cut] for at in range(0, len(data), cut)]
    return list(icml.read(chunks, icml.charset_of(chunks)))


def refused(text: str | bytes) -> str:
    with pytest.raises(Invalid) as error:
        found(text)
    return error.value.code


def test_a_whole_offer_is_understood() -> None:
    groups, offers = found(FULL)[:2], found(FULL)[2:]
    assert groups == [
        Group(id="10", name="Футболки", parent="1"),
        Group(id="1", name="Одежда"),
    ]
    shirt, belt = offers
    assert isinstance(shirt, Offer)
    assert isinstance(belt, Offer)
    assert (shirt.id, shirt.product_id, shirt.price, shirt.purchase) == (
        "55#3",
        "55",
        120000,
        70050,
    )
    assert (shirt.quantity_milli, shirt.weight_grams, shirt.size) == (7500, 200, (200, 0, 21))
    assert (shirt.groups, shirt.sku, shirt.xml_id) == (("10", "1"), "SKU-55-3", "SKU-55-3")
    assert shirt.properties == (Property("size", "Размер", "M"),)
    assert (shirt.active, shirt.product_active, shirt.vat) == (False, True, "none")
    assert (shirt.unit, shirt.url) == (("pc", "Штука", "шт."), "https://shop.example/p?a=1&b=2")
    assert (belt.product_id, belt.price, belt.quantity_milli) == ("56", 3333, 0)
    assert belt.unit == ("м", "м", "м")


@pytest.mark.checklist(102)
def test_names_escaped_twice_are_clean() -> None:
    names = [one.name for one in found(FULL) if isinstance(one, Offer)]
    assert names[0] == 'Футболка "Лето" M'


def test_the_shape_of_the_chunks_does_not_matter() -> None:
    assert found(FULL, 1) == found(FULL, 7) == found(FULL)


@given(st.integers(min_value=0, max_value=len(FULL.encode()) - 1))
def test_a_file_cut_anywhere_is_refused(cut: int) -> None:
    assert refused(FULL.encode()[:cut]) == "catalogue_broken"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('<!DOCTYPE yml_catalog SYSTEM "shops.dtd"><yml_catalog/>', "catalogue_dtd"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><yml_catalog>&b;</yml_catalog>', "catalogue_dtd"),
        ("<yml_catalog>&b;</yml_catalog>", "catalogue_broken"),
        ("<html><body>404</body></html>", "catalogue_foreign"),
        ("", "catalogue_broken"),
        ("<yml_catalog>" + "<a>" * 40, "catalogue_deep"),
        ("<yml_catalog a='" + "b" * (icml.MOST_STALL + 1), "catalogue_stalled"),
        ('<?xml version="1.0" encoding="no-such"?><yml_catalog/>', "catalogue_broken"),
    ],
)
def test_what_is_no_catalogue_is_refused_by_name(text: str, code: str) -> None:
    if "no-such" in text:  # of a body that is not UTF-8, for only then the declaration is asked
        assert refused(text.replace("/>", ">\xff</yml_catalog>").encode("latin-1")) == code
    else:
        assert refused(text) == code


def test_the_declared_charset_gives_way_to_utf_8() -> None:
    declared = FULL.replace("UTF-8", "windows-1251")
    assert found(declared) == found(FULL)
    assert found(declared.encode("windows-1251")) == found(FULL)
    assert found(FULL.replace("UTF-8", "UTF-16").encode("utf-16")) == found(FULL)


def test_control_characters_and_hidden_ones_are_dropped() -> None:
    text = HEAD + "<offers><offer id='1'><name>A\x01B&amp;#1;C&amp;#0;</name></offer>"
    offer = found(text + "</offers></shop></yml_catalog>")[0]
    assert isinstance(offer, Offer)
    assert offer.name in {"ABC", "ABC�"}


@pytest.mark.parametrize(
    ("inside", "attributes", "problem"),
    [
        ("<name>A</name>", "", ("id", "offer_without_id")),
        ("<price>1</price>", 'id="1"', ("name", "offer_without_name")),
        ("<name>A</name><price>дорого</price>", 'id="1"', ("price", "money_unreadable")),
        ("<name>A</name><price>-1</price>", 'id="1"', ("price", "value_negative")),
        ("<name>A</name><price>99999999999</price>", 'id="1"', ("price", "amount_out_of_range")),
        ("<name>A</name>", 'id="1" quantity="много"', ("quantity", "quantity_unreadable")),
        ("<name>A</name><weight>x</weight>", 'id="1"', ("weight", "quantity_unreadable")),
    ],
)
def test_what_is_wrong_with_an_offer_stays_with_it(
    inside: str, attributes: str, problem: tuple[str, str]
) -> None:
    text = f"{HEAD}<offers><offer {attributes}>{inside}</offer><offer id='2'><name>B</name></offer>"
    bad, good = found(text + "</offers></shop></yml_catalog>")
    assert isinstance(bad, Offer)
    assert bad.problem == problem
    assert isinstance(good, Offer)
    assert good.problem == ("", "")


@given(st.binary(max_size=300))
def test_nothing_but_a_refusal_comes_of_noise(noise: bytes) -> None:
    with pytest.raises(Invalid):
        found(b"<yml_catalog>" + noise)
