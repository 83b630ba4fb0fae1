"""What a handler raises when it could not do its part."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


class Retry(Exception):
    """Not now: try again later. The text is a code or a number, never a person."""


class Pause(Exception):
    """The other side is down, whatever the request: everything for it waits, at no cost.

    Attributes:
        seconds: until it is asked again.
        account: of the other side that is down; empty: all of this subscriber's such events wait.
        code: why; what a page is told that asked.
    """

    def __init__(self, seconds: float, account: str = "", code: str = "account_down") -> None:
        super().__init__(f"{seconds:.0f} s")
        self.code = code
        self.seconds = seconds
        self.account = account


class Permanent(Exception):
    """Never: the other side refuses this very request. It becomes a dead letter."""


async def for_each(things: Iterable[T], run: Callable[[T], Awaitable[object]]) -> None:
    """Do a round for each of them, an account or a record; one in trouble does not stop the next.

    A job that ends with what was raised says so in the journal, and its time comes sooner.

    Raises:
        Pause, Retry, Permanent: the last that one of them raised, when all had their turn; rather
            one that says what is wrong than a pause.
    """
    stopped: Exception | None = None
    for one in things:
        try:
            await run(one)
        except Pause as error:
            stopped = stopped or error
        except (Retry, Permanent) as error:
            stopped = error
    if stopped is not None:
        raise stopped
