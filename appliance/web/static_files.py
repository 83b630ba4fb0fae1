"""Built assets from memory: names carry a hash of the content, so a browser keeps them for good."""

from pathlib import Path
from typing import Any, Final, NamedTuple

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from appliance.errors import NotFound
from appliance.http.origin import header
from appliance.web.answers import WebRequest

TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
PACKINGS: Final = (("br", ".br"), ("gzip", ".gz"))
FOR_GOOD: Final = "public, max-age=31536000, immutable"


class _Asset(NamedTuple):
    kind: str
    plain: bytes
    packed: dict[str, bytes]


def _read(folder: Path) -> dict[str, _Asset]:
    assets: dict[str, _Asset] = {}
    for path in folder.iterdir():
        if path.suffix in TYPES:
            packed = {
                name: twin.read_bytes()
                for name, suffix in PACKINGS
                if (twin := path.with_name(path.name + suffix)).exists()
            }
            assets[path.name] = _Asset(TYPES[path.suffix], path.read_bytes(), packed)
    return assets


def make_static(folder: Path) -> ControllerRouterHandler:
    """The route of built files; they are read once, here.

    Raises:
        FileNotFoundError: the assets were never built.
    """
    assets = _read(folder)

    @get("/static/{file_path:str}")
    async def static(request: WebRequest, file_path: FromPath[str]) -> Response[Any]:
        asset = assets.get(file_path)
        if asset is None:
            raise NotFound("not_found")
        accepted = header(request.scope, b"accept-encoding")
        headers = {"cache-control": FOR_GOOD, "vary": "accept-encoding"}
        for name, body in asset.packed.items():
            if name in accepted:
                headers["content-encoding"] = name
                return Response(body, media_type=asset.kind, headers=headers)
        return Response(asset.plain, media_type=asset.kind, headers=headers)

    return static
