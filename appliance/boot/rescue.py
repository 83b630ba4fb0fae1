"""What is done to a box that does not run: migrate it, verify its log."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from appliance.audit import bundle
from appliance.audit.reading import deeds, origin
from appliance.audit.verify import Report, Trust, describe, verify
from appliance.boot import anchors, live_cells, moved
from appliance.boot.house import AUDIT_FILE, PUBLIC_KEY_FILE, make_database
from appliance.config import Config, checks
from appliance.errors import Damaged, Denied, HouseError, NotFound
from appliance.storage.migrations.runner import migrate as run_migrations
from appliance.vault.vault import Vault


def migrate(config: Config, *, copied: bool = False) -> list[str]:
    """Bring the database to this release's schema; return the names of what was done.

    Args:
        config: of a box that does not run.
        copied: the caller has a copy of the database to go back to.

    Raises:
        ConfigError: `E018` when a server holds the folder.
        Unavailable: `schema_newer`, and what the database refuses with.
    """

    async def run() -> list[str]:
        moved.finish(config.data, config.database.url)
        database = make_database(config)
        await database.start()
        try:
            return [f"{step.number:04d}" for step in await run_migrations(database, copied=copied)]
        finally:
            await database.stop()

    with checks.sole_server(config.data):
        return asyncio.run(run())


@dataclass(frozen=True)
class Verified:
    """What an outside verifier says of the log; `facts` is what is printed."""

    is_sound: bool
    facts: dict[str, object]


def verify_audit(
    config: Config,
    *,
    recovery_code: str | None = None,
    deep: bool = False,
    listed: bool = False,
    notes: Sequence[str] = (),
    told: Callable[[int, int], object] | None = None,
) -> Verified:
    """Verify the log from its files alone, also while the box runs.

    Args:
        config: of the box, running or not.
        recovery_code: from paper; with it the chain of codes is checked from its start.
        deep: compare the hashes of sealed cells with the live database .
        listed: add every deed to the facts.
        notes: checkpoints that somebody brings; those in the folders for copies are found.
        told: hears how many entries are done, and of how many.

    Raises:
        Invalid: the code was mistyped.
        NotFound: `audit_log_missing`.
    """
    starts: dict[int, bytes] = {}
    if recovery_code is not None:
        starts[_start_of(config, recovery_code)] = Vault.recovery_identity(
            recovery_code
        ).chain_start_key
    public = config.data / PUBLIC_KEY_FILE
    path = config.data / AUDIT_FILE
    held = held_of(config)
    trust = Trust(
        start_keys=starts,
        public_key=bytes.fromhex(public.read_text()) if public.exists() else None,
        anchors=tuple(dict.fromkeys([*held.notes, *notes])),
        told=told,
    )
    report = _compared(config, trust) if deep else verify(path, trust)
    facts: dict[str, object] = {**asdict(report), "anchors": len(trust.anchors)}
    facts["verdict"] = describe(report)
    if listed:
        facts["deeds"] = list(deeds(path))
    return Verified(report.ok, facts)


def _compared(config: Config, trust: Trust) -> Report:
    """Verify the log and the cells; people who work meanwhile change both, so doubt looks twice."""
    for left in (1, 0):
        with live_cells.as_file(config) as main:
            report = verify(config.data / AUDIT_FILE, replace(trust, main=main))
        if report.ok or report.place != "cell" or not left:
            return report
    raise AssertionError("the second look answers")


def _start_of(config: Config, code: str) -> int:
    """The epoch that a code's chain begins at: later than 0 for a code that replaced one.

    A code that does not open the box is taken for the first: what it proves, it proves.
    """
    try:
        vault = Vault.load(config.data)
    except HouseError:
        return 0
    try:
        vault.unlock_with_code(code)
        return vault.audit_chain_starts()[-1]
    except (Denied, NotFound, Damaged):
        return 0
    finally:
        vault.close()


def held_of(config: Config) -> anchors.Held:
    """Checkpoints in the folders for copies and beside the log."""
    box = anchors.box_of(origin(config.data / AUDIT_FILE))
    return asyncio.run(anchors.held(config, box))


def export_audit(
    config: Config, out: Path, told: Callable[[int, int], object] | None = None
) -> dict[str, object]:
    """Write the archive for an outsider from the files alone.

    Raises:
        NotFound: `audit_log_missing`.
        Unavailable: `export_unwritable`.
    """
    held = held_of(config)
    public = config.data / PUBLIC_KEY_FILE
    key = public.read_text().strip() if public.exists() else ""
    extras = bundle.Extras(key, held.notes, held.lost)
    count = bundle.write(config.data / AUDIT_FILE, out, extras, told)
    return {"out": str(out), "events": count, "anchors": len(held.notes)}


def accept_loss(config: Config) -> dict[str, object]:
    """Go on with a log that is shorter than what was kept of it; the box must not run.

    Raises:
        ConfigError: `E018` when a server holds the folder.
    """
    with checks.sole_server(config.data):
        found = asyncio.run(anchors.give_up(config))
    return {"anchors": len(found.notes), "size": found.size}
