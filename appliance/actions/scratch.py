"""Room for tables about people on their way in or out: in memory, or sealed on the disk."""

from tempfile import SpooledTemporaryFile

from appliance.storage import spool


def room(max_size: int = spool.IN_MEMORY) -> "SpooledTemporaryFile[bytes]":
    """An open file nobody else can find or read; closing it gives the room back.

    Args:
        max_size: bytes that stay in memory; what is larger goes to the disk, sealed.
    """
    return spool.scratch(max_size)
