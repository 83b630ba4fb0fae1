"""A short-lived program that draws one document: a template and its fields in, pages out.

It runs apart from the box, with little memory and time: what an administrator writes into a
template can neither hold the box up nor reach anything in it. It reads one JSON object from its
standard input and writes one byte (`+` pages, `-` a JSON object with what is wrong) and the rest.
"""

import base64
import json
import os
import re
import resource
import sys
import tempfile
from typing import Any, Final

import fontpkg_roboto
import typst
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_MEMORY: Final = 2 * 1024**3
"""Bytes of address space; the typesetter's own library and its fonts take a tenth of it."""
LONGEST_SOURCE: Final = 2_000_000

_BLOCK = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_MARK = re.compile("\x1f(\\d+)\x1f")
_PLACE = re.compile(r"main\.typ:(\d+):")
_SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")


def escaped(value: object) -> str:
    """A value as the typesetter's markup: every sign of ASCII stands for itself, on one line."""
    if value is None:
        return ""
    text = " ".join(str(value).replace("\x1f", " ").split())
    return _SPECIAL.sub(r"\\\1", text)


def marked(template: str) -> str:
    """The template with the number of each line at its end, where that is plain text."""
    template = f"{template}\n"
    inside = [False] * (len(template) + 1)
    for block in _BLOCK.finditer(template):
        inside[block.start() : block.end()] = [True] * (block.end() - block.start())
    parts: list[str] = []
    line = 1
    for place, sign in enumerate(template):
        if sign == "\n":
            after_block = place > 1 and template[place - 2 : place] in ("%}", "#}")
            if not inside[place] and not after_block:
                parts.append(f"\x1f{line}\x1f")
            line += 1
        parts.append(sign)
    return "".join(parts)


def unmarked(drawn: str) -> tuple[str, list[int]]:
    """The text without marks, and for each of its lines the template's line."""
    lines: list[int] = []
    texts: list[str] = []
    for text in drawn.split("\n"):
        found = _MARK.findall(text)
        lines.append(int(found[-1]) if found else 0)
        texts.append(_MARK.sub("", text))
    known = 0
    for place in range(len(lines) - 1, -1, -1):
        known = lines[place] = lines[place] or known
    return "\n".join(texts), lines


def source_of(template: str, fields: dict[str, Any]) -> tuple[str, list[int]]:
    """The typesetter's source, and its lines' places in the template."""
    room = ImmutableSandboxedEnvironment(
        finalize=escaped, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return unmarked(room.from_string(marked(template)).render(fields))


def _pages(asked: dict[str, Any]) -> bytes:
    template = asked["template"]
    if "@preview" in template or "@local" in template:
        raise Refused("packages are not available in the box", 0)
    try:
        source, lines = source_of(template, asked["fields"])
    except TemplateSyntaxError as error:
        raise Refused(error.message or "syntax", error.lineno) from None
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise Refused(str(error), _line_of(error)) from None
    if len(source) > LONGEST_SOURCE:
        raise Refused("too long", 0)
    files = {"main.typ": source.encode()}
    files |= {name: base64.b64decode(text) for name, text in asked["pictures"].items()}
    try:
        pages: Any = typst.compile(
            files,  # pyright: ignore[reportArgumentType]  a folder in memory; the stub lacks it
            font_paths=[str(fontpkg_roboto.ROOT / "files")],
            ignore_system_fonts=True,
            root=".",
            format=asked["format"],
            ppi=asked.get("ppi", 96),
        )
    except typst.TypstError as error:
        place = _PLACE.search(error.diagnostic)
        at = int(place[1]) if place else 0
        said = error.message.partition(" (searched")[0]  # names no folder of the box
        raise Refused(said, lines[at - 1] if 0 < at <= len(lines) else 0) from None
    return pages if isinstance(pages, bytes) else pages[0]


def _line_of(error: Exception) -> int:
    at, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            at = trace.tb_lineno
        trace = trace.tb_next
    return at


class Refused(Exception):
    """The template is wrong; `line` is its line, 0 where that is not known."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def main() -> None:
    """Draw what the standard input asks for, in as many seconds of a processor as argued."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        # An empty folder is all that a template can read files from.
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            answer = b"+" + _pages(json.load(sys.stdin.buffer))
    except Refused as wrong:
        told = {"message": str(wrong)[:300], "line": wrong.line}
        answer = b"-" + json.dumps(told).encode()
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
