"""The wire's parsers: what clients write is what we read."""

from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from multidimensional_urlencode import urlencode as python_style
from requests import Request

from appliance.api.v5 import wire
from appliance.api.v5.errors import Refused

NAMES = st.text("abcdefgXYZ_", min_size=1, max_size=8)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12).filter(
    lambda text: text not in wire.NONE
)
TREES = st.recursive(
    TEXTS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(NAMES, inner, min_size=1, max_size=3)
    ),
    max_leaves=4,
)


def _flat(prefix: str, value: Any) -> list[tuple[str, str]]:
    """As PHP's http_build_query writes it."""
    if isinstance(value, dict):
        return [pair for key, one in value.items() for pair in _flat(f"{prefix}[{key}]", one)]
    if isinstance(value, list):
        return [pair for key, one in enumerate(value) for pair in _flat(f"{prefix}[{key}]", one)]
    return [(prefix, value)]


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(_depth(one) for one in value.values())
    if isinstance(value, list):
        return 1 + max(_depth(one) for one in value)
    return 0


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAMES, TREES, max_size=3))
def test_a_query_as_php_writes_it_is_read_back(tree: dict[str, Any]) -> None:
    pairs = [pair for name, value in tree.items() for pair in _flat(name, value)]
    written = urlencode(pairs).encode()
    if any(_depth(value) >= wire.MOST_DEPTH for value in tree.values()):
        with pytest.raises(Refused):
            wire.parse_query(written)
    else:
        assert wire.parse_query(written) == tree


@given(st.dictionaries(NAMES, TEXTS | st.lists(TEXTS.filter(bool), min_size=1, max_size=4)))
def test_a_filter_as_the_python_client_writes_it_is_read_back(given_: dict[str, Any]) -> None:
    if given_:
        written = python_style({"filter": given_}).encode()
        assert wire.parse_query(written) == {"filter": given_}


def test_the_spellings_of_absence_are_absence() -> None:
    assert wire.parse_query(b"filter=None&site=null&limit=None&page=1") == {"page": "1"}
    assert wire.parse_form("application/x-www-form-urlencoded", b"site=None&order={}") == {
        "order": "{}"
    }


FORMS = st.dictionaries(NAMES, TEXTS, min_size=1, max_size=5)


@given(FORMS)
def test_both_encodings_of_a_body_give_the_same_fields(fields: dict[str, str]) -> None:
    for prepared in (
        Request("POST", "http://box", data=fields).prepare(),
        Request(
            "POST", "http://box", files={k: (None, v.encode()) for k, v in fields.items()}
        ).prepare(),
    ):
        body = prepared.body
        raw = body.encode() if isinstance(body, str) else body or b""
        assert wire.parse_form(prepared.headers.get("Content-Type", ""), raw) == fields


@given(FORMS, st.data())
def test_a_multipart_body_cut_anywhere_is_refused(
    fields: dict[str, str], data: st.DataObject
) -> None:
    files = {name: (None, value.encode()) for name, value in fields.items()}
    prepared = Request("POST", "http://box", files=files).prepare()
    body = prepared.body
    assert isinstance(body, bytes)
    end = data.draw(st.integers(1, len(body) - 5))
    with pytest.raises(Refused):
        wire.parse_form(prepared.headers["Content-Type"], body[:end])


KINDS = (
    "",
    "text/plain",
    "multipart/form-data",
    "multipart/form-data; boundary=b",
    "application/x-www-form-urlencoded; charset=UTF-8",
)


@given(st.binary(max_size=300), st.sampled_from(KINDS))
def test_rubbish_is_read_or_refused_and_nothing_else(body: bytes, kind: str) -> None:
    try:
        form = wire.parse_form(kind, body)
    except Refused:
        return
    assert all(isinstance(value, str) for value in form.values())


@pytest.mark.parametrize(
    ("text", "meant"),
    [("1", True), ("true", True), ("True", True), ("0", False), ("false", False), ("False", False)],
)
def test_booleans_are_read_as_every_client_spells_them(text: str, meant: bool) -> None:
    assert wire.flag_of(wire.parse_query(f"flag={text}".encode()), "flag") is meant


@pytest.mark.parametrize("text", ["[]", "{}"])
def test_an_empty_map_may_be_an_empty_list(text: str) -> None:
    assert wire.json_map({"order": text}, "order") == {}
    assert wire.json_list({"orders": text}, "orders") == []


def test_a_phone_in_a_query_keeps_its_digits() -> None:
    written = f"filter[name]={quote_plus('+7 (900) 123-45-67')}".encode()
    assert wire.parse_query(written) == {"filter": {"name": "+7 (900) 123-45-67"}}
