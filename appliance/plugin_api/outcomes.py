"""What a handler raises when it could not do its part."""


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
