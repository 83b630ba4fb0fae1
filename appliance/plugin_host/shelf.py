"""Plugins on the disk of a box: what lies there, adding a file, updating, removing.

The database holds the file of every added plugin, so it comes and goes in one transaction with its
row, and each copy of the box has it. A folder under `<data>/plugins` is laid out from it, named by
the file's hash, and laid out anew where it is missing or was touched. So nothing that is cut in the
middle leaves more than a folder nobody names, which the next look sweeps away.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from appliance.actions import plugin_files, plugins
from appliance.domain.access import Actor
from appliance.domain.plugins import FoundPlugin, Offer, Plugin, Source
from appliance.errors import HouseError, NotFound
from appliance.plugin_api.manifest import ManifestError
from appliance.plugin_host import packages
from appliance.plugin_host.finding import Lying, look, look_around
from appliance.plugin_host.packages import Package, Verify

log = logging.getLogger(__name__)

FOLDER: Final = "plugins"
WORK: Final = ".new-"
PACKAGE: Final = "package"
MOST_OFFERS: Final = 4
"""Files that wait for a yes; the oldest goes."""


async def _nobody() -> None:
    """Stands in until the host of processes listens."""


class Shelf:
    """The folder of plugins of one box.

    Attributes:
        changed: awaited after what may run has changed: the host of processes compares.
    """

    def __init__(self, data: Path, house: Actor, verify: Verify, makers: Collection[str]) -> None:
        """Args: house: the box itself. makers: public keys the release trusts, hex."""
        self._home = data / FOLDER
        self._house = house
        self._verify = verify
        self._makers = frozenset(makers)
        self._lying: dict[str, Lying] = {}
        self._one = asyncio.Lock()
        self._offers: dict[str, Path] = {}
        self._told: dict[str, Offer] = {}
        self.changed: Callable[[], Awaitable[None]] = _nobody

    def folder(self, name: str) -> Path | None:
        """Where a plugin that can be used lies."""
        lying = self._lying.get(name)
        return None if lying is None or lying.manifest is None else lying.folder

    def lying(self, name: str) -> Lying | None:
        """What lies there under this name."""
        return self._lying.get(name)

    async def settle(self) -> None:
        """Compare the disk with what the box knows; lay out what is missing; sweep the rest."""
        async with self._one:
            await self._settle()
        await self.changed()

    async def offer(self, actor: Actor, body: bytes) -> Offer:
        """Take a file and say what is in it; nothing of it is used before `accept`.

        Raises:
            Invalid: as `packages.unpack`.
            Denied: not for this actor.
        """
        keys = await plugin_files.makers(actor)
        trusted = self._makers | {one.key for one in keys}
        token = secrets.token_hex(12)
        work = self._home / f"{WORK}{token}"
        try:
            package = await asyncio.to_thread(self._unpack, body, trusted, work)
            offer = await plugin_files.weigh(
                actor, package.found, trusted=package.trusted, shipped=self._shipped()
            )
        except BaseException:
            await asyncio.to_thread(packages.discard, work)
            raise
        self._offers[token] = work
        while len(self._offers) > MOST_OFFERS:
            await self.decline(next(iter(self._offers)))
        self._told[token] = told = Offer(
            token=token,
            found=package.found,
            needs=offer.needs,
            was=offer.was,
            size=package.size,
            trusted=package.trusted,
        )
        return told

    def offered(self, token: str) -> Offer:
        """A file that waits for a yes.

        Raises:
            NotFound: `plugin_offer_gone`.
        """
        if token not in self._told:
            raise NotFound("plugin_offer_gone")
        return self._told[token]

    async def decline(self, token: str) -> None:
        """Forget a file that was offered."""
        work = self._offers.pop(token, None)
        self._told.pop(token, None)
        if work is not None:
            await asyncio.to_thread(packages.discard, work)

    async def accept(self, actor: Actor, token: str, confirmed: Collection[str]) -> Plugin:
        """Install or update from a file that was offered; how the plugin stands then.

        Args:
            actor: who says yes.
            token: of the offer.
            confirmed: codes of `domain.plugins.Need` that he was warned of and agreed to.

        Raises:
            NotFound: `plugin_offer_gone`.
            Conflict: `plugin_confirm`, `plugin_same`, `plugin_of_box`.
            Denied: `step_up_needed`.
        """
        work = self._offers.get(token)
        if work is None:
            raise NotFound("plugin_offer_gone")
        async with self._one:
            keys = await plugin_files.makers(actor)
            trusted = self._makers | {one.key for one in keys}
            body = await asyncio.to_thread((work / PACKAGE).read_bytes)
            again = self._home / f"{WORK}{secrets.token_hex(12)}"
            try:
                package = await asyncio.to_thread(self._unpack, body, trusted, again)
                await asyncio.to_thread(self._place, package, again)
                installed = await plugin_files.install(
                    actor,
                    package.found,
                    body,
                    frozenset(confirmed),
                    trusted=package.trusted,
                    shipped=self._shipped(),
                )
            finally:
                await asyncio.to_thread(packages.discard, again)
            await self.decline(token)
            await self._settle()
        await self.changed()
        return installed

    async def remove(self, actor: Actor, name: str, *, with_data: bool = False) -> None:
        """Remove an added plugin; its approvals stay, and its own tables unless `with_data`.

        Raises:
            NotFound: `plugin_not_found`.
            Conflict: `plugin_of_box`.
            Denied: `step_up_needed`.
        """
        async with self._one:
            await plugin_files.remove(actor, name, with_data=with_data)
            await self._settle()
        await self.changed()

    def _unpack(self, body: bytes, trusted: Collection[str], work: Path) -> Package:
        """In a folder of its own: the file, and its parts beside it."""
        files = work / "files"
        self._home.mkdir(mode=0o755, exist_ok=True)
        files.mkdir(mode=0o755, parents=True)
        (work / PACKAGE).write_bytes(body)
        return packages.unpack(body, self._verify, trusted, files)

    def _place(self, package: Package, work: Path) -> Path:
        """Give what was unpacked its own name."""
        folder = self._of(package.found)
        packages.discard(folder)
        folder.parent.mkdir(mode=0o755, exist_ok=True)
        packages.seal(work / "files")
        (work / "files").rename(folder)
        folder.chmod(0o555)
        return folder

    def _of(self, found: FoundPlugin | Plugin) -> Path:
        return self._home / found.name / f"{found.version}-{found.digest[:12]}"

    def _shipped(self) -> frozenset[str]:
        return frozenset(
            name for name, one in self._lying.items() if one.found.source is not Source.ADDED
        )

    async def _settle(self) -> None:
        there = await asyncio.to_thread(look_around)
        known = [one for one in await plugins.known(self._house) if one.source is Source.ADDED]
        for one in known:
            there[one.name] = await self._laid_out(one)
        found = [one.found for one in there.values()]
        await plugins.notice(self._house, found)
        self._lying = there
        await asyncio.to_thread(self._sweep, [self._of(one) for one in known])

    async def _laid_out(self, known: Plugin) -> Lying:
        """The folder of an added plugin, whole: from the database where it is not."""
        folder = self._of(known)
        body = await plugin_files.package(self._house, known.name)
        try:
            if not await asyncio.to_thread(packages.is_whole, body, folder):
                log.warning("plugin %s is laid out anew", known.name)
                await asyncio.to_thread(self._lay_out, known, body)
            lying = await asyncio.to_thread(look, folder, Source.ADDED)
        except (HouseError, OSError) as error:
            code = error.code if isinstance(error, HouseError) else "disk_refused"
            return Lying(_as_found(known, code), folder)
        problem = lying.found.problem
        return Lying(_as_found(known, problem), folder, lying.manifest)

    def _lay_out(self, known: Plugin, body: bytes) -> None:
        work = self._home / f"{WORK}{secrets.token_hex(12)}"
        try:
            # It was believed when it came, and the database is the box's own.
            package = self._unpack(body, frozenset(), work)
            if package.found.digest != known.digest:
                raise ManifestError("plugin_file_damaged")
            self._place(package, work)
        finally:
            packages.discard(work)

    def _sweep(self, kept: Sequence[Path]) -> None:
        """Delete what no row names; files that are offered stay."""
        if not self._home.is_dir():
            return
        offered = set(self._offers.values())
        for path in self._home.iterdir():
            if path.name.startswith(WORK):
                if path not in offered:
                    packages.discard(path)
                continue
            for version in path.iterdir() if path.is_dir() else ():
                if version not in kept:
                    packages.discard(version)
            with suppress(OSError):
                path.rmdir()


def _as_found(known: Plugin, problem: str) -> FoundPlugin:
    """An added plugin as its row says it is: the folder only follows."""
    return FoundPlugin(
        name=known.name,
        version=known.version,
        source=known.source,
        manifest=known.manifest,
        digest=known.digest,
        signer=known.signer,
        asked=known.asked,
        problem=problem,
    )
