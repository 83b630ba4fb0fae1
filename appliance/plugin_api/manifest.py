"""What a plugin says of itself before any of its code is run: `plugin.toml`, api level 1.

Read by the host only: the plugin's process knows nothing of it but what `Hello` tells.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final, Literal, cast

import msgspec

from appliance.domain.events import EVENTS
from appliance.errors import Invalid
from appliance.plugin_api.asks import Provided

API: Final = 1
"""The level of the seam that this release speaks."""

LONGEST: Final = 64 << 10
"""Bytes of a manifest."""

PERSONAL_VALUE: Final = "personal"
"""Kind of a column whose values the host seals."""

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{2,40}$")]
ShortName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_.]{0,60}$")]
Version = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}$")]
Place = Annotated[str, msgspec.Meta(max_length=260)]
Alias = Annotated[str, msgspec.Meta(pattern=r"^/[A-Za-z0-9._-][A-Za-z0-9._/-]{0,80}$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]

_HOST: Final = re.compile(
    r"(?:\*\.)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*:[0-9]{1,5}"
)


class ManifestError(Invalid):
    """A manifest that cannot be taken.

    Attributes:
        where: the place in it, as `$.settings[0].kind`; empty where it is no TOML at all.
    """

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(
            code, f"{code} at {where}" if where else code, where=where or "plugin.toml"
        )
        self.where = where


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the manifest: what this release does not know is refused, not passed over."""


class Words(_Part, frozen=True):
    """One text in both languages."""

    ru: Text
    en: Text

    def of(self, language: str) -> str:
        """The text in a language; Russian for any that is not English."""
        return self.en if language == "en" else self.ru


class Handed(_Part, frozen=True):
    """One personal field that the plugin is handed, and what for."""

    field: Code
    purpose: Code


class Choice(_Part, frozen=True):
    """One value of a setting of the kind `choice`."""

    value: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    title: Words


SettingKind = Literal[
    "text", "text_long", "secret", "number", "money", "choice", "flag", "time", "url"
]


class Setting(_Part, frozen=True):
    """One field of the settings form, of the plugin or of an account.

    Attributes:
        min, max: of `number`, and of `money` in kopecks; length of texts.
    """

    name: ShortName
    kind: SettingKind
    title: Words
    help: Words | None = None
    default: str | int | bool | None = None
    required: bool = False
    min: int | None = None
    max: int | None = None
    choices: tuple[Choice, ...] = ()


class Job(_Part, frozen=True):
    """Work by the timetable."""

    name: ShortName
    every_seconds: Annotated[int, msgspec.Meta(ge=10, le=31 * 86_400)]


class Route(_Part, frozen=True):
    """An address under `/x/<plugin>/` that the plugin answers.

    Attributes:
        path: without the leading slash; what follows it in an address is handed over too.
        body_mb: the longest body in MiB; `messages.BODY_LIMIT` is the host's ceiling.
        aliases: addresses outside `/x/<plugin>/` that lead here too, for clients who know others.
        refusal: first line of what the box itself refuses there (too long a body, the plugin is
            down), for clients that read only that.
    """

    path: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,80}$")]
    methods: Annotated[
        tuple[Literal["GET", "POST", "PUT", "DELETE", "HEAD"], ...], msgspec.Meta(min_length=1)
    ]
    auth: Literal["key", "basic", "signature"]
    body_mb: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1
    aliases: Annotated[tuple[Alias, ...], msgspec.Meta(max_length=8)] = ()
    refusal: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_ :.-]{0,40}$")] = ""


class Table(_Part, frozen=True):
    """A table of the plugin's own; the host keeps it and seals its personal columns."""

    columns: Annotated[
        Mapping[ShortName, Literal["text", "integer", "money", "time", "flag", "personal"]],
        msgspec.Meta(min_length=1, max_length=60),
    ]
    key: Annotated[tuple[ShortName, ...], msgspec.Meta(min_length=1, max_length=4)]


class Chart(_Part, frozen=True):
    """A drawing of an own table on the plugin's page: the last day and the last week.

    Attributes:
        by: the key's first column: a drawing for each of its values.
        at: the key's second column, a time.
        value: column of numbers; good: flag column that says whether one is as it should be.
    """

    table: ShortName
    by: ShortName
    at: ShortName
    value: ShortName
    title: Words
    good: ShortName | None = None


class Column(_Part, frozen=True):
    """A column of a screen.

    Attributes:
        kind: how a value is drawn; `said`: a code of the plugin's texts, with the row's values in
            their places; `order`: a number of an order, and a link to it.
    """

    name: ShortName
    title: Words
    kind: Literal["text", "number", "time", "said", "order"] = "text"


