"""Built assets: names that carry the hash of their content, packed variants, kept for a year.

Read once into memory (about half a megabyte): Litestar's own static files answer 200 to
`If-None-Match` and know no packed variants.
"""

import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from appliance.errors import NotFound
from appliance.http.origin import header

FOREVER: Final = "public, max-age=31536000, immutable"
_PACKED: Final = ((".br", "br"), (".gz", "gzip"))
_TYPES: Final = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file with its packed variants by encoding."""

    content: bytes
    kind: str
    packed: dict[str, bytes]


def read_assets(folder: Path) -> dict[str, Asset]:
    """Read every built file, by its path below `folder`; an absent folder has none."""
    found: dict[str, Asset] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix in {".br", ".gz"} or path.name == "manifest.json":
            continue
        packed = {
            encoding: beside.read_bytes()
            for suffix, encoding in _PACKED
            if (beside := path.with_name(path.name + suffix)).is_file()
        }
        name = path.relative_to(folder).as_posix()
        found[name] = Asset(path.read_bytes(), _kind(path), packed)
    return found


def _kind(path: Path) -> str:
    known = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return known or "application/octet-stream"


def static_files(folder: Path) -> HTTPRouteHandler:
    """A handler that serves what lay in `folder` at the start.

    Names without a hash are not told apart: the build gives every file one.
    """
    assets = read_assets(folder)

    @get("/static/{file_path:path}", opt={"static": True}, sync_to_thread=False)
    def static(request: Request[Any, Any, Any], file_path: FromPath[str]) -> Response[bytes]:
        asset = assets.get(file_path.lstrip("/"))
        if asset is None:
            raise NotFound("not_found")
        accepted = header(request.scope, b"accept-encoding")
        headers = {"cache-control": FOREVER, "vary": "accept-encoding"}
        content = asset.content
        for encoding, packed in asset.packed.items():
            if encoding in accepted:
                content = packed
                headers["content-encoding"] = encoding
                break
        return Response(content, media_type=asset.kind, headers=headers)

    return static
