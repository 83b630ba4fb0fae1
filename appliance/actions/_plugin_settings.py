"""The settings form of a plugin, read by its manifest. Pure."""

import re
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

from appliance.domain import inputs
from appliance.domain.plugins import Value
from appliance.errors import Invalid
from appliance.plugin_api.manifest import Setting

LONGEST: Final = {"text": 300, "text_long": 10_000, "secret": 2000, "url": 500}
"""Characters, where a manifest says nothing stricter."""

SETTING_HOST: Final = "setting:"

_TIME: Final = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d", re.ASCII)
_WHOLE: Final = re.compile(r"[-−]?\d{1,15}", re.ASCII)
_PORTS: Final = {"https": 443, "http": 80}


def read(
    settings: Collection[Setting], typed: Mapping[str, str], held: Collection[str]
) -> tuple[dict[str, Value], dict[str, str]]:
    """Values out of what was typed, and codes of what is wrong, by name.

    Args:
        settings: of the manifest.
        typed: text by name; what is not in it stays as it is, an empty secret too.
        held: names that have a value already.

    Returns:
        values to keep (None: take it away) and problems.
    """
    values: dict[str, Value] = {}
    problems: dict[str, str] = {}
    for one in settings:
        if one.name not in typed:
            continue
        text = typed[one.name].strip() if one.kind != "text_long" else typed[one.name]
        if not text.strip() and one.kind != "flag":
            if one.kind == "secret" and one.name in held:
                continue
            if one.required:
                problems[one.name] = "entry_empty"
            values[one.name] = None
            continue
        value, problem = _read(one, text)
        if problem:
            problems[one.name] = problem
        values[one.name] = value
    return values, problems


def missing(settings: Collection[Setting], held: Collection[str]) -> tuple[str, ...]:
    """Names that must be set before the plugin can work."""
    return tuple(
        one.name
        for one in settings
        if one.required and one.default is None and one.name not in held and one.kind != "flag"
    )


def whole(settings: Collection[Setting], values: Mapping[str, Value]) -> dict[str, Value]:
    """What a plugin is told: every setting of its manifest, with defaults where nothing is set."""
    return {one.name: values.get(one.name, one.default) for one in settings}


def near(given: Collection[str], *sets: Mapping[str, Value]) -> tuple[str, ...]:
    """Hosts with ports that an administrator named in settings, of those that were given.

    Args:
        given: hosts of the grant.
        sets: settings of the plugin and of each account.
    """
    named = [host.partition(":")[2] for host in given if host.startswith(SETTING_HOST)]
    places = (host_of(str(values.get(name) or "")) for values in sets for name in named)
    return tuple(dict.fromkeys(place for place in places if place))


def host_of(text: str) -> str:
    """`name:port` out of an address that somebody typed; empty where there is none."""
    parts = urlsplit(text if "//" in text else f"https://{text}")
    try:
        port = parts.port or _PORTS.get(parts.scheme, 443)
    except ValueError:
        return ""
    return f"{parts.hostname}:{port}" if parts.hostname else ""


def shown(setting: Setting, value: Value) -> str:
    """A value as one would type it; of a secret nothing."""
    if value is None or setting.kind == "secret":
        return ""
    if setting.kind == "money":
        return f"{int(value) // 100}" + (f",{int(value) % 100:02}" if int(value) % 100 else "")
    if setting.kind == "flag":
        return "1" if value else ""
    return str(value)


def _read(one: Setting, text: str) -> tuple[Value, str]:
    match one.kind:
        case "number" | "money":
            return _number(one, text)
        case "flag":
            return text in {"1", "on", "yes", "да", "true"}, ""
        case "choice":
            return text, "" if text in {choice.value for choice in one.choices} else "code_unknown"
        case "time":
            return text.rjust(5, "0"), "" if _TIME.fullmatch(text) else "setting_time"
        case "url":
            return text, _url(text) or _length(one, text)
        case _:
            return text, _length(one, text)


def _number(one: Setting, text: str) -> tuple[Value, str]:
    if one.kind == "money":
        try:
            value = inputs.money(text)
        except Invalid as error:
            return None, error.code
    elif _WHOLE.fullmatch(bare := text.replace(" ", "").replace("\u00a0", "")):
        value = int(bare.replace("−", "-"))
    else:
        return None, "setting_number"
    low = one.min is not None and value < one.min
    high = one.max is not None and value > one.max
    return value, "setting_range" if low or high else ""


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        fits = parts.scheme in _PORTS and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return "setting_url"
    fits = fits and "@" not in parts.netloc and not any(one.isspace() for one in text)
    return "" if fits else "setting_url"


def _length(one: Setting, text: str) -> str:
    if len(text) > min(one.max or LONGEST[one.kind], LONGEST[one.kind]):
        return "setting_long"
    return "setting_short" if len(text) < (one.min or 0) else ""
