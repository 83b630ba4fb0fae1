"""What a handler raises when it could not do its part."""


class Retry(Exception):
    """Not now: try again later. The text is a code or a number, never a person."""


class Permanent(Exception):
    """Never: the other side refuses this very request. It becomes a dead letter."""
