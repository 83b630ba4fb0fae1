"""Pages: templates, the formats bound to a reader's language, and names of built assets.

Every page goes through `Pages.render`. Undefined names are errors, everything is escaped, and the
filter `reveal` is the only way by which a `Personal` gets into a page.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from appliance.domain import formats
from appliance.domain.formats import Language
from appliance.domain.personal import Personal
from appliance.web import texts
from appliance.web.folding import FoldingEnvironment
from appliance.web.hotkeys import HOTKEYS, key_aria, key_label

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE / "templates"
MOST_PARTS = 256
"""Parts of pages kept at a time; some kilobytes each."""

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


def reveal(value: object) -> object:
    """Open a value about a person for printing; escaping still applies."""
    return value.reveal() if isinstance(value, Personal) else value  # pyright: ignore[reportUnknownVariableType] (a Personal of anything)


def initials(value: object) -> str:
    """Two letters for an avatar, of a name in either order; nothing of what is no name."""
    words = str(reveal(value) or "").replace("«", " ").replace("»", " ").split()
    letters = [word[0] for word in words if word[0].isalpha()]
    return "".join(letters[:2]).upper()


def translator(gettext: Callable[[str], str]) -> Callable[..., Markup]:
    """Make the `_` of templates: like Jinja's own, but a text without places is made only once."""
    kept: dict[str, Markup] = {}

    def translate(text: str, **places: object) -> Markup:
        if places:
            return Markup(gettext(text)) % places  # noqa: S704 (our own texts; places are escaped)
        made = kept.get(text)
        if made is None:
            made = kept[text] = Markup(gettext(text)) % {}  # noqa: S704 (the same)
        return made

    return translate


def contact_mask(value: str, phone: bool) -> str:
    """The dots that a shown contact goes back to."""
    return formats.phone_masked(value) if phone else formats.email_masked(value)


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
        self.zone = zone
        self.now = now
        self._develop = develop
        self._templates = templates
        self._environments: dict[Language, Environment] = {}
        self._icons: dict[tuple[str, str], Markup] = {}
        self._parts: dict[tuple[object, ...], Markup] = {}

    def render(self, template: str, language: Language, *, csrf: str = "", **context: Any) -> str:
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

    def addresses(self, names: Iterable[str]) -> list[str]:
        """Give the addresses of these assets and of every script."""
        return [self._assets.url(name) for name in (*names, "app.js", *self._assets.modules)]

    def _make(self, language: Language) -> Environment:
        # One per language and no bytecode shared between them: a filter over a constant is
        # computed while compiling, so shared code would carry one language's words into another.
        environment = FoldingEnvironment(
            loader=FileSystemLoader(self._templates),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=self._develop,
            cache_size=-1,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        catalogue = texts.catalogue(language)
        install = cast("Callable[..., None]", getattr(environment, "install_gettext_callables"))  # noqa: B009 (added by the extension)
        install(catalogue.gettext, catalogue.ngettext, newstyle=True)
        known: dict[str, Any] = {
            "asset": self._assets.url,
            "modules": self._assets.modules,
            "icon": self.icon,
            "csrf": _csrf.get,
            "hotkeys": HOTKEYS,
            "fixed": self._fixed(environment),
            "kept_part": self._keeper(environment, language),
        }
        known["gettext"] = known["_"] = translator(catalogue.gettext)
        environment.fixed = {name: known[name] for name in ("_", "gettext", "icon")}
        environment.globals.update(known)
        environment.filters.update(self._filters(language))
        return environment

    def _fixed(self, environment: Environment) -> Callable[[str], Markup]:
        """Make the function that includes a part which is the same on every page of a language."""
        kept: dict[str, Markup] = {}

        def fixed(template: str) -> Markup:
            made = kept.get(template)
            if made is None or self._develop:
                page = environment.get_template(template)
                made = kept[template] = Markup(page.render())  # noqa: S704 (our own template)
            return made

        return fixed

    def _keeper(self, environment: Environment, language: Language) -> Callable[..., Markup]:
        """Make the function that includes a part which is the same for the same key.

        The key must hold whatever the part prints and nothing of a client; `names` gives the
        template its context and is called only where the part is not kept yet.
        """

        def kept_part(template: str, key: tuple[object, ...], names: Callable[[], Any]) -> Markup:
            place = (language, template, *key)
            made = self._parts.pop(place, None)
            if made is None or self._develop:
                page = environment.get_template(template)
                made = Markup(page.render(**names()))  # noqa: S704 (our own template)
            self._parts[place] = made  # the one used last goes to the end
            if len(self._parts) > MOST_PARTS:
                del self._parts[next(iter(self._parts))]
            return made

        return kept_part

    def forget(self) -> None:
        """Drop kept parts: they may name colleagues, and a sealed box names nobody."""
        self._parts.clear()

    def _filters(self, language: Language) -> dict[str, Callable[..., Any]]:
        zone, now = self.zone, self.now

        def day_short(value: date) -> str:
            return formats.day_short(value, now().astimezone(zone).date(), language)

        def clock(value: datetime) -> str:
            return formats.clock(value, zone)

        def moment(value: datetime) -> str:
            return formats.moment(value, now(), zone, language)

        def moment_short(value: datetime) -> str:
            return formats.moment_short(value, now(), zone, language)

        def moment_full(value: datetime) -> str:
            return formats.moment_full(value, zone, language)

        def ago(value: datetime) -> str:
            return formats.span(now() - value, language)

        return {
            "reveal": reveal,
            "initials": initials,
            "key_label": partial(key_label, translate=texts.catalogue(language).gettext),
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
            "contact_mask": contact_mask,
            "day": partial(formats.day, language=language),
            "day_words": partial(formats.day_words, language=language),
            "day_typed": partial(formats.day, language=language),
            "day_short": day_short,
            "clock": clock,
            "moment": moment,
            "moment_short": moment_short,
            "moment_full": moment_full,
            "span": partial(formats.span, language=language),
            "ago": ago,
            "found": mark_found,
        }


def handed_out(name: Personal[str], body: Personal[bytes]) -> tuple[str, bytes]:
    """Open an attachment on its way to whoever asked for it; asking was written down."""
    return name.reveal(), body.reveal()


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
