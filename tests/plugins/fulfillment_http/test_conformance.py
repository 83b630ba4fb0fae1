"""The conformance test passes the reference operator and refuses broken ones."""

import json
import threading
from collections.abc import Callable

import httpx
import jsonschema_rs
import msgspec
import pytest

from appliance.plugin_api.fakes import FakeReply, FakeRequest
from plugins.fulfillment_http import conformance, contract, description
from plugins.fulfillment_http.fake import Fake as Operator
from plugins.fulfillment_http.probing_pushes import Listener
from plugins.fulfillment_http.serving import Pusher, Server
from tests.plugins.fulfillment_http.operators import DESCRIPTION, FILE, KEY, SECRET, checked


def judged(answer: Callable[[httpx.Request], httpx.Response]) -> tuple[int, list[str]]:
    """Exit code and lines of a run."""
    said: list[str] = []
    with httpx.Client(
        base_url="https://operator.example", transport=httpx.MockTransport(answer)
    ) as http:
        return conformance.run(http, KEY, said.append), said


def failed(said: list[str]) -> list[str]:
    return [line.split("\n")[0][6:] for line in said if line.startswith("FAIL")]


def test_the_description_is_built_from_the_contract_and_its_schemas_are_valid() -> None:
    assert FILE.read_text(encoding="utf-8") == description.text(), "build openapi.json anew"
    for name, schema in DESCRIPTION["components"]["schemas"].items():
        jsonschema_rs.meta.validate(schema)
        assert "description" in schema, name


def test_the_reference_operator_keeps_every_rule_that_can_be_checked_without_pushes() -> None:
    code, said = judged(checked(Operator(KEY, SECRET)))
    assert failed(said) == []
    assert code == conformance.UNCHECKED
    assert said[-2].startswith("skip  Pushes are signed")


class Forgetful(Operator):
    """Forgets keys: a repetition makes a second order."""

    def _create(self, request: FakeRequest) -> FakeReply:
        self._keys.clear()
        return super()._create(request)


class Trimming(Operator):
    """Trims marking codes."""

    def answer(self, request: FakeRequest) -> FakeReply:
        body = request.body.replace(b"\\u001d", b"")
        return super().answer(msgspec.structs.replace(request, body=body))


class Kind(Operator):
    """Cancels whatever is asked, packed or not."""

    def _cancel(self, number: str) -> contract.CancelTold:
        self.room.order(number).status = "cancelled"
        return contract.CancelTold(result="cancelled", status="cancelled")


class Lossy(Operator):
    """Leaves every fifth event out of its log."""

    def answer(self, request: FakeRequest) -> FakeReply:
        reply = super().answer(request)
        if request.path == "/events" and reply.status == 200:
            told = msgspec.json.decode(reply.body, type=contract.EventsTold)
            kept = tuple(one for one in told.events if one.seq % 5)
            told = msgspec.structs.replace(told, events=kept)
            return msgspec.structs.replace(reply, body=msgspec.json.encode(told))
        return reply


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (Forgetful, "The same order twice is one order; the same key with another body is 409"),
        (Trimming, "Marking codes come back as they are, separators included"),
        (Kind, "A picked order is not changed, a packed one not cancelled"),
        (Lossy, "The log has no holes, keeps its order and never changes"),
    ],
)
def test_a_broken_operator_is_refused_and_told_which_rule_it_breaks(
    broken: type[Operator], rule: str
) -> None:
    code, said = judged(checked(broken(KEY, SECRET), strict=False))
    assert code == conformance.FAILED
    assert rule in failed(said)


def test_an_operator_without_a_sandbox_is_told_what_was_not_checked() -> None:
    class Live(Operator):
        def answer(self, request: FakeRequest) -> FakeReply:
            if request.path.startswith("/sandbox"):
                return FakeReply(status=404, body=b'{"code":"not_found"}')
            return super().answer(request)

    code, said = judged(checked(Live(KEY, SECRET), strict=False))
    assert (code, failed(said)) == (conformance.UNCHECKED, [])
    assert sum(line.startswith("skip") for line in said) == 7
    operator = Operator(KEY, SECRET)
    operator.trouble = "down"
    assert judged(checked(operator))[0] == conformance.UNREACHABLE


def test_over_real_connections_pushes_arrive_signed_and_are_repeated_after_a_500(
    capsys: pytest.CaptureFixture[str],
) -> None:
    listener = Listener(0, SECRET)
    pusher = Pusher(f"http://127.0.0.1:{listener.port}/", pauses=(0.01,))
    pusher.start()
    server = Server(0, Operator(KEY, SECRET), pusher)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    said: list[str] = []
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{server.server_address[1]}") as http:
            assert conformance.run(http, KEY, said.append, listener) == conformance.OK, said
        assert conformance.main([str(http.base_url), "wrong key", SECRET]) == conformance.FAILED
    finally:
        pusher.close()
        listener.close()
        server.shutdown()
        server.server_close()
    assert not listener.bad
    assert json.loads(listener.taken[0])["seq"] == 1
    assert "FAIL  " in capsys.readouterr().out
