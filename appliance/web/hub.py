"""All open streams of a box, by topic: who has to hear of which fact."""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from appliance.domain.access import Actor

MOST_STREAMS: Final = 2000
"""Tabs of one box: an office of fifty with forty tabs each."""

MOST_REMEMBERED: Final = 20_000
"""Topics whose last change is known: a busy day of one office, some 3 MB."""


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
        self._life = secrets.token_hex(4)
        self._last: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._known_since = time.perf_counter()

    def mark(self, at: float | None = None) -> str:
        """A moment of this hub's life, for a page or a stream to name later in `join`.

        Args:
            at: `time.perf_counter()` at which the page began to be read; None: now.
        """
        return f"{self._life}-{time.perf_counter() if at is None else at:.6f}"

    def join(self, who: Colleague, wanted: Iterable[str], since: str = "") -> Listening:
        """Open a stream and tell those who have the same records open.

        Args:
            who: reads it.
            wanted: topics.
            since: the mark of what the page shows. What changed after it waits in the stream at
                once: a page is read before its stream opens, and networks and boxes break off.
                A mark of another life of the box, or too old, has everything read anew.
        """
        stream = Listening(who, frozenset(wanted))
        if since:
            stream.changed.update(self._missed(stream.topics, since))
            if stream.changed:
                stream.bell.set()
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
        now = time.perf_counter()
        for topic in topics:
            self._last[topic] = (now, actor.number)
            self._last.move_to_end(topic)
            if len(self._last) > MOST_REMEMBERED:
                self._known_since = self._last.popitem(last=False)[1][0]
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

    def _missed(self, topics: Collection[str], since: str) -> dict[str, int]:
        life, _, moment = since.partition("-")
        try:
            at = float(moment)
        except ValueError:
            at = 0.0
        if life != self._life or not at >= self._known_since:
            return dict.fromkeys(topics, 0)
        found = {topic: self._last[topic] for topic in topics if topic in self._last}
        return {topic: by for topic, (changed, by) in found.items() if changed >= at}

    def _ring_presence(self, topic: str) -> None:
        if ":" not in topic or topic.startswith("user:"):
            return  # who looks at a list is nobody's business, and oneself is no news
        for stream in self._by_topic[topic]:
            stream.presence.add(topic)
            stream.bell.set()
