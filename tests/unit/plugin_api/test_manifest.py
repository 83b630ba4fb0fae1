"""A manifest is read whole or refused with the place that is wrong."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.plugin_api.manifest import ManifestError, read_manifest

HELLO = Path(__file__).parents[2] / "plugins" / "samples" / "hello" / "plugin.toml"
GOOD = HELLO.read_text(encoding="utf-8")


def test_the_sample_is_read() -> None:
    found = read_manifest(
        GOOD.encode(), permissions={"orders.read"}, fields={"customer.phone", "customer.name"}
    )
    assert found.name == "hello" and found.limits.memory_mb == 64
    assert found.limits.call_seconds == 60  # asked for nothing else
    assert found.settings[1].choices[1].title.of("en") == "Bye"
    assert found.tables["seen"].columns["note"] == "personal"


def test_a_field_is_asked_for_several_purposes_but_for_none_twice() -> None:
    """An administrator grants each pair by itself."""
    handed = '[[personal]]\nfield = "customer.phone"\npurpose = "{}"\n'
    both = GOOD + handed.format("mailing") + handed.format("callback")
    asked = {(one.field, one.purpose) for one in read_manifest(both.encode()).personal}
    assert {("customer.phone", "mailing"), ("customer.phone", "callback")} <= asked
    with pytest.raises(ManifestError, match="manifest_twice"):
        read_manifest((both + handed.format("mailing")).encode())


@pytest.mark.parametrize(
    ("was", "becomes", "code", "where"),
    [
        ('name = "hello"', "name = ", "manifest_toml", ""),
        ("api = 1", "api = 2", "manifest_api", "$.api"),
        ("api = 1", "api = true", "manifest_api", "$.api"),
        ('version = "1.0.0"\n', "", "manifest_shape", "$.version"),
        ('name = "hello"', 'name = "../hello"', "manifest_shape", "$.name"),
        ('version = "1.0.0"', 'version = "1.0.0"\nroot = true', "manifest_shape", "$.root"),
        ('kind = "url"', 'kind = "picture"', "manifest_shape", "$.settings[0].kind"),
        ("memory_mb = 64", "memory_mb = 64000", "manifest_shape", "$.limits.memory_mb"),
        ('["order_placed"]', '["order_eaten"]', "manifest_unknown", "$.events[0]"),
        ('["orders.read"]', '["order.steal"]', "manifest_unknown", "$.permissions[0]"),
        ('"customer.phone"', '"customer.soul"', "manifest_unknown", "$.personal[0]"),
        ('["order_placed"]', '["order_placed", "order_placed"]', "manifest_twice", "$.events[1]"),
        ('name = "word"', 'name = "address"', "manifest_twice", "$.settings[1]"),
        ("setting:address", "setting:word", "manifest_host", "$.hosts[2]"),
        ("api.example.ru:443", "api.example.ru", "manifest_host", "$.hosts[0]"),
        ("api.example.ru:443", "*:443", "manifest_host", "$.hosts[0]"),
        ("api.example.ru:443", "api.example.ru:99999", "manifest_host", "$.hosts[0]"),
        ("api.example.ru:443", "user@example.ru:443", "manifest_host", "$.hosts[0]"),
        ('default = "hello"', 'default = "gone"', "manifest_setting", "$.settings.word.default"),
        ('kind = "url"', 'kind = "choice"', "manifest_setting", "$.settings.address.choices"),
        ('key = ["url"]', 'key = ["note"]', "manifest_table", "$.tables.seen.key"),
        ('key = ["url"]', 'key = ["gone"]', "manifest_table", "$.tables.seen.key"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(
    was: str, becomes: str, code: str, where: str
) -> None:
    assert was in GOOD
    with pytest.raises(ManifestError) as caught:
        read_manifest(
            GOOD.replace(was, becomes, 1).encode(),
            permissions={"orders.read"},
            fields={"customer.phone"},
        )
    assert (caught.value.code, caught.value.where) == (code, where)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_garbage_is_refused_and_breaks_nothing(data: bytes) -> None:
    with pytest.raises(ManifestError):
        read_manifest(data)


def test_a_manifest_of_a_megabyte_is_refused_unread() -> None:
    with pytest.raises(ManifestError):
        read_manifest(b"#" * (1 << 20))
