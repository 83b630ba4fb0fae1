"""Words for what plugins ask for, how they stand and what befell them: all doors say the same."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from appliance.domain.formats import Language
from appliance.domain.plugins import Need, Plugin, PluginState, Rights, Source
from appliance.plugin_api.manifest import Manifest, ManifestError, read_manifest
from appliance.plugin_host import sentences
from appliance.web import market_codes, texts

FILE: Final = Path(__file__).with_name("texts") / "plugins.toml"


OURS: Final = ("box.", "vendor.")
"""How codes of the journal begin that the box has words for, whatever the plugin."""


class Words(NamedTuple):
    """A phrase, what it means, and its tone; the last two may be empty."""

    text: str
    more: str = ""
    tone: str = ""


class Asked(NamedTuple):
    """Rights in words.

    Attributes:
        permissions: what it does and what that means.
        personal: field and purpose.
        wider: codes of those lines (`kind:code`) that go beyond what was given.
    """

    permissions: list[tuple[str, Words]]
    events: list[tuple[str, Words]]
    hosts: list[tuple[str, str]]
    personal: list[tuple[str, str, str]]
    wider: frozenset[str]


@cache
def catalogue() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Kind → code → words."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def words(kind: str, code: str, language: Language) -> Words:
    """Words for a code; one that nobody knows is shown as it is."""
    found = catalogue().get(kind, {}).get(code)
    if found is None:
        return Words(code)
    return Words(found[language], found.get(f"{language}_more", ""), found.get("tone", ""))


def manifest_of(plugin: Plugin) -> Manifest | None:
    """The manifest; None where it cannot be used any more."""
    try:
        return read_manifest(plugin.manifest.encode())
    except ManifestError:
        return None


def title_of(plugin: Plugin, language: Language) -> tuple[str, str]:
    """Title and one sentence about a plugin."""
    manifest = manifest_of(plugin)
    if manifest is None:
        return plugin.name, ""
    return manifest.title.of(language), manifest.about.of(language)


def state(plugin: Plugin, process: str, language: Language) -> Words:
    """How a plugin stands, with why and what to do.

    Args:
        plugin: to speak of.
        process: state of its process; empty where there is none.
        language: of the reader.
    """
    code = "offered" if plugin.is_offered else plugin.state.value
    if plugin.state is PluginState.RUNNING and process:
        code = process
    found = words("state", code, language)
    return Words(found.text, reason(plugin, language), found.tone)


def reason(plugin: Plugin, language: Language) -> str:
    """Why a plugin is broken or in quarantine; empty for others."""
    if plugin.state not in (PluginState.BROKEN, PluginState.QUARANTINED) or not plugin.reason:
        return ""
    return trouble(plugin.reason, language)


def trouble(code: str, language: Language) -> str:
    """What befell a plugin."""
    if code in catalogue()["trouble"]:
        return words("trouble", code, language).text
    said = texts.error(code, language)
    return said.title if said != texts.error("failed", language) else code


_PLACE: Final = re.compile(r"(?P<error>[a-z_]+)\.(?P<file>[a-z0-9_]+)\.(?P<line>[0-9]+)")
"""How a plugin's process names an exception: class, module, line."""


def said(folder: Path | None, code: str, data: Mapping[str, int | str], language: Language) -> str:
    """A line of the journal: the box's own words for `box.…` and `vendor.…`, else the plugin's."""
    own, _, rest = code.partition(".")
    if own == "vendor" and rest in catalogue()["vendor"]:
        return sentences.filled(words("vendor", rest, language).text, code, data)
    if own != "box":
        return sentences.said(folder, code, market_codes.spoken(code, data, language), language)
    if rest in catalogue()["box"]:
        return sentences.filled(words("box", rest, language).text, code, data)
    if rest in catalogue()["trouble"]:
        subject = "The plugin" if language == "en" else "Плагин"
        return f"{subject}: {trouble(rest, language)}"
    if place := _PLACE.fullmatch(rest):
        text = words("box", "code_error", language).text
        return sentences.filled(text, rest, place.groupdict())
    return sentences.filled("", rest, data)


def need(one: Need, language: Language) -> Words:
    """A warning before a file is installed."""
    return words("need", one.value, language)


def source(one: Source, language: Language) -> str:
    """Where a plugin came from."""
    return words("source", one.value, language).text


def asked(plugin: Rights, wider: Rights, manifest: Manifest | None, language: Language) -> Asked:
    """Rights in words.

    Args:
        plugin: the rights.
        wider: which of them are new since they were approved.
        manifest: names the settings that hold hosts.
        language: of the reader.
    """
    titles = {one.name: one.title.of(language) for one in manifest.settings} if manifest else {}
    return Asked(
        permissions=[(one, words("permission", one, language)) for one in plugin.permissions],
        events=[(one, words("event", one, language)) for one in plugin.events],
        hosts=[(one, _host(one, titles, language)) for one in plugin.hosts],
        personal=[
            (
                f"{one.field}:{one.purpose}",
                words("field", one.field, language).text,
                words("purpose", one.purpose, language).text,
            )
            for one in plugin.personal
        ],
        wider=frozenset(
            [
                *(f"permission:{one}" for one in wider.permissions),
                *(f"event:{one}" for one in wider.events),
                *(f"host:{one}" for one in wider.hosts),
                *(f"personal:{one.field}:{one.purpose}" for one in wider.personal),
            ]
        ),
    )


def _host(host: str, titles: Mapping[str, str], language: Language) -> str:
    kind, _, name = host.partition(":")
    if kind != "setting":
        return host
    title = titles.get(name, name)
    return (
        f"address of the setting “{title}”" if language == "en" else f"адрес из настройки «{title}»"
    )


def signer(plugin_signer: str) -> str:
    """A key as people compare it: eight groups of eight."""
    return " ".join(plugin_signer[at : at + 8] for at in range(0, len(plugin_signer), 8))
