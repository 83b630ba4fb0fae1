"""The listeners of a served box: what they show, to whom, and how they close."""

import http.client
import re
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from appliance.http.app import VENDOR_ALIAS
from appliance.web.pages import make_web_handlers
from tests.box import PASSPHRASE, Box, browser, csrf_of, free_port, order

OUTER_NAME = "shop.example.com"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path, free_port(), seen_at=tmp_path)
    assert made.init("--host", "crm.firm.test").exit == 0
    yield made
    made.stop()


def open_outer(box: Box) -> int:
    """Write an outer door into the settings; its port."""
    port = free_port()
    file = box.data / "korobka.toml"
    text = file.read_text(encoding="utf-8")
    before = text[text.index("[outer]") : text.index("[database]")]
    after = (
        f'[outer]\nenabled = true\nlisten = "127.0.0.1"\nport = {port}\nname = "{OUTER_NAME}"\n\n'
    )
    file.write_text(text.replace(before, after), encoding="utf-8")
    return port


def outside(box: Box, port: int) -> httpx.Client:
    """A program out there: knows the door by its name and trusts the outer authority alone."""
    trust = ssl.create_default_context(cafile=str(box.data / "tls-outer" / "ca.pem"))
    return httpx.Client(
        verify=trust,
        base_url=f"https://127.0.0.1:{port}",
        headers={"host": OUTER_NAME},
        timeout=20.0,
        trust_env=False,
    )


def ask(client: httpx.Client, method: str, path: str) -> httpx.Response:
    return client.request(method, path, extensions={"sni_hostname": OUTER_NAME})


def inner_routes() -> set[tuple[str, str]]:
    """Method and path of every page of the staff, `/_kit` too."""
    app = Litestar(route_handlers=make_web_handlers(development=True), openapi_config=None)
    found: set[tuple[str, str]] = set()
    for route in app.routes:
        path = re.sub(r"{[^}]*uuid}", "0190b5a4-7c3e-7000-8000-000000000000", route.path)
        path = re.sub(r"{[^}]*}", "1", path)
        found |= {(method, path) for method in getattr(route, "methods", ()) if method != "OPTIONS"}
    return found


def test_the_outer_door_shows_the_shops_api_and_nothing_else(box: Box) -> None:
    port = open_outer(box)
    box.serve()
    key = box.api_key()
    with outside(box, port) as client:
        listed = ask(client, "GET", f"/api/v5/orders?apiKey={key}")
        assert (listed.status_code, listed.json()["success"]) == (200, True)
        assert ask(client, "GET", "/api/v5/orders").status_code == 403
        inner = (
            inner_routes()
            | {("GET", path) for path in ("/health", "/static/app.css", "/schema", "/status", "/")}
            | {("POST", path) for path in ("/status", "/sign-in", "/vault/unlock", "/users/list")}
        )
        assert len(inner) > 30
        for method, path in sorted(inner):
            answer = ask(client, method, path)
            assert answer.status_code == 404, (method, path, answer.status_code)
            if method != "HEAD":
                assert answer.json()["code"] == "not_found", (method, path)
            assert "set-cookie" not in answer.headers
        unknown = ask(client, "GET", f"/api/v9/orders?apiKey={key}")
        assert (unknown.status_code, unknown.json()["success"]) == (404, False)
        # The native API takes its key in a header alone: an address is written into logs.
        assert ask(client, "GET", f"/api/v1/orders?apiKey={key}").status_code == 401
        assert ask(client, "GET", f"{VENDOR_ALIAS}/api/v5/orders?apiKey={key}").status_code == 200


def test_an_outer_door_asked_for_while_sealed_opens_with_the_box(tmp_path: Path) -> None:
    box = Box(tmp_path, free_port(), seen_at=tmp_path)
    assert box.init(unlock="passphrase").exit == 0
    port = open_outer(box)
    box.serve()
    try:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 5).close()
        (box.home / "secret").write_text(PASSPHRASE, encoding="utf-8")
        assert box.run("unlock", "--secret-file", str(box.home / "secret")).exit == 0
        assert box.run("status", "--wait", "20").facts["open"] is True
        with outside(box, port) as client:
            assert ask(client, "GET", "/api/v5/orders").status_code == 403
    finally:
        assert box.stop() == 0


def test_no_door_listens_beyond_the_address_asked_for(box: Box) -> None:
    port = open_outer(box)
    box.serve()
    for number in (box.port, port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", number), 5).close()
    assert (box.data / "run" / "admin.sock").stat().st_mode & 0o777 == 0o660


def shake(box: Box, *, name: str, least: ssl.TLSVersion, most: ssl.TLSVersion) -> str:
    """Shake hands under a name; the version and protocol agreed on."""
    trust = box.trust()
    trust.minimum_version, trust.maximum_version = least, most
    trust.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", box.port), 5) as raw,
        trust.wrap_socket(raw, server_hostname=name) as secured,
    ):
        return f"{secured.version()} {secured.selected_alpn_protocol()}"


