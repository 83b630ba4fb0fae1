"""What is done to a box that does not run: migrate it, verify its log."""

import asyncio
from dataclasses import asdict, dataclass

from appliance.audit.verify import Trust, deeds, describe, verify
from appliance.boot.house import AUDIT_FILE, MAIN_FILE, PUBLIC_KEY_FILE, anchors_of, make_database
from appliance.config import Config, checks
from appliance.errors import Damaged, Denied, HouseError, NotFound
from appliance.storage.migrations.runner import migrate as run_migrations
from appliance.vault.vault import Vault


def migrate(config: Config) -> list[str]:
    """Bring the database to this release's schema; return the names of what was done.

    Raises:
        ConfigError: `E018` when a server holds the folder.
        Unavailable: `schema_newer`, and what the database refuses with.
    """

    async def run() -> list[str]:
        database = make_database(config)
        await database.start()
        try:
            return [f"{step.number:04d}" for step in await run_migrations(database)]
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
    config: Config, *, recovery_code: str | None = None, deep: bool = False, listed: bool = False
) -> Verified:
    """Verify the log from its files alone, also while the box runs.

    Args:
        config: of the box, running or not.
        recovery_code: from paper; with it the chain of codes is checked from its start.
        deep: compare the hashes of sealed cells with the live database (SQLite only).
        listed: add every deed to the facts.

    Raises:
        Invalid: the code was mistyped.
    """
    starts: dict[int, bytes] = {}
    if recovery_code is not None:
        starts[_start_of(config, recovery_code)] = Vault.recovery_identity(
            recovery_code
        ).chain_start_key
    public = config.data / PUBLIC_KEY_FILE
    main = config.data / MAIN_FILE
    trust = Trust(
        start_keys=starts,
        public_key=bytes.fromhex(public.read_text()) if public.exists() else None,
        anchors=anchors_of(config.data),
        main=main if deep and main.exists() else None,
    )
    path = config.data / AUDIT_FILE
    report = verify(path, trust)
    facts: dict[str, object] = {**asdict(report), "verdict": describe(report)}
    if listed:
        facts["deeds"] = list(deeds(path))
    return Verified(report.ok, facts)


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
