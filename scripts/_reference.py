"""Writes `docs/reference.md`: what the code offers by name. `scripts/docs` runs it."""

import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from appliance import actions, config, roles
from appliance.actions._gate import ACTIONS, ActionInfo
from appliance.api.v5 import description
from appliance.cli.texts import english
from appliance.cli.verbs import GROUPS, VERBS
from appliance.domain.events import EVENTS

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "docs" / "reference.md"
API_V5 = ROOT / "docs" / "api-v5.json"
"""What shop modules may call, for people who write programs; the box does not serve it."""
SECTIONS = ("box", "server", "outer", "database", "unlock", "backup")
HEAD = """# Reference

Every name that the code offers. Written by `scripts/docs` from the sources; a house test fails when
a name is missing here or is gone from the code.
"""


def commands() -> Iterator[tuple[str, str]]:
    """`korobka …` and what it does."""
    for verb in VERBS:
        yield f"korobka {verb.name}", english()[verb.about]
    for group in GROUPS:
        for verb in group.verbs:
            yield f"korobka {group.name} {verb.name}", english()[verb.about]


def known_actions() -> list[ActionInfo]:
    """Every action of the product."""
    for found in pkgutil.iter_modules(actions.__path__):
        importlib.import_module(f"appliance.actions.{found.name}")
    return [ACTIONS[name] for name in sorted(ACTIONS) if _home(name) is not None]


def _home(name: str) -> object | None:
    noun, _, verb = name.partition(".")
    try:
        module = importlib.import_module(f"appliance.actions.{noun}")
    except ModuleNotFoundError:
        return None
    return getattr(module, verb, None)


def _way(info: ActionInfo) -> str:
    way = "slow read" if info.slow else "read" if info.reads else "write"
    return f"{way}, quiet" if info.quiet else way


def _first(described: object) -> str:
    text = (inspect.getdoc(described) or "").partition("\n\n")[0]
    return " ".join(text.split())


def settings() -> Iterator[tuple[str, str, str]]:
    """Keys of `korobka.toml`: name, default, what it is."""
    for section in SECTIONS:
        kind: type[msgspec.Struct] = getattr(config.Config(data=Path()), section).__class__
        told = _attributes(inspect.getdoc(kind) or "")
        for field in msgspec.structs.fields(kind):
            default = (
                "none" if field.default is None else msgspec.json.encode(field.default).decode()
            )
            yield f"{section}.{field.name}", default, told.get(field.name, "")


def _attributes(text: str) -> dict[str, str]:
    """Name → text of a docstring's `Attributes:`."""
    part = text.partition("Attributes:")[2]
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", part, re.MULTILINE)
    return {name: " ".join(words.split()) for name, words in found}


def scripts() -> Iterator[tuple[str, str]]:
    """Commands of the checkout and the first line of what they say of themselves."""
    for path in sorted((ROOT / "scripts").iterdir()):
        if path.is_dir() or path.suffix or path.name.startswith("_"):
            continue
        text = path.read_text(encoding="utf-8")
        module = ROOT / "scripts" / f"{path.name}_box.py"
        if "its options: scripts/" in text and module.exists():
            text = "\n" + module.read_text(encoding="utf-8")
        yield f"scripts/{path.name}", _said(text)


def _said(text: str) -> str:
    """The first sentence of the comment or docstring under a script's first line."""
    lines = [line.strip('#" ') for line in text.splitlines()[1:]]
    whole = " ".join(lines[: lines.index("")] if "" in lines else lines)
    return whole.partition(". ")[0].partition(" set -eu")[0].rstrip(".") + "."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    for first, *rest in rows:
        cells = [f"`{first}`", *(cell.replace("|", "\\|") for cell in rest)]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def written() -> str:
    """The whole document."""
    lines = [HEAD, "## Commands", ""]
    lines += _table(("command", "does"), commands())
    lines += ["## Settings of `korobka.toml`", ""]
    lines += _table(("key", "default", "is"), settings())
    lines += ["Variables of the environment win over the file.", ""]
    variables = ((name, f"`{'.'.join(key)}`") for name, key in config.ENVIRONMENT.items())
    lines += _table(("variable", "key"), variables)
    lines += ["## Permissions", ""]
    holders = ((one.value, ", ".join(_holders(one))) for one in roles.Permission)
    lines += _table(("permission", "preset roles and, after @, scopes of API keys"), holders)
    lines += ["## Actions", "", "How far each role reaches: `tests/house/matrix.toml`.", ""]
    doings = (
        (one.name, f"`{one.permission.value}`", _way(one), _first(_home(one.name)))
        for one in known_actions()
    )
    lines += _table(("action", "permission", "runs as", "does"), doings)
    lines += ["## Events", ""]
    lines += _table(("event", "says"), ((name, _first(kind)) for name, kind in EVENTS.items()))
    lines += ["## Scripts of the checkout", ""]
    lines += _table(("script", "does"), scripts())
    return "\n".join(lines).rstrip() + "\n"


def _holders(permission: roles.Permission) -> Iterator[str]:
    for role, grants in roles.PRESETS.items():
        grant = grants.get(permission.value)
        if grant is not None:
            yield f"{role} ({grant.scope.name.lower()})"
    yield from (f"@{scope}" for scope, held in roles.API_SCOPES.items() if permission.value in held)


def names() -> dict[str, set[str]]:
    """What must be in the document, by kind."""
    return {
        "command": {name for name, _ in commands()},
        "setting": {name for name, _, _ in settings()} | set(config.ENVIRONMENT),
        "permission": {one.value for one in roles.Permission},
        "action": {one.name for one in known_actions()},
        "event": set(EVENTS),
        "script": {name for name, _ in scripts()},
    }


def main() -> None:
    """Write it."""
    PLACE.write_text(written(), encoding="utf-8")
    text = json.dumps(description.describe(), ensure_ascii=False, indent=1, sort_keys=True)
    API_V5.write_text(text + "\n", encoding="utf-8")
    print(f"docs: {PLACE.relative_to(ROOT)}, {API_V5.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