def test_the_chain_holds_for_name_and_address_from_tls_1_2_on(box: Box) -> None:
    box.serve()
    twelve, thirteen = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
    for name in ("crm.firm.test", "127.0.0.1"):
        assert shake(box, name=name, least=twelve, most=thirteen) == "TLSv1.3 h2"
        assert shake(box, name=name, least=twelve, most=twelve) == "TLSv1.2 h2"
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(box, name="crm.other.test", least=twelve, most=thirteen)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_nothing_older_than_tls_1_2_is_spoken(box: Box) -> None:
    box.serve()
    eleven = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        shake(box, name="127.0.0.1", least=eleven, most=eleven)


def test_every_answer_carries_the_headers(box: Box) -> None:
    box.serve()
    with box.client() as client:
        for path in ("/login", "/health", "/orders", "/no-such-page", "/api/v5/orders"):
            headers = client.get(path).headers
            assert "default-src 'none'" in headers["content-security-policy"], path
            assert headers["strict-transport-security"].startswith("max-age="), path
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store", path


def test_plain_http_gets_no_answer(box: Box) -> None:
    box.serve()
    plain = http.client.HTTPConnection("127.0.0.1", box.port, timeout=5)
    plain.request("GET", "/login")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        plain.getresponse()


def seen_sealed(box: Box, key: str, pages: httpx.Client) -> None:
    """No name, no list, no session: an unlock page for people, 503 for programs."""
    answer = pages.get("/orders", headers={"accept": "text/html"})
    assert answer.status_code == 503
    assert "Аглая" not in answer.text
    assert "/unlock" in answer.text
    for path in ("/api/v5/orders", "/api/v5/orders/box-1?by=externalId"):
        refused = pages.get(path, params={"apiKey": key})
        assert refused.status_code == 503, path
        assert refused.headers["content-type"].startswith("application/json")
        assert "Аглая" not in refused.text
    assert pages.get("/unlock").status_code == 200
    assert pages.get("/health").json()["sealed"] is True


def test_sealing_takes_every_name_away_within_a_second_and_the_code_brings_them_back(
    box: Box,
) -> None:
    box.serve()
    key = box.api_key()
    password = box.run("user", "add", "chief", "--role", "head").facts["password"]
    with browser(box, "chief", password) as pages:
        path = f"/api/v5/orders/create?apiKey={key}"
        assert pages.post(path, data=order(1)).status_code == 201
        assert "Аглая" in pages.get("/orders").text
        began = time.monotonic()
        assert box.run("seal").exit == 0
        command = time.monotonic() - began
        seen_sealed(box, key, pages)
        # The command starts an interpreter first, which is most of its time.
        assert command < 3, f"{command:.1f} s"
        secret = box.home / "code"
        secret.write_text(box.born["recovery_code"], encoding="utf-8")
        assert box.run("unlock", "--recovery-code", "--secret-file", str(secret)).exit == 0
        assert pages.get("/orders").url.path == "/login", "sessions ended with the keys"
        assert pages.get("/api/v5/orders", params={"apiKey": key}).status_code == 200
    with browser(box, "chief", "Ледоход-на-Ладоге-47") as pages:
        assert "Аглая" in pages.get("/orders").text


def test_a_restart_with_the_key_file_opens_by_itself_and_without_it_waits_for_a_person(
    box: Box,
) -> None:
    box.serve()
    assert box.run("status").facts["open"] is True
    box.stop()
    box.serve()
    assert box.run("status").facts["open"] is True
    box.stop()
    (box.home / "box.key").rename(box.home / "pulled-out")
    assert [one["code"] for one in box.run("doctor").facts["problems"]] == ["E008"]
    box.serve()
    assert box.run("status").facts["open"] is False
    with box.client(follow_redirects=True) as client:
        client.headers["origin"] = box.address
        page = client.get("/unlock")
        assert "Файл ключа не найден" in page.text
        fields = {"csrf": csrf_of(page.text), "kind": "code"}
        opened = client.post("/unlock", data=fields | {"secret": box.born["recovery_code"]})
        assert (opened.status_code, opened.url.path) == (200, "/login")
    assert box.run("status").facts["open"] is True
    box.stop()
    assert box.run("audit", "verify").exit == 0


def test_a_wrong_secret_on_the_unlock_page_is_said_so_and_slows_the_next_try(box: Box) -> None:
    (box.home / "box.key").rename(box.home / "pulled-out")
    box.serve()
    with box.client() as client:
        client.headers["origin"] = box.address
        page = client.get("/unlock")
        fields = {"csrf": csrf_of(page.text), "kind": "code", "secret": "AAAA-BBBB"}
        wrong = client.post("/unlock", data=fields)
        assert wrong.status_code == 422
        assert "Код" in wrong.text
        slowed = client.post("/unlock", data=fields | {"secret": box.born["recovery_code"]})
        assert slowed.status_code == 429
    assert box.run("status").facts["open"] is False


def test_a_name_that_the_authority_may_not_speak_for_does_not_keep_the_box_from_starting(
    box: Box,
) -> None:
    file = box.data / "korobka.toml"
    text = file.read_text(encoding="utf-8")
    assert '"crm.firm.test"' in text
    file.write_text(text.replace("crm.firm.test", "crm.elsewhere.example"), encoding="utf-8")
    box.serve()
    thirteen = ssl.TLSVersion.TLSv1_3
    assert shake(box, name="127.0.0.1", least=thirteen, most=thirteen) == "TLSv1.3 h2"
    assert "tls_name_outside" in box.log.read_text(encoding="utf-8")
