"""Wrong tries, counted by bucket, whose name is a keyed hash of login, device and address."""

from datetime import datetime, timedelta

from appliance.domain.guessing import Tries
from appliance.storage.statements import execute, fetch_one, upsert
from appliance.storage.tables import GuessRow
from appliance.storage.tx import Tx
from appliance.vault.blind import BlindField


def bucket_of(tx: Tx, *parts: str) -> bytes:
    """Name of a bucket; the vault must be open, as for every sign-in."""
    return tx.vault.blind(BlindField.QUERY, "|".join(("guess", *parts)))


async def get(bucket: bytes) -> Tries | None:
    """State of a bucket; None where nothing was tried."""
    row = await fetch_one("SELECT tries, window_at, next_at FROM guess WHERE bucket = {}", bucket)
    return None if row is None else Tries(*row)


async def put(bucket: bytes, state: Tries) -> None:
    """Keep a bucket's state."""
    await upsert(
        GuessRow,
        ("bucket",),
        bucket=bucket,
        tries=state.tries,
        window_at=state.window_at,
        next_at=state.next_at,
    )


async def clear(bucket: bytes) -> None:
    """Forget a bucket: the right secret was given."""
    await execute("DELETE FROM guess WHERE bucket = {}", bucket)


async def give_back(bucket: bytes) -> None:
    """Take one try out of a bucket that counts wrong ones only."""
    await execute("UPDATE guess SET tries = tries - 1 WHERE bucket = {} AND tries > 0", bucket)


async def forget_old(now: datetime, age: timedelta) -> int:
    """Remove buckets nobody tried for `age`."""
    return await execute("DELETE FROM guess WHERE next_at < {}", now - age)
