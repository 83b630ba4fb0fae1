"""Keep the catalogues: find what the sources say, compile, add the missing, drop the unused.

For `scripts/build-texts` and the house test; the running server never imports it.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from appliance.domain.formats import Language
from appliance.web.texts import HERE, LANGUAGES, compile_catalogue

ROOT = HERE.parent.parent.parent
SOURCES = ("appliance", "tui", "backups", "updates", "plugins")
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
}
ERRORS = {"HouseError", "Invalid", "NotFound", "Denied", "Conflict", "Unauthenticated", "Throttled",
          "Sealed", "Damaged", "Destroyed", "Unavailable", "ConfigError", "Problem"}  # fmt: skip

Id = str | tuple[str, str]
_FIXED = datetime(
    2026, 11, 21, tzinfo=UTC
)  # a header that changes at every run would only make noise


@dataclass(frozen=True, slots=True)
class Message:
    """A text of the sources; a plural one has two forms in its id."""

    id: Id
    place: str


@cache
def messages() -> tuple[Message, ...]:
    """Find every text in templates and Python files, in the order of the files; once."""
    found: dict[Id, Message] = {}
    for top in SOURCES:
        for path in sorted((ROOT / top).rglob("*")):
            method = {".html": "jinja2", ".txt": "jinja2", ".py": "python"}.get(path.suffix)
            if (
                method is None
                or "node_modules" in path.parts
                or (method == "jinja2" and "templates" not in path.parts)
            ):
                continue
            for message in _extracted(path, method):
                found.setdefault(message.id, message)
            for message in _in_fstrings(path) if method == "python" else ():
                found.setdefault(message.id, message)
    return tuple(found.values())


def _extracted(path: Path, method: str) -> Iterator[Message]:
    options = (
        {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
        if method == "jinja2"
        else {}
    )
    rows = extract_from_file(method, path, KEYWORDS, options=options)
    for _line, text, _comments, _context in cast(
        "Sequence[tuple[int, str | tuple[str, ...], object, object]]", rows
    ):
        place = path.relative_to(ROOT).as_posix()
        if isinstance(text, str):
            yield Message(text, place)
        else:
            yield Message((text[0], text[1]), place)


def _in_fstrings(path: Path) -> Iterator[Message]:
    """Texts marked inside an f-string: the extractor takes that for one piece and sees none."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for inner in ast.walk(node) if isinstance(node, ast.JoinedStr) else ():
            match inner:
                case ast.Call(func=ast.Name(id="_"), args=[ast.Constant(value=str(text))]):
                    yield Message(text, path.relative_to(ROOT).as_posix())
                case _:
                    pass


@dataclass(frozen=True, slots=True)
class Constants:
    """What stands in quotes in the Python sources.

    Attributes:
        codes: of all `HouseError`s that are raised, and of their fields.
        texts: all string constants: a code that is none of them is not in use.
        made: f-strings that make codes (`unlock_{kind}_wrong`).
    """

    codes: frozenset[str]
    texts: frozenset[str]
    made: tuple[re.Pattern[str], ...]


@cache
def constants() -> Constants:
    """Read every Python file once."""
    codes, texts, made = set[str](), set[str](), list[re.Pattern[str]]()
    for top in SOURCES:
        for path in (ROOT / top).rglob("*.py"):
            nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
            names = ERRORS | {n.name for n in nodes if isinstance(n, ast.ClassDef) and _is_error(n)}
            texts.update(_texts(nodes))
            for node in nodes:
                codes.update(_codes(node, names))
                if isinstance(node, ast.JoinedStr) and (pattern := _pattern(node)):
                    made.append(pattern)
    return Constants(frozenset(codes), frozenset(texts), tuple(made))


def _is_error(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id in ERRORS for base in node.bases)


def _codes(node: ast.AST, names: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Assign) and any(
        isinstance(t, ast.Name) and t.id == "default_code" for t in node.targets
    ):
        yield from _texts([node.value])
    elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and _named(node.elts[0]) in names:
        yield from _texts(node.elts[1:])  # a table from a library's code to ours
    elif isinstance(node, ast.Call) and _named(node.func) in names:
        yield from _texts([*node.args[:1], *(k.value for k in node.keywords if k.arg == "code")])
        tables = [k.value for k in node.keywords if k.arg == "fields"]
        yield from _texts(
            v for table in tables if isinstance(table, ast.Dict) for v in table.values
        )


def _named(node: ast.AST) -> str:
    return (
        node.id
        if isinstance(node, ast.Name)
        else node.attr
        if isinstance(node, ast.Attribute)
        else ""
    )


def _texts(nodes: Iterable[ast.AST]) -> Iterator[str]:
    yield from (n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str))


def _pattern(node: ast.JoinedStr) -> re.Pattern[str] | None:
    parts = [next(_texts([part]), None) for part in node.values]
    known = "".join(part or "" for part in parts)
    if len(known) <= 6 or not re.fullmatch("[a-z_]+", known):
        return None
    return re.compile("".join(part or "[a-z_]+" for part in parts))


def source(language: Language) -> Path:
    """Give the place of a language's catalogue."""
    return HERE / language / "LC_MESSAGES" / "messages.po"


def read(language: Language) -> Catalog:
    """Read a catalogue."""
    with source(language).open("rb") as stream:
        return read_po(stream, locale=language)


def wanted(language: Language) -> list[Message]:
    """Give the texts a catalogue must hold: all of them, in Russian only the plurals."""
    return [m for m in messages() if language != "ru" or isinstance(m.id, tuple)]


def update() -> None:
    """Bring the catalogues to the sources: new texts untranslated, unused ones dropped."""
    for language in LANGUAGES:
        before = read(language)
        after = Catalog(
            locale=language,
            header_comment=f"# Texts of Korobka, {language}: the msgid is the Russian text.",
            project="Korobka",
            version="1",
            creation_date=_FIXED,
            revision_date=_FIXED,
            last_translator="Korobka",
            language_team="Korobka",
            fuzzy=False,
        )
        for message in wanted(language):
            key = message.id if isinstance(message.id, str) else message.id[0]
            old = before.get(key)
            after.add(
                message.id, old.string if old is not None else None, locations=[(message.place, 0)]
            )
        with source(language).open("wb") as stream:
            write_po(
                stream, after, omit_header=False, include_lineno=False, sort_output=True, width=100
            )


def compile_all() -> list[Path]:
    """Write .mo beside each .po; they are built, never committed."""
    made: list[Path] = []
    for language in LANGUAGES:
        path = source(language).with_suffix(".mo")
        path.write_bytes(compile_catalogue(source(language)))
        made.append(path)
    return made
