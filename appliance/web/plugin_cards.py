"""Plugins as their pages print them."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from litestar.datastructures import FormMultiDict

from appliance.domain import formats
from appliance.domain.desk import Codes
from appliance.domain.formats import Language
from appliance.domain.plugins import (
    GivenRights,
    JournalEntry,
    Offer,
    Plugin,
    PluginState,
    Rights,
    SettingsForm,
    Source,
)
from appliance.plugin_api.hooks import Finding
from appliance.plugin_api.manifest import Setting, read_manifest
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.ward import Facts
from appliance.web import plugin_words, texts
from appliance.web.plugin_words import title_of
from appliance.web.screens import Reader
from appliance.web.shell import N_

MB: Final = 1 << 20
CAN_RUN: Final = (
    PluginState.READY,
    PluginState.RUNNING,
    PluginState.PAUSED,
    PluginState.QUARANTINED,
)
DIRECTIONS: Final = {
    "in": N_("к нам"),
    "out": N_("от нас"),
    "here": N_("внутри"),
}
STATES: Final = {"ok": N_("удалось"), "warn": N_("с оговоркой"), "bad": N_("не удалось")}
JOB_EVERY: Final = (
    (86_400, N_("раз в %(num)s дн")),
    (3600, N_("раз в %(num)s ч")),
    (60, N_("раз в %(num)s мин")),
    (1, N_("раз в %(num)s с")),
)


def row(reader: Reader, desk: Desk | None, one: Plugin) -> dict[str, Any]:
    """A line of the list."""
    told = desk.facts(one.name) if desk else None
    title, about = title_of(one, reader.language)
    return {
        "name": one.name,
        "title": title,
        "about": about,
        "version": one.version,
        "source": plugin_words.source(one.source, reader.language),
        "state": plugin_words.state(one, told.state if told else "", reader.language),
        "memory": _memory(reader, told),
        "last": "" if one.last_at is None else _moment(reader, one.last_at),
        "last_tone": {"ok": "ok", "warn": "warn", "bad": "bad"}.get(one.last_state, "grey"),
        "last_state": reader._(STATES.get(one.last_state, "—")),
    }


def card(
    reader: Reader,
    desk: Desk | None,
    one: Plugin,
    given: Sequence[GivenRights],
    codes: Codes | None,
) -> dict[str, Any]:
    """Everything of a card but its settings."""
    told = desk.facts(one.name) if desk else None
    title, about = title_of(one, reader.language)
    manifest = plugin_words.manifest_of(one)
    state = one.state
    return {
        "title": title,
        "about": about,
        "state": plugin_words.state(one, told.state if told else "", reader.language),
        "asked": plugin_words.asked(one.asked, _news(one), manifest, reader.language),
        "waits": state in (PluginState.FOUND, PluginState.WAITING),
        "facts": _facts(reader, told, one),
        "signer": _signer(reader, one.signer),
        "approvals": [_approval(reader, codes, each) for each in given],
        "screens": [
            (screen.name, screen.title.of(reader.language))
            for screen in (manifest.screens if manifest and one.given else ())
        ],
        "jobs": [
            (job.name, _every(reader, job.every_seconds))
            for job in (manifest.jobs if manifest else ())
        ],
        "may_on": state in CAN_RUN and state is not PluginState.RUNNING,
        "may_pause": state is PluginState.RUNNING,
        "may_off": state in CAN_RUN and state is not PluginState.READY,
        "may_isolate": state in (PluginState.RUNNING, PluginState.PAUSED),
        "may_take": one.given is not None,
        "may_remove": one.source is Source.ADDED,
        "runs": state is PluginState.RUNNING,
    }


def offer(reader: Reader, one: Offer) -> dict[str, Any]:
    """A file that waits for a yes."""
    manifest = read_manifest(one.found.manifest.encode())
    wider = one.found.asked.beyond(one.was.given) if one.was and one.was.given else Rights()
    return {
        "offer": one,
        "title": manifest.title.of(reader.language),
        "about": manifest.about.of(reader.language),
        "size": f"{max(1, one.size // 1024)} КБ" if reader.language == "ru"
        else f"{max(1, one.size // 1024)} KB",
        "signer": _signer(reader, one.found.signer),
        "needs": [(need.value, plugin_words.need(need, reader.language)) for need in one.needs],
        "asked": plugin_words.asked(one.found.asked, wider, manifest, reader.language),
    }  # fmt: skip


def fields(
    reader: Reader,
    form: SettingsForm,
    typed: Mapping[str, str] | None,
    problems: Mapping[str, str],
) -> list[dict[str, Any]]:
    """The settings form; what was typed stays, but for secrets."""
    shown = {**form.typed, **(typed or {})}
    manifest = read_manifest(form.plugin.manifest.encode())
    return entries(reader, manifest.settings, shown, form.held, problems)


def entries(
    reader: Reader,
    settings: Sequence[Setting],
    shown: Mapping[str, str],
    held: Collection[str],
    problems: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Fields of a form that a manifest describes.

    Args:
        reader: who reads.
        settings: of the manifest, of the plugin or of an account.
        shown: text by name.
        held: names that have a value of their own.
        problems: codes by name.
    """
    return [
        {
            "name": one.name,
            "kind": one.kind,
            "label": one.title.of(reader.language),
            "hint": hint(one, reader.language),
            "value": "" if one.kind == "secret" else shown.get(one.name, ""),
            "held": one.name in held,
            "required": one.required,
            "choices": [(each.value, each.title.of(reader.language)) for each in one.choices]
            if one.required
            else [
                ("", "—"),
                *((each.value, each.title.of(reader.language)) for each in one.choices),
            ],
            "error": texts.error(
                problems[one.name], reader.language, {"bounds": bounds(one, reader.language)}
            ).title
            if one.name in problems
            else None,
        }
        for one in settings
    ]


