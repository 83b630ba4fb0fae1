"""Names of files as clients send them, made harmless and the same for every spelling."""

import re
from urllib.parse import unquote_to_bytes

from plugins.exchange_1c.refusals import Refused

LONGEST = 400
PREFIXES = ("upload/1c/webdata/", "upload/1c_exchange/", "bitrix/admin/", "webdata/", "v8_tmp/")
"""Folders of other servers that some clients put in front (reference 4.2)."""

PICTURES = frozenset({"gif", "jpg", "jpeg", "png", "webp"})
NESTED = frozenset({"zip", "rar", "7z", "gz", "tgz", "tar", "bz2", "xz"})

_DRIVE = re.compile(r"^[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TEMPORARY = re.compile(r"^(?:var/)?tmp/(?:[^/]+/)*(?=[^/]+$)")


def clean(raw: str) -> str:
    """A relative path with `/`; both the upload and the call for its import pass through here.

    Raises:
        Refused: `name_bad` for one that climbs out, is empty, too long or holds control letters.
    """
    name = _DRIVE.sub("", raw.strip().replace("\\", "/"))
    drive = name != raw.strip().replace("\\", "/")
    name = name.lstrip("/")
    if drive:  # a path of the client's own disk: only the file matters
        name = name.rpartition("/")[2] if "import_files/" not in name else _from_files(name)
    name = _TEMPORARY.sub("", name)
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    parts = [one for one in name.split("/") if one not in ("", ".")]
    if not parts or ".." in parts or len(name) > LONGEST or _CONTROL.search(name):
        raise Refused("name_bad")
    return "/".join(parts)


def _from_files(name: str) -> str:
    return name[name.index("import_files/") :]


def extension(name: str) -> str:
    """What stands behind the last dot, in small letters."""
    last = name.rpartition("/")[2]
    return last.rpartition(".")[2].lower() if "." in last else ""


def query(raw: bytes) -> dict[str, str]:
    """Parameters of an address: raw letters of UTF-8 or windows-1251, the first of a name counts.

    A `+` stays what it is: 1C does not encode blanks so.
    """
    found: dict[str, str] = {}
    for part in raw.split(b"&"):
        name, _, value = part.partition(b"=")
        found.setdefault(text(unquote_to_bytes(name)), text(unquote_to_bytes(value)))
    return found


def text(raw: bytes) -> str:
    """Letters of UTF-8 or, where they are none, of windows-1251."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1251", "replace")


def sniffed(head: bytes) -> str:
    """What a file is by its first bytes: xml, zip, an image's extension, or empty."""
    for mark, kind in _MARKS:
        if head.startswith(mark):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "xml" if start.startswith(b"<") and not _is_page(start) else ""


_MARKS = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF8", "gif"),
)


def _is_page(start: bytes) -> bool:
    """An error page of some server in place of a file."""
    return start[:14].lower().startswith((b"<html", b"<!doctype html"))
