"""Words for what the log calls by names: deeds, records, who acts; and the way back from words."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from tui.texts import language

Table = Mapping[str, Mapping[str, tuple[str, str]]]

WATCHED: Final = frozenset(
    {
        "customers.reveal",
        "customers.note_copied",
        "courier.reveal",
        "courier.note_copied",
        "exports.ask",
        "exports.take",
        "reports.export",
        "dossiers.make",
        "anchors.lost",
        "users.add",
        "users.set_roles",
        "roles_admin.edit",
        "box.change_slots",
        "plugins.approve",
        "plugins.quarantine",
        "plugin_files.install",
    }
)
"""Deeds that are worth a second look though they were allowed."""

MOST_NAMES: Final = 60
"""Names of deeds that one question may hold."""


@cache
def _table() -> Table:
    return tomllib.loads(Path(__file__).with_name("deeds.toml").read_text(encoding="utf-8"))


def _word(group: str, name: str) -> str:
    found = _table().get(group, {}).get(name)
    return name if found is None else found[language() == "en"]


def deed(name: str) -> str:
    """What was done; one of a newer box goes by its name."""
    noun, _, verb = name.partition(".")
    return _word(noun, verb) if verb in _table().get(noun, {}) else name


def thing(one: Mapping[str, Any]) -> str:
    """The record it was done to, «заказ 4815»; empty where it has no number."""
    if not one["thing_number"]:
        return ""
    return f"{_word('things', one['thing'])} {one['thing_number']}"


def short(one: Mapping[str, Any]) -> str:
    """A deed with the number of its record, for a column."""
    number = f" № {one['thing_number']}" if one["thing_number"] else ""
    return f"{deed(one['deed'])}{number}"


def who(one: Mapping[str, Any]) -> str:
    """Who acted: a colleague's name and initial, else what he is."""
    if one["who"]:
        first, _, rest = str(one["who"]).partition(" ")
        return f"{first} {rest[:1]}." if rest else first
    number = f" {one['number']}" if one["number"] else ""
    return f"{_word('kinds', one['kind'])}{number}"


def fields(names: list[str]) -> str:
    """Fields of people in words."""
    return ", ".join(_word("fields_of_people", name) for name in names)


def origin(name: str) -> str:
    """Where a request came from."""
    return _word("origins", name) if name else ""


def names_of(typed: str) -> str:
    """Deeds whose words hold what was typed, by their names with commas; empty: none do.

    A name of the log (`orders.create`, `orders`) stands for itself.
    """
    asked = typed.strip().casefold().replace("ё", "е")
    if not asked or asked.isascii():
        return asked
    found = [
        f"{noun}.{verb}"
        for noun, verbs in _table().items()
        if noun not in {"things", "kinds", "fields_of_people", "origins"}
        for verb, said in verbs.items()
        if asked in said[0].replace("ё", "е")
    ]
    return ",".join(found[:MOST_NAMES])


def thing_of(typed: str) -> str:
    """«заказ 4815» as the log knows it, `order 4815`; what is no record's word stays."""
    return _known("things", typed)


def kind_of(typed: str) -> str:
    """«коробка» as the log knows it, `system`; a login stays."""
    return _known("kinds", typed)


def _known(group: str, typed: str) -> str:
    word, _, rest = typed.strip().casefold().partition(" ")
    for name, said in _table().get(group, {}).items():
        if word and word in said:
            return f"{name} {rest}".strip()
    return typed.strip()
