"""The table of bad days has every plugin of a service for every day, and tests that exist."""

import re
from functools import cache
from pathlib import Path

import pytest

from appliance.plugin_api.manifest import read_manifest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "plugins"
DOCUMENT = (ROOT / "docs" / "bad-days.md").read_text(encoding="utf-8")
SERVICES = frozenset({"market", "carrier", "warehouse", "payments", "messages", "hints"})
"""What a manifest `provides` that talks to somebody outside, or carries parcels itself."""
DAYS = (
    "unknown-status", "fields", "strings", "html", "error-in-200", "too-many-named", "too-many",
    "hours-of-500", "keys", "push-foreign", "push-five", "unknown-article", "zero-price",
    "negative-stock",
)  # fmt: skip
ROW = re.compile(r"^\| `(\w+)` \| `([\w/.]+)::(test_\w+)` \|$", re.MULTILINE)
LEFT_OUT = re.compile(r"^Not of: (.+)\.$", re.MULTILINE)
GROUP = re.compile(r"((?:`\w+`(?:, )?)+) \(([^)]+)\)")


def plugins_of_services() -> set[str]:
    """Folders of those that provide something of a service's."""
    manifests = (ROOT / "plugins").glob("*/plugin.toml")
    return {
        one.parent.name
        for one in manifests
        if SERVICES & {*read_manifest(one.read_bytes()).provides}
    }


def section(day: str) -> str:
    """What stands under a day's heading."""
    _, _, text = DOCUMENT.partition(f"{{#{day}}}\n")
    return text.partition("\n## ")[0]


@cache
def named_in(file: str) -> frozenset[str]:
    """Names of the tests in a file; none where there is no such file."""
    path = TESTS / file
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return frozenset(re.findall(r"^(?:async )?def (test_\w+)\(", text, re.MULTILINE))


def test_the_days_are_those_of_the_document() -> None:
    assert tuple(re.findall(r"^## .+ \{#([\w-]+)\}$", DOCUMENT, re.MULTILINE)) == DAYS


@pytest.mark.parametrize("day", DAYS)
def test_every_plugin_of_a_service_has_its_test_or_a_reason_to_have_none(day: str) -> None:
    text = section(day)
    shown = {plugin for plugin, _, _ in ROW.findall(text)}
    left_out: list[str] = []
    for line in LEFT_OUT.findall(text):
        left_out += [one for names, _ in GROUP.findall(line) for one in re.findall(r"\w+", names)]
    assert sorted([*shown, *left_out]) == sorted(plugins_of_services())


def test_every_test_that_is_named_exists() -> None:
    rows = ROW.findall(DOCUMENT)
    assert len(rows) == len(re.findall(r"^\| `", DOCUMENT, re.MULTILINE))
    assert [f"{file}::{name}" for _, file, name in rows if name not in named_in(file)] == []
