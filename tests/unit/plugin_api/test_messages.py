"""Frames survive any cut; what is no message is refused before it costs memory."""

import itertools
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.plugin_api import messages
from appliance.plugin_api.hooks import Finding, RouteRequest
from appliance.plugin_api.messages import Frames, Garbled, for_host, for_plugin, packed

EVENT = UUID("0190c0de-0000-7000-8000-000000000001")

TO_PLUGIN: list[messages.ToPlugin] = [
    messages.Hello(plugin="hello", version="1.0.0", api=1, settings={"word": "пока", "n": 1}),
    messages.Deliver(id=1, event="order_placed", payload=b"{}", delivery_id=EVENT, attempt=2),
    messages.Ask(id=2, request=RouteRequest(route="hook", method="POST", body=b"\x00" * 1000)),
    messages.RunJob(id=3, name="check"),
    messages.Diagnose(id=4),
    messages.Answer(id=5, code="denied"),
    messages.Cancel(id=1),
    messages.Stop(),
]
TO_HOST: list[messages.ToHost] = [
    messages.Ready(handlers=("order_placed",), routes=("hook",)),
    messages.Caged(walls=("files",)),
    messages.Settled(id=1, outcome="pause", seconds=30.0),
    messages.Reply(id=2, status=200, headers=(("content-type", "text/plain"),), body=b"hi"),
    messages.Found(id=4, findings=(Finding(code="greeted", is_good=True, numbers={"n": 1}),)),
    messages.CoreCall(id=5, name="order", body=b"\x80"),
    messages.Log(level=20, code="started"),
]


def test_every_message_arrives_as_it_was_sent() -> None:
    for frames, read, sent in ((Frames(), for_plugin, TO_PLUGIN), (Frames(), for_host, TO_HOST)):
        stream = b"".join(packed(one) for one in sent)
        assert [read(body) for body in frames.feed(stream)] == sent
        assert frames.is_whole


@given(st.lists(st.integers(0, 2_000), max_size=40))
def test_frames_are_put_together_wherever_the_stream_was_cut(cuts: list[int]) -> None:
    stream = b"".join(packed(one) for one in TO_PLUGIN)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    frames, seen = Frames(), list[messages.ToPlugin]()
    for start, end in itertools.pairwise(edges):
        seen += [for_plugin(body) for body in frames.feed(stream[start:end])]
    assert seen == TO_PLUGIN and frames.is_whole


def test_a_length_over_the_limit_is_refused_before_anything_is_gathered() -> None:
    frames = Frames()
    with pytest.raises(Garbled):
        list(frames.feed((messages.FRAME_LIMIT + 1).to_bytes(4, "big")))
    with pytest.raises(Garbled):
        list(Frames().feed(bytes(4)))


def test_a_message_over_the_limit_is_not_sent() -> None:
    with pytest.raises(ValueError, match="limit"):
        packed(messages.CoreCall(id=1, name="x", body=bytes(messages.FRAME_LIMIT)))


@given(st.binary(min_size=1, max_size=200))
def test_garbage_is_no_message(data: bytes) -> None:
    for read in (for_plugin, for_host):
        try:
            found = read(data)
        except Garbled:
            continue
        again = packed(found)
        assert list(Frames().feed(again)) == [again[4:]]


@pytest.mark.parametrize("one", TO_PLUGIN)
def test_a_plugin_cannot_speak_as_the_host(one: messages.ToPlugin) -> None:
    with pytest.raises(Garbled):
        for_host(packed(one)[4:])
