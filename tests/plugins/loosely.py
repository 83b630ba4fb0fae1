"""Answers as a service writes them that is not strict with itself: strings, new fields."""

from typing import Any

import msgspec

from appliance.plugin_api.fakes import Fake, FakeReply, FakeRequest


def loosen(fake: Fake) -> None:
    """From here on every number that the fake answers is a string, every object has a new field."""
    take = fake.take

    def loosely(request: FakeRequest) -> FakeReply:
        reply = take(request)
        try:
            data = msgspec.json.decode(reply.body)
        except msgspec.DecodeError:
            return reply
        return msgspec.structs.replace(reply, body=msgspec.json.encode(_loose(data)))

    fake.take = loosely  # type: ignore[method-assign]


def _loose(data: Any) -> Any:
    match data:
        case dict():
            return {key: _loose(one) for key, one in data.items()} | {"novelty": {"x": [1]}}
        case list():
            return [_loose(one) for one in data]
        case int() | float() if not isinstance(data, bool):
            return str(data)
        case _:
            return data
