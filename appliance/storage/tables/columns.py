"""Column kinds that the tables share."""

from piccolo.columns import Bytea


def sealed() -> Bytea:
    """A cell: 18 bytes header and nonce, AES-256-GCM text and tag. NULL once destroyed."""
    return Bytea(null=True, default=None, secret=True)


def blind_index() -> Bytea:
    """For equality search: HMAC-SHA-256 cut to 16 bytes. NULL once destroyed."""
    return Bytea(null=True, default=None, secret=True)