def typed_of(settings: Sequence[Setting], sent: FormMultiDict) -> dict[str, str]:
    """What a browser sent of a form: a flag that is off is not in it."""
    typed: dict[str, str] = {}
    for one in settings:
        value = sent.get(one.name)
        if isinstance(value, str):
            typed[one.name] = value.replace("\r\n", "\n")
        elif one.kind == "flag":
            typed[one.name] = ""
    return typed


def bounds(one: Setting, language: Language) -> str:
    """What is allowed, for a hint or a refusal; empty where anything is."""
    low, high = one.min, one.max
    if one.kind == "money":
        low, high = (None if n is None else n // 100 for n in (low, high))
    if low is None and high is None:
        return ""
    unit = {"money": " ₽", "number": ""}.get(
        one.kind, " characters" if language == "en" else " знаков"
    )
    numbers = [formats.number(n, language) for n in (low, high) if n is not None]
    if low is not None and high is not None:
        return f"{numbers[0]}–{numbers[1]}{unit}"
    words = ("at least", "at most") if language == "en" else ("не меньше", "не больше")
    return f"{words[low is None]} {numbers[0]}{unit}"


def hint(one: Setting, language: Language) -> str:
    """What the author says of a field, and its bounds."""
    said = one.help.of(language) if one.help else ""
    allowed = bounds(one, language)
    return f"{said}. {allowed}" if said and allowed else said or allowed


def findings(
    folder: Path | None, found: Sequence[Finding], language: Language
) -> list[dict[str, Any]]:
    """What a plugin says of itself."""
    return [
        {
            "text": plugin_words.said(folder, one.code, one.numbers, language),
            "good": one.is_good,
        }
        for one in found
    ]


def journal_row(reader: Reader, desk: Desk | None, one: JournalEntry) -> dict[str, Any]:
    """A line of the journal."""
    folder = desk.shelf.folder(one.plugin) if desk else None
    where = {"order": "/orders/", "customer": "/clients/"}.get(one.kind, "")
    return {
        "number": one.number,
        "plugin": one.plugin,
        "when": _moment(reader, one.at),
        "direction": reader._(DIRECTIONS.get(one.direction, "")) if one.direction else "",
        "tone": {"ok": "ok", "warn": "warn", "bad": "bad"}.get(one.state, "grey"),
        "state": reader._(STATES.get(one.state, "—")),
        "text": plugin_words.said(folder, one.code, one.data, reader.language),
        "href": f"{where}{one.object_number}" if where and one.object_number else "",
        "about": f"№ {one.object_number}" if one.object_number else "",
        "order": one.object_number if one.kind == "order" else 0,
        "repeats": one.may_repeat,
    }


def _news(one: Plugin) -> Rights:
    return one.wider if one.given is not None else Rights()


def _memory(reader: Reader, told: Facts | None) -> str:
    if told is None or not told.rss:
        return ""
    unit = "MB" if reader.language == "en" else "МБ"
    return f"{formats.number(max(1, told.rss // MB), reader.language)} {unit}"


def _facts(reader: Reader, told: Facts | None, one: Plugin) -> list[tuple[str, str]]:
    found = [
        (reader._("Версия"), one.version),
        (reader._("Откуда"), plugin_words.source(one.source, reader.language)),
        (reader._("Установлен"), _moment(reader, one.installed_at)),
    ]
    if told is not None:
        found += [
            (reader._("Память"), _memory(reader, told)),
            (reader._("Процессор"), f"{told.cpu_percent:.1f} %".replace(".", ",")),
            (reader._("Перезапусков"), formats.number(told.restarts, reader.language)),
        ]
        if told.last_code:
            found.append(
                (reader._("Последняя беда"), plugin_words.trouble(told.last_code, reader.language))
            )
    return found


def _signer(reader: Reader, key: str) -> tuple[str, str]:
    """Who signed it, and the key where it is to be compared."""
    if not key:
        return reader._("никто не подписал"), ""
    if key == "box":
        return reader._("изготовитель Коробки"), ""
    return reader._("ключ изготовителя"), plugin_words.signer(key)


def _approval(reader: Reader, codes: Codes | None, one: GivenRights) -> dict[str, str]:
    who = (codes and codes.name_of(one.by_number)) or reader._("консоль")
    return {
        "version": one.version,
        "who": who,
        "when": _moment(reader, one.at),
        "until": "" if one.until is None else _moment(reader, one.until),
    }


def _moment(reader: Reader, at: Any) -> str:
    return formats.moment_short(at, reader.now, reader.zone, reader.language)


def _every(reader: Reader, seconds: int) -> str:
    for unit, text in JOB_EVERY:
        if seconds % unit == 0:
            return reader._(text) % {"num": seconds // unit}
    return ""
