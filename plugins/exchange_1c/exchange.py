"""The connection as a whole: put together once, from the settings, when it is first needed."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec

from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import Finding
from appliance.plugin_api.outcomes import Permanent
from appliance.plugin_api.screens import DeedAsked, DeedDone
from plugins.exchange_1c import values, words
from plugins.exchange_1c.absent import Absent
from plugins.exchange_1c.bases import FIRST, FirstTables, OtherTables, settings_of
from plugins.exchange_1c.core_box import CoreGoods, CoreOrders, CorePictures, CoreTables
from plugins.exchange_1c.decisions import Decisions
from plugins.exchange_1c.importing import Importer
from plugins.exchange_1c.imports import CONFIRMED, REJECTED, Imports
from plugins.exchange_1c.journal import Journal
from plugins.exchange_1c.naming import Naming
from plugins.exchange_1c.orders import Exchange
from plugins.exchange_1c.photos import Photos
from plugins.exchange_1c.protocol import Answer, Command, failure
from plugins.exchange_1c.queue import Queue
from plugins.exchange_1c.runs import Runs
from plugins.exchange_1c.server import Server
from plugins.exchange_1c.sessions import Doorkeeper
from plugins.exchange_1c.settings import Settings
from plugins.exchange_1c.shelves import File, Part, Shelves
from plugins.exchange_1c.spool import Spool
from plugins.exchange_1c.translating import Translator

SPOOL_MOST = 3 * 1024 * 1024 * 1024
"""Bytes of uploaded files; the folder itself may hold somewhat more."""
RESEND_PAGE = 1000
MAIN = "main"
"""What the box calls the account of the plugin's own settings."""
DEED_SECONDS = 12.0
"""That a page waits for a button's deed; a long one goes on behind it."""


class Connection:
    """One 1C base.

    Attributes:
        code: of its account; `FIRST` is the one of the plugin's own settings.
        login: by which its requests are known.
    """

    def __init__(
        self,
        core: Core,
        folder: Path,
        said: Settings | None = None,
        code: str = FIRST,
        *,
        most: int = SPOOL_MOST,
        turn: asyncio.Lock | None = None,
    ) -> None:
        """Put a base together.

        Args:
            core: of the plugin.
            folder: for its files.
            said: its settings; None: those of the plugin.
            code: of its account.
            most: bytes of its files.
            turn: held by the one base that imports just now: memory is for one file.
        """
        self._core, self.code = core, code
        said = Settings(core.settings) if said is None else said
        self._said, self.login = said, said.text("login")
        tables = CoreTables(core)
        self.store = Shelves(FirstTables(tables) if code == FIRST else OtherTables(tables, code))
        goods = CoreGoods(core)
        self._naming = Naming(self.store, goods, said.text("main_price"))
        translate = Translator(
            self._naming.known, said.owns(), said.text("shop"), said.text("warehouse", "main")
        )
        self._translate = translate
        rules = said.rules()
        self.journal = Journal(core, code)
        spool = Spool(folder, most)
        pictures = CorePictures(core, said.text("shop"))
        self.photos = Photos(
            self.store, spool, pictures, self.journal, said.text("own_pictures", "1c")
        )
        importer = Importer(self.store, goods, self._naming, translate, rules, self.photos)
        mode = said.text("mode", "guards")
        self.runs = Runs(self.store, code)
        self.imports = Imports(
            self.store,
            spool,
            importer,
            rules,
            mode,
            told=self._ended,
            turn=turn,
            photos=self.photos,
            runs=self.runs,
        )
        self.absent = Absent(
            self.store, spool, self.imports, self.journal, said.text("deactivate", "ask")
        )
        self._works: set[asyncio.Task[str]] = set()
        self.decisions = Decisions(
            self.store, self.imports, goods, translate, self.journal, self.runs
        )
        self.queue = Queue(self.store, code)
        orders = CoreOrders(core, code, with_comment=said.flag("with_comment", otherwise=False))
        wanted = msgspec.structs.replace(said.orders(), account=code)
        self.orders = Exchange(self.store, self.queue, orders, wanted)
        self.server = Server(
            self.store,
            spool,
            self.imports,
            self.orders,
            Doorkeeper(self.login, said.text("password")),
            zipped=said.flag("zip"),
            rights=said.rights(),
        )

    async def _ended(self, file: File, part: Part) -> None:
        """A document of a catalogue ended: its line in the journal, its run on the screen."""
        await self.journal.imported(file, part)
        await self.runs.note(file.run)

    async def press(self, asked: DeedAsked) -> DeedDone:
        """Do what a button of a screen says; what takes long goes on behind it.

        Raises:
            Permanent: it cannot be done any more.
        """
        if asked.screen == "aside":
            number = int(asked.key[0])
            done = await self.queue.settle(number, again=asked.deed == "again")
            if not done:
                raise Permanent("aside_gone")
            return DeedDone(code=f"aside_{asked.deed}", numbers={"number": number})
        run = int(asked.key[0])
        work = asyncio.create_task(self._decide(run, asked.deed))
        self._works.add(work)
        work.add_done_callback(self._works.discard)
        done, _ = await asyncio.wait({work}, timeout=DEED_SECONDS)
        return DeedDone(code=work.result() if done else "deed_begun", numbers={"run": run})

    async def _decide(self, run: int, deed: str) -> str:
        if deed == "undo":
            if not await self.decisions.undo(run, int(time.time())):
                raise Permanent("run_too_old")
            return "deed_undone"
        await self.decisions.decide(run, CONFIRMED if deed == "confirm" else REJECTED)
        return f"deed_{deed}"

    async def load(self) -> None:
        """Read what is known of the classifier."""
        await self._naming.load()
        self._translate.known = self._naming.known

    async def answer(self, command: Command) -> Answer:
        """Answer a request; a refusal names the record of the journal that explains it."""
        return await self.explained(command, await self.server.answer(command))

    async def explained(self, command: Command, made: Answer) -> Answer:
        """An answer with the number of the line of the journal that says why, where it refuses."""
        if made.first_line != "failure":
            return made
        number = await self.journal.refused(command, made)
        if not number:
            return made
        return Answer(status=made.status, body=made.body + f"\nЗапись журнала № {number}".encode())

    async def changed(self, order_id: UUID) -> None:
        """An order is new or changed."""
        await self.queue.add(str(order_id), int(time.time()))

    async def diagnose(self) -> list[Finding]:
        """How this base is: 1C comes by itself, so what waits for it is told."""
        name = self.code or MAIN
        found = [
            Finding(
                code="accepts" if self.login else "login_missing",
                is_good=bool(self.login),
                account=name,
            )
        ]
        waiting, aside = await self.queue.count()
        if waiting:
            numbers = {"count": waiting}
            found.append(Finding(code="queue_waits", is_good=True, numbers=numbers, account=name))
        if aside:
            numbers = {"count": aside}
            found.append(Finding(code="orders_aside", is_good=False, numbers=numbers, account=name))
        return found

    async def tick(self) -> None:
        """Twice a minute: what nobody asked for, what is too old, what is to be sent again."""
        await self.server.tick()
        await self.absent.tick()
        await self.photos.tick()
        now = int(time.time())
        said = self._said
        await self.decisions.carry_out(
            said.number("confirm_run", 0),
            said.number("reject_run", 0),
            said.number("undo_run", 0),
            now,
        )
        if self.code == FIRST:  # runs are counted over all bases
            await self.decisions.prune(now)
        await self._resend()

    async def _resend(self) -> None:
        """Queue orders from a day on, once for each day that is typed into the settings."""
        wanted = self._said.text("resend_from")
        since = values.day(wanted) if wanted else None
        if since is None or await self.store.state("resent") == wanted:
            return
        begins = datetime(since.year, since.month, since.day, tzinfo=UTC)
        number = int(await self.store.state("resend_at") or 0)
        while changes := await self._core.orders_since(number, RESEND_PAGE):
            for order_id in {one.order_id for one in changes if one.at >= begins}:
                await self.store.drop("orders", [(str(order_id),)])
                await self.changed(order_id)
            number = changes[-1].number
            await self.store.set_state(resend_at=number)
        await self.store.set_state(resent=wanted, resend_at=0)


