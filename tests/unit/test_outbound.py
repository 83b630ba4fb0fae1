"""Where the box goes when a person types an address."""

import gzip
import ipaddress
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from appliance.errors import HouseError, Invalid
from appliance.http import outbound

BODY = b"<yml_catalog/>" * 1000


class _Shop(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("location", "/file")
        elif self.path == "/inside":
            self.send_response(302)
            self.send_header("location", "http://169.254.169.254/latest")
        elif self.path == "/circle":
            self.send_response(302)
            self.send_header("location", "/circle")
        elif self.path == "/gone":
            self.send_response(404)
        elif self.headers["if-none-match"] == '"1"':
            self.send_response(304)
        else:
            self.send_response(200)
            self.send_header("etag", '"1"')
            data = BODY if self.path == "/file" else gzip.compress(BODY)
            if self.path != "/file":
                self.send_header("content-encoding", "gzip")
            data = data[:40] if self.path == "/cut" else data
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            return
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def fetched(url: str, *, lan: bool = True, most: int = 10**6, etag: str = "") -> bytes | str:
    found: list[bytes] = []
    try:
        answer = await outbound.fetch(url, found.append, lan=lan, most_bytes=most, etag=etag)
    except HouseError as error:
        return error.code
    return b"".join(found) if answer.changed else "same"


async def test_a_file_comes_whole_packed_or_moved_and_not_twice() -> None:
    with shop() as base:
        assert await fetched(f"{base}/file") == BODY
        assert await fetched(f"{base}/packed") == BODY
        assert await fetched(f"{base}/moved") == BODY
        assert await fetched(f"{base}/file", etag='"1"') == "same"
        assert await fetched(f"{base}/gone") == "answer_refused"
        assert await fetched(f"{base}/cut") == "answer_broken"
        assert await fetched(f"{base}/circle") == "answer_broken"


async def test_what_grows_beyond_the_limit_is_stopped_there() -> None:
    with shop() as base:
        assert await fetched(f"{base}/packed", most=100) == "catalogue_too_large"
        assert await fetched(f"{base}/file", most=100) == "catalogue_too_large"


async def test_the_own_network_is_closed_unless_the_administrator_opened_it() -> None:
    with shop() as base:
        assert await fetched(f"{base}/file", lan=False) == "address_not_allowed"
        assert await fetched(f"{base}/inside") == "address_not_allowed"


@pytest.mark.parametrize(
    ("address", "open_net", "own_net"),
    [
        ("93.184.216.34", True, True),
        ("10.1.2.3", False, True),
        ("192.168.1.1", False, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("fd00::1", False, True),
        ("169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),  # noqa: S104  nothing listens there
        ("224.0.0.1", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("64:ff9b::7f00:1", False, True),
        ("64:ff9b::5db8:d822", True, True),
        ("2002:a9fe:a9fe::1", False, False),
        ("2002:a00:1::", False, True),
        ("::169.254.169.254", False, False),
        ("fec0::1", False, True),
        ("64:ff9b:1::1", False, True),
        ("192.0.0.192", False, False),
        ("100.100.100.200", False, False),
        ("255.255.255.255", False, False),
    ],
)
def test_addresses_are_sorted_by_whose_they_are(
    address: str, open_net: bool, own_net: bool
) -> None:
    found = ipaddress.ip_address(address)
    assert outbound.is_allowed(found, lan=False) is open_net
    assert outbound.is_allowed(found, lan=True) is own_net


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a.example/", "http://", "http://a@b.example/", "https://a:x/"],
)
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="address_unreadable"):
        await outbound.fetch(url, bytes, lan=True, most_bytes=1)
