"""Pages: templates, the formats bound to a reader's language, and names of built assets.

Every page goes through `Pages.render`. Undefined names are errors, everything is escaped, and the
filter `reveal` is the only way by which a `Personal` gets into a page.
"""

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from appliance.domain import formats
from appliance.domain.formats import Language
from appliance.domain.personal import Personal
from appliance.web import texts
from appliance.web.hotkeys import HOTKEYS, key_aria, key_label

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE / "templates"
DIST = HERE / "static" / "dist"
STATIC_URL = "/static/"

_csrf: ContextVar[str] = ContextVar("csrf", default="")


@dataclass(frozen=True, slots=True)
class Assets:
    """Names of built files, as `scripts/build-assets` wrote them into manifest.json."""

    files: Mapping[str, str]
    modules: tuple[str, ...]
    icons: frozenset[str]

    def url(self, name: str) -> str:
        """Give the address of an asset by its plain name; an unknown name is a KeyError."""
        return STATIC_URL + self.files[name]


def read_assets(dist: Path = DIST) -> Assets:
    """Read the manifest; FileNotFoundError means the assets were never built."""
    raw = json.loads((dist / "manifest.json").read_text(encoding="utf-8"))
    return Assets(raw["files"], tuple(raw["modules"]), frozenset(raw["icons"]))


class _Memory(BytecodeCache):
    """Compiled templates shared by the languages: each is compiled once, not once per language."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self._kept.get(bucket.key)
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def reveal(value: object) -> object:
    """Open a value about a person for printing; escaping still applies."""
    return value.reveal() if isinstance(value, Personal) else value  # pyright: ignore[reportUnknownVariableType] (a Personal of anything)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Pages:
    """Renders templates in the reader's language.

    Args:
        assets: built files.
        zone: of the box; all times are shown in it.
        develop: re-read changed templates.
        now: the clock for relative times.
    """

    def __init__(
        self,
        assets: Assets,
        zone: ZoneInfo,
        *,
        develop: bool = False,
        now: Callable[[], datetime] = _utc_now,
        templates: Path = TEMPLATES,
    ) -> None:
        self._assets = assets
        self._zone = zone
        self._now = now
        self._develop = develop
        self._templates = templates
        self._bytecode = _Memory()
        self._environments: dict[Language, Environment] = {}
        self._icons: dict[tuple[str, str], Markup] = {}

    def render(self, template: str, language: Language, *, csrf: str = "", **context: Any) -> str:  # noqa: ANN401 (whatever the template asks for)
        """Render a template.

        Args:
            template: path below templates/.
            language: of the reader.
            csrf: token of this session, for forms.
            context: names the template uses; a missing one is an error.
        """
        token = _csrf.set(csrf)
        try:
            page = self.environment(language).get_template(template)
            return page.render(language=language, **context)
        finally:
            _csrf.reset(token)

    def environment(self, language: Language) -> Environment:
        """Give the environment of a language, made at its first use."""
        made = self._environments.get(language)
        if made is None:
            made = self._environments[language] = self._make(language)
        return made

    def icon(self, name: str, cls: str = "") -> Markup:
        """Write an icon of the sprite; a name that was not built in is a KeyError."""
        made = self._icons.get((name, cls))
        if made is None:
            if name not in self._assets.icons:
                raise KeyError(f"icon {name!r} is not in the sprite: add it to frontend/icons.txt")
            href = f"{self._assets.url('icons.svg')}#{name}"
            made = Markup('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>').format(
                f"i {cls}".strip(), href
            )
            self._icons[name, cls] = made
        return made

    def _make(self, language: Language) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(self._templates),
            autoescape=True,
            undefined=StrictUndefined,
            bytecode_cache=None if self._develop else self._bytecode,
            auto_reload=self._develop,
            cache_size=-1,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        catalogue = texts.catalogue(language)
        install = cast("Callable[..., None]", getattr(environment, "install_gettext_callables"))  # noqa: B009 (added by the extension)
        install(catalogue.gettext, catalogue.ngettext, newstyle=True)
        environment.globals.update(
            asset=self._assets.url,
            modules=self._assets.modules,
            icon=self.icon,
            csrf=_csrf.get,
            hotkeys=lambda: HOTKEYS,
        )
        environment.filters.update(self._filters(language))
        return environment

    def _filters(self, language: Language) -> dict[str, Callable[..., Any]]:
        zone, now = self._zone, self._now

        def today() -> date:
            return now().astimezone(zone).date()

        def ago(value: datetime) -> str:
            return formats.span(now() - value, language)

        return {
            "reveal": reveal,
            "key_label": key_label,
            "key_aria": key_aria,
            "number": partial(formats.number, language=language),
            "money": partial(formats.money, language=language),
            "money_exact": partial(formats.money, language=language, exact=True),
            "money_short": partial(formats.money_short, language=language),
            "quantity": partial(formats.quantity, language=language),
            "percent": partial(formats.percent, language=language),
            "size": partial(formats.size, language=language),
            "order_number": formats.order_number,
            "phone": formats.phone,
            "day": partial(formats.day, language=language),
            "day_words": partial(formats.day_words, language=language),
            "day_short": lambda value: formats.day_short(value, today(), language),  # pyright: ignore[reportUnknownLambdaType] (a template gives it)
            "clock": lambda value: formats.clock(value, zone),  # pyright: ignore[reportUnknownLambdaType] (same)
            "moment": lambda value: formats.moment(value, now(), zone, language),  # pyright: ignore[reportUnknownLambdaType] (same)
            "moment_short": lambda value: formats.moment_short(value, now(), zone, language),  # pyright: ignore[reportUnknownLambdaType] (same)
            "moment_full": lambda value: formats.moment_full(value, zone, language),  # pyright: ignore[reportUnknownLambdaType] (same)
            "span": partial(formats.span, language=language),
            "ago": ago,
            "found": mark_found,
        }


def mark_found(text: str, fragment: str) -> Markup:
    """Mark the first place of `fragment` in `text`, whatever the case and ё."""
    at = _flat(text).find(_flat(fragment)) if fragment else -1
    if at < 0:
        return escape(text)
    end = at + len(fragment)
    return Markup("{}<mark>{}</mark>{}").format(text[:at], text[at:end], text[end:])


def _flat(text: str) -> str:
    """Lower the case and fold ё, one character for one, so that places stay the same."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text).replace("ё", "е")


def waiting(since: datetime, now: datetime, warn: timedelta, bad: timedelta) -> str:
    """Choose the tone of «Ждёт»: '' before `warn`, then 'warn', then 'bad'."""
    passed = now - since
    return "bad" if passed >= bad else "warn" if passed >= warn else ""