class Bases:
    """All bases of the box, by the code of their account."""

    def __init__(self, core: Core) -> None:
        folder, turn = Path(core.folder), asyncio.Lock()
        others = [one for one in core.accounts() if one.code != MAIN]
        most = SPOOL_MOST // (1 + len(others))
        self._core = core
        self.all = {FIRST: Connection(core, folder / "files", most=most, turn=turn)}
        for one in others:
            said = Settings(settings_of(core.settings, one.settings))
            self.all[one.code] = Connection(
                core, folder / f"files-{one.code}", said, one.code, most=most, turn=turn
            )

    async def load(self) -> None:
        """Read what is known of their classifiers."""
        for one in self.all.values():
            await one.load()

    async def answer(self, command: Command) -> Answer:
        """Answer the base whose login a request brings; two bases with one login are refused."""
        logins = {login for login, _ in command.logins}
        mine = [one for one in self.all.values() if one.login and one.login in logins]
        if len(mine) > 1:
            made = failure(words.of("login_shared"), code="login_shared")
            return await self.all[FIRST].explained(command, made)
        return await (mine[0] if mine else self.all[FIRST]).answer(command)

    async def changed(self, order_id: UUID) -> None:
        """An order is new or changed: each base that gets orders gets it."""
        for one in self.all.values():
            if one.login:
                await one.changed(order_id)

    async def press(self, asked: DeedAsked) -> DeedDone:
        """Do what a button of a row says, for the base that the row names.

        Raises:
            Permanent: it cannot be done any more, or that base is switched off.
        """
        found = self.all.get(asked.account)
        if found is None:
            raise Permanent("base_off")
        return await found.press(asked)

    async def diagnose(self, account: str) -> list[Finding]:
        """How each base is, or the one that is asked about."""
        found: list[Finding] = []
        for code, one in self.all.items():
            if account in ("", code or MAIN):
                found += await one.diagnose()
        return found or [Finding(code="base_off", is_good=False, account=account)]

    async def tick(self) -> None:
        """Twice a minute, for each of them: trouble of one does not hold up the others."""
        failed: Exception | None = None
        for one in self.all.values():
            try:
                await one.tick()
            except Exception as error:  # noqa: BLE001 - raised below, once all had their turn
                failed = error
        if failed is not None:
            raise failed


_made: dict[str, Bases] = {}


async def bases(core: Core) -> Bases:
    """The bases of this process."""
    found = _made.get("one")
    if found is None:
        found = _made["one"] = Bases(core)
        await found.load()
    return found
