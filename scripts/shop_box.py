"""A shop with a stock module against a box that serves: exported twice, pulled until quiet.

Without `--base` it makes a box of its own in a temporary folder, publishes a catalogue on the
loopback and has the box read it when the module asks (`statistic/update`).
"""

import argparse
import asyncio
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from appliance.actions import shops
from appliance.actions.shops import CatalogueSet
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from scripts import _box
from scripts._served import Served
from scripts._shop import expect
from tests.shop.module import Shop
from tests.shop.wire import DIALECTS

SITE = "main"
WAIT_SECONDS = 60.0


def catalogue(offers: int) -> bytes:
    """A catalogue with names escaped twice, as two of the modules write it."""
    goods = "".join(
        f'<offer id="{number}" quantity="{number % 9}"><name>Лампа &amp;quot;{number}&amp;quot;'
        f"</name><price>{number % 500 + 100}.00</price><categoryId>1</categoryId></offer>"
        for number in range(100, 100 + offers)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><yml_catalog><shop><categories>'
        f'<category id="1">Свет</category></categories><offers>{goods}</offers>'
        "</shop></yml_catalog>"
    ).encode()


@contextmanager
def published(body: bytes) -> Generator[str]:
    """The shop's web server: one file, on the loopback."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  named by the library
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/simla.xml"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def play(
    base: str, key: str, trust: ssl.SSLContext | bool, wanted: argparse.Namespace
) -> None:
    """Connect, export twice, pull until quiet; a `Miss` is what is not as it must be."""
    async with httpx.AsyncClient(base_url=base, verify=trust, timeout=60) as http:
        shop = Shop(http, key, wanted.module, SITE, wanted.url)
        before = await total(shop)
        shop.fill(wanted.orders)
        await shop.connect()
        began = time.monotonic()
        await shop.export()
        first = time.monotonic() - began
        await shop.export()
        seconds = time.monotonic() - began
        expect(not shop.failed, f"orders refused: {shop.failed[:5]}")
        there = await total(shop) - before
        expect(there == wanted.orders, f"{there} orders in the box, {wanted.orders} were sold")
        written = await shop.pull_until_quiet()
        expect(written == 0, f"the shop's own orders came back as {written} changes")
        expect(len(shop.orders) == wanted.orders, f"{len(shop.orders)} orders in the shop")
        say(
            f"{wanted.module}: {wanted.orders} orders exported in {first:.1f} s and again in "
            f"{seconds - first:.1f} s; in the box {there}, in the shop {len(shop.orders)}, "
            f"echoes {written}, calls {shop.wire.calls}"
        )
        if wanted.base is None and wanted.module in {"woocommerce", "prestashop"}:
            await catalogue_came(shop, wanted.offers)


async def total(shop: Shop) -> int:
    """How many orders the box has of this shop."""
    page = await shop.wire.get("orders", filter={"sites": [SITE]}, limit=20)
    return int(page["pagination"]["totalCount"])


async def catalogue_came(shop: Shop, offers: int) -> None:
    """Wait until the box has read what the module told it of."""
    began, found = time.monotonic(), 0
    while time.monotonic() - began < WAIT_SECONDS:
        page = await shop.wire.get("store/inventories", limit=250)
        found = page["pagination"]["totalCount"]
        if found >= offers:
            say(f"{shop.dialect.name}: catalogue of {offers} offers read from its address")
            return
        await asyncio.sleep(0.5)
    expect(found >= offers, f"{found} offers in the box, {offers} in the catalogue")


async def _allow(opened: OpenHouse, url: str) -> None:
    del opened
    await shops.set_catalogue(HOUSE_ACTOR, SITE, CatalogueSet(url=url, lan=True))


def own_box(wanted: argparse.Namespace) -> None:
    """Make a box, let it serve, play the shop against it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        published(catalogue(wanted.offers)) as url,
    ):
        box = _box.make(Path(folder) / "home")
        box.run(lambda opened: _allow(opened, url))
        served = Served(box.config)
        served.start()
        try:
            base = f"https://127.0.0.1:{box.config.server.port}"
            wanted.url = url
            asyncio.run(play(base, box.papers.key, served.trust(), wanted))
        finally:
            served.stop()


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")


def main(words: Sequence[str] | None = None) -> int:
    """Play a shop."""
    parser = argparse.ArgumentParser(prog="scripts/shop", description=__doc__)
    parser.add_argument("--module", choices=sorted(DIALECTS), default="woocommerce")
    parser.add_argument("--orders", type=int, default=200)
    parser.add_argument("--offers", type=int, default=300, help="in the catalogue of an own box")
    parser.add_argument("--base", help="address of a box that serves, else one is made")
    parser.add_argument("--key", default="", help="of the shop `main` of that box")
    parser.add_argument("--ca", type=Path, help="certificate of that box's authority")
    wanted = parser.parse_args(words)
    wanted.url = "https://shop.example/simla.xml"
    if wanted.base is None:
        own_box(wanted)
    else:
        trust = ssl.create_default_context(cafile=str(wanted.ca)) if wanted.ca else True
        asyncio.run(play(wanted.base, wanted.key, trust, wanted))
    return 0


if __name__ == "__main__":
    sys.exit(main())