class Deed(_Part, frozen=True):
    """A button of a row: pressed, the plugin is asked `screen.deed`.

    Attributes:
        when, values: shown where that text column has one of these values; empty: always.
        sure: what the box asks before it.
    """

    name: ShortName
    title: Words
    when: ShortName | None = None
    values: tuple[Code, ...] = ()
    sure: Words | None = None


class Screen(_Part, frozen=True):
    """Rows of an own table as people see them, on a page of the plugin and in the console.

    Attributes:
        newest: the greatest keys first.
        empty: said where there are no rows.
        tone: text column whose value `ok`, `warn` or `bad` colours the row's first `said`.
    """

    name: ShortName
    title: Words
    table: ShortName
    columns: Annotated[tuple[Column, ...], msgspec.Meta(min_length=1, max_length=12)]
    about: Words | None = None
    empty: Words | None = None
    deeds: Annotated[tuple[Deed, ...], msgspec.Meta(max_length=6)] = ()
    newest: bool = False
    tone: ShortName | None = None


class Limits(_Part, frozen=True):
    """What the plugin asks for itself; the ceilings are the host's.

    Attributes:
        cpu_percent: of one processor.
        disk_mb: of a folder for files that name nobody: it is not sealed. 0: none.
    """

    memory_mb: Annotated[int, msgspec.Meta(ge=48, le=512)] = 128
    cpu_percent: Annotated[int, msgspec.Meta(ge=5, le=100)] = 50
    files: Annotated[int, msgspec.Meta(ge=32, le=256)] = 64
    disk_mb: Annotated[int, msgspec.Meta(ge=0, le=4096)] = 0
    call_seconds: Annotated[int, msgspec.Meta(ge=1, le=300)] = 60


class Manifest(_Part, frozen=True):
    """`plugin.toml` as a whole.

    Attributes:
        provides: what it is to the box: who is asked the questions of `asks.ASKS`.
        account_settings: the form of one account of the service, where there may be several.
        settings_are_account: `settings` describe one already: it runs without any other.
        hosts: `name:port`, `*.name:port`, or `setting:<name>` for the host that a setting names.
    """

    name: Name
    version: Version
    api: int
    title: Words
    about: Words
    permissions: tuple[Code, ...] = ()
    events: tuple[Code, ...] = ()
    provides: tuple[Provided, ...] = ()
    hosts: tuple[Place, ...] = ()
    personal: tuple[Handed, ...] = ()
    settings: Annotated[tuple[Setting, ...], msgspec.Meta(max_length=60)] = ()
    account_settings: Annotated[tuple[Setting, ...], msgspec.Meta(max_length=40)] = ()
    settings_are_account: bool = False
    jobs: Annotated[tuple[Job, ...], msgspec.Meta(max_length=20)] = ()
    routes: Annotated[tuple[Route, ...], msgspec.Meta(max_length=20)] = ()
    tables: Annotated[Mapping[ShortName, Table], msgspec.Meta(max_length=20)] = {}
    charts: Annotated[tuple[Chart, ...], msgspec.Meta(max_length=4)] = ()
    screens: Annotated[tuple[Screen, ...], msgspec.Meta(max_length=8)] = ()
    limits: Limits = Limits()


def read_manifest(
    data: bytes,
    *,
    permissions: Collection[str] | None = None,
    fields: Collection[str] | None = None,
) -> Manifest:
    """Read `plugin.toml`.

    Args:
        data: the file.
        permissions: those that exist; None leaves them unchecked.
        fields: personal fields that exist, as `customer.phone`; None leaves them unchecked.

    Raises:
        ManifestError: `manifest_toml`, `manifest_api`, `manifest_shape`, `manifest_unknown`,
            `manifest_twice`, `manifest_host`, `manifest_setting`, `manifest_table`; with the place.
    """
    tree = _tree(data)
    if tree.get("api") != API or isinstance(tree.get("api"), bool):
        raise ManifestError("manifest_api", "$.api")
    try:
        found = msgspec.convert(tree, Manifest)
    except msgspec.ValidationError as error:
        raise ManifestError("manifest_shape", _place(error)) from None
    _once("events", found.events)
    _known("events", found.events, EVENTS)
    _once("permissions", found.permissions)
    _known("permissions", found.permissions, permissions)
    # One field may be asked for several purposes, each granted by itself.
    _once("personal", [f"{one.field} {one.purpose}" for one in found.personal])
    _known("personal", tuple(one.field for one in found.personal), fields)
    _once("provides", found.provides)
    _once("settings", [one.name for one in found.settings])
    _once("jobs", [one.name for one in found.jobs])
    _once("routes", [one.path for one in found.routes])
    _once("account_settings", [one.name for one in found.account_settings])
    for setting in (*found.settings, *found.account_settings):
        _check_setting(setting)
    for name, table in found.tables.items():
        _check_table(name, table)
    for chart in found.charts:
        _check_chart(found, chart)
    _once("screens", [one.name for one in found.screens])
    for screen in found.screens:
        _check_screen(found, screen)
    _check_hosts(found)
    return found


