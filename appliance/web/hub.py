"""All open streams of a box, by topic: who has to hear of which fact."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from appliance.domain.access import Actor

MOST_STREAMS: Final = 2000
"""Tabs of one box: an office of fifty with forty tabs each."""


class Colleague(msgspec.Struct, frozen=True):
    """Who has a page open, as the dots show him."""

    number: int
    name: str
    initials: str
    tone: int


@dataclass(eq=False, slots=True)
class Listening:
    """One open stream; what waits for it is kept once per topic, however often it changed."""

    who: Colleague
    topics: frozenset[str]
    changed: dict[str, int] = field(default_factory=dict[str, int])
    presence: set[str] = field(default_factory=set[str])
    bell: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """All open streams of a box."""

    def __init__(self, most: int = MOST_STREAMS) -> None:
        """Args: most: streams at one time; pages beyond that work without."""
        self._most = most
        self._open: set[Listening] = set()
        self._by_topic: dict[str, set[Listening]] = {}
        self._ended = False

    def join(self, who: Colleague, wanted: Iterable[str]) -> Listening:
        """Open a stream and tell those who have the same records open."""
        stream = Listening(who, frozenset(wanted))
        self._open.add(stream)
        for topic in stream.topics:
            self._by_topic.setdefault(topic, set()).add(stream)
            self._ring_presence(topic)
        return stream

    def leave(self, stream: Listening) -> None:
        """Close a stream. Repeating is safe."""
        self._open.discard(stream)
        for topic in stream.topics:
            others = self._by_topic.get(topic, set())
            others.discard(stream)
            if others:
                self._ring_presence(topic)
            else:
                self._by_topic.pop(topic, None)

    def publish(self, actor: Actor, topics: Collection[str]) -> None:
        """Tell the pages that listen to these topics; called after the commit, on the loop."""
        if not self._open:
            return
        for topic in topics:
            for stream in self._by_topic.get(topic, ()):
                stream.changed[topic] = actor.number
                stream.bell.set()

    def people(self, topic: str, besides: int) -> list[Colleague]:
        """Who else has a record open, each once."""
        found = {stream.who.number: stream.who for stream in self._by_topic.get(topic, ())}
        found.pop(besides, None)
        return list(found.values())

    def count_of(self, topic: str) -> int:
        """How many streams are on a topic."""
        return len(self._by_topic.get(topic, ()))

    def end(self) -> None:
        """Close every stream: the box stops or was sealed."""
        self._ended = True
        for stream in self._open:
            stream.bell.set()

    def begin(self) -> None:
        """Take streams again, after the box was unlocked."""
        self._ended = False

    @property
    def is_full(self) -> bool:
        """Whether no stream fits any more; pages then work without."""
        return self._ended or len(self._open) >= self._most

    @property
    def has_ended(self) -> bool:
        """Whether streams have to close."""
        return self._ended

    def _ring_presence(self, topic: str) -> None:
        if ":" not in topic or topic.startswith("user:"):
            return  # who looks at a list is nobody's business, and oneself is no news
        for stream in self._by_topic[topic]:
            stream.presence.add(topic)
            stream.bell.set()
