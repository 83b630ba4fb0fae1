"""Requests and answers of the exchange, byte for byte (reference 1 to 4)."""

import base64
import binascii
import re

import msgspec

from plugins.exchange_1c import names

COOKIE = "korobka1c"
FILE_LIMIT = 10 * 1024 * 1024
"""Bytes of one portion. The host hands over bodies of up to 16 MiB."""
TEXT = "text/plain; charset=utf-8"
XML = "application/xml; charset=utf-8"
LINE = 300
"""Letters of a sentence to 1C: УНФ shows what is shorter than 255 with the first line."""

TYPES = frozenset({"catalog", "sale", "reference"})
CLOSED_TYPES = frozenset({"crm", "get_catalog", "listen"})
"""Types that exist and that we do not serve."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_WORD = re.compile(r"[A-Za-z0-9_.-]{0,40}")


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks for.

    Attributes:
        type, mode: in small letters; `catalog` for a `checkauth` that names no type.
        filename: as it came, see `names.clean`.
        sessid, cookie: what the client returns of its session; empty where it returns nothing.
        version, cml_version: of the Bitrix family.
        login, password: of Basic in each encoding that reads it; empty: no header arrived.
    """

    type: str
    mode: str
    filename: str = ""
    sessid: str = ""
    cookie: str = ""
    version: str = ""
    cml_version: str = ""
    timestamp: int = 0
    agent: str = ""
    logins: tuple[tuple[str, str], ...] = ()
    has_authorization: bool = False
    body: bytes = b""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What 1C is told. The first line decides, a person reads the rest.

    Attributes:
        code: why it is a refusal, for the journal; empty where it is none.
    """

    status: int = 200
    content_type: str = TEXT
    body: bytes = b""
    code: str = ""
    numbers: dict[str, int] = {}

    @property
    def first_line(self) -> str:
        """For the journal."""
        return self.body[:200].split(b"\n", 1)[0].decode("utf-8", "replace")


def command(query: bytes, headers: dict[str, str], body: bytes) -> Command:
    """Read a request: parameters of the address first, those of a form after them."""
    found = names.query(query)
    if "urlencoded" in headers.get("content-type", "") and len(body) < 10_000:
        found = names.query(body) | found
    mode = found.get("mode", "").strip().lower()
    kind = found.get("type", "").strip().lower()
    if not kind and mode == "checkauth":
        kind = "catalog"
    header = headers.get("authorization", "")
    return Command(
        type=kind,
        mode=mode,
        filename=found.get("filename", ""),
        sessid=found.get("sessid", "").strip(),
        cookie=_cookie(headers.get("cookie", "")),
        version=_word(found.get("version", "")),
        cml_version=_word(found.get("cmlversion", found.get("cmlVersion", ""))),
        timestamp=_number(found.get("timestamp", "")),
        agent=printable(headers.get("user-agent", ""))[:100],
        logins=_logins(header),
        has_authorization=bool(header),
        body=body,
    )


def _word(text: str) -> str:
    return text.strip() if _WORD.fullmatch(text.strip()) else ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else 0


def _cookie(header: str) -> str:
    """The session's value; 1C writes the header by hand."""
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value.strip()
    return ""


def _logins(header: str) -> tuple[tuple[str, str], ...]:
    """Login and password as UTF-8 and as windows-1251: builds of the platform differ."""
    kind, _, coded = header.partition(" ")
    if kind.lower() != "basic":
        return ()
    try:
        raw = base64.b64decode(coded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return ()
    found: list[tuple[str, str]] = []
    for encoding in ("utf-8", "cp1251"):
        try:
            login, _, password = raw.decode(encoding).partition(":")
        except UnicodeDecodeError:
            continue
        found.append((login, password))
    return tuple(found)


def printable(text: str) -> str:
    """Without control letters: nobody writes lines of their own into our journal."""
    return _CONTROL.sub(" ", text).strip()


def said(first: str, *lines: str) -> Answer:
    """A first line and what a person reads after it, without an end of line."""
    clean = [printable(line)[:LINE] for line in lines if line]
    return Answer(body="\n".join((first, *clean)).encode())


def failure(
    *lines: str, code: str, status: int = 200, numbers: dict[str, int] | None = None
) -> Answer:
    """A refusal; the text decides, the status is for proxies."""
    body = said("failure", *lines).body
    return Answer(status=status, body=body, code=code, numbers=numbers or {})


def checkauth(token: str, sessid: str, stamp: int) -> Answer:
    """Five lines: who needs fewer reads fewer."""
    lines = ("success", COOKIE, token, f"sessid={sessid}", f"timestamp={stamp}")
    return Answer(body="\n".join(lines).encode())


def init(*, zipped: bool, limit: int, sessid: str, version: str) -> Answer:
    """Exactly two lines: a third, even an empty one, stops УТ 11; four for who named a version."""
    lines = [f"zip={'yes' if zipped else 'no'}", f"file_limit={limit}"]
    if version:
        lines += [f"sessid={sessid}", f"version={version}"]
    return Answer(body="\n".join(lines).encode())