def _tree(data: bytes) -> Mapping[str, Any]:
    if len(data) > LONGEST:
        raise ManifestError("manifest_toml")
    try:
        return tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        raise ManifestError("manifest_toml") from None


def _place(error: msgspec.ValidationError) -> str:
    """Where msgspec found it; an unknown name is the place itself."""
    said = str(error)
    named = re.search(r"(?:unknown|missing required) field `([A-Za-z0-9_]{1,60})`", said)
    path = re.search(r" - at `(?:key in )?(\$[^`]{0,120})`", said)
    where = path.group(1) if path else "$"
    return f"{where}.{named.group(1)}" if named else where


def _known(where: str, asked: tuple[str, ...], known: Collection[str] | None) -> None:
    for number, one in enumerate(asked):
        if known is not None and one not in known:
            raise ManifestError("manifest_unknown", f"$.{where}[{number}]")


def _once(where: str, names: Collection[str]) -> None:
    seen = set[str]()
    for number, name in enumerate(names):
        if name in seen:
            raise ManifestError("manifest_twice", f"$.{where}[{number}]")
        seen.add(name)


def _check_setting(setting: Setting) -> None:
    where = f"$.settings.{setting.name}"
    if (setting.kind == "choice") != bool(setting.choices):
        raise ManifestError("manifest_setting", f"{where}.choices")
    _once(f"settings.{setting.name}.choices", [one.value for one in setting.choices])
    if setting.min is not None and setting.max is not None and setting.min > setting.max:
        raise ManifestError("manifest_setting", f"{where}.min")
    if setting.default is None:
        return
    kinds: Mapping[str, type] = {"number": int, "money": int, "flag": bool}
    fits = type(cast("object", setting.default)) is kinds.get(setting.kind, str)
    if setting.kind == "choice":
        fits = setting.default in {one.value for one in setting.choices}
    if setting.kind == "secret" or not fits:
        raise ManifestError("manifest_setting", f"{where}.default")


def _check_table(name: str, table: Table) -> None:
    for column in table.key:
        if table.columns.get(column, PERSONAL_VALUE) == PERSONAL_VALUE:
            raise ManifestError("manifest_table", f"$.tables.{name}.key")
    _once(f"tables.{name}.key", table.key)


def _check_chart(found: Manifest, chart: Chart) -> None:
    table = found.tables.get(chart.table)
    wanted = {
        chart.at: "time",
        chart.value: "integer",
        **({chart.good: "flag"} if chart.good else {}),
    }
    if table is None or table.key[:2] != (chart.by, chart.at):
        raise ManifestError("manifest_table", f"$.charts.{chart.table}")
    if any(table.columns.get(name) != kind for name, kind in wanted.items()):
        raise ManifestError("manifest_table", f"$.charts.{chart.table}")


def _check_screen(found: Manifest, screen: Screen) -> None:
    table = found.tables.get(screen.table)
    where = f"$.screens.{screen.name}"
    if table is None:
        raise ManifestError("manifest_table", where)
    shown = {one.name for one in screen.columns}
    coded = {one.when for one in screen.deeds if one.when} | {screen.tone} - {None}
    kinds = {name: table.columns.get(name, PERSONAL_VALUE) for name in shown | coded if name}
    if PERSONAL_VALUE in kinds.values() or any(kinds[one] != "text" for one in coded if one):
        raise ManifestError("manifest_table", f"{where}.columns")
    _once(f"screens.{screen.name}.deeds", [one.name for one in screen.deeds])
    if screen.deeds and "screens" not in found.provides:
        raise ManifestError("manifest_unknown", f"{where}.deeds")


def _check_hosts(found: Manifest) -> None:
    every = (*found.settings, *found.account_settings)
    named = {one.name for one in every if one.kind in {"url", "text"}}
    _once("hosts", found.hosts)
    for number, host in enumerate(found.hosts):
        where = f"$.hosts[{number}]"
        kind, colon, setting = host.partition(":")
        if kind == "setting" and colon:
            if setting not in named:
                raise ManifestError("manifest_host", where)
        elif not _HOST.fullmatch(host) or not 0 < int(host.rpartition(":")[2]) < 65_536:
            raise ManifestError("manifest_host", where)
