"""The connection as a whole: put together once, from the settings, when it is first needed."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from appliance.plugin_api.core import Core
from appliance.plugin_api.outcomes import Permanent
from appliance.plugin_api.screens import DeedAsked, DeedDone
from plugins.exchange_1c import values
from plugins.exchange_1c.absent import Absent
from plugins.exchange_1c.core_box import CoreGoods, CoreOrders, CoreTables
from plugins.exchange_1c.decisions import Decisions
from plugins.exchange_1c.guards import GuardSettings
from plugins.exchange_1c.importing import Importer
from plugins.exchange_1c.imports import CONFIRMED, REJECTED, Imports
from plugins.exchange_1c.journal import Journal
from plugins.exchange_1c.naming import Naming
from plugins.exchange_1c.orders import Exchange
from plugins.exchange_1c.orders_in import StatusRules, rules_from
from plugins.exchange_1c.orders_port import OrderSettings
from plugins.exchange_1c.papers import Ways
from plugins.exchange_1c.protocol import Answer, Command
from plugins.exchange_1c.queue import Queue
from plugins.exchange_1c.runs import Runs
from plugins.exchange_1c.server import Server
from plugins.exchange_1c.sessions import Doorkeeper
from plugins.exchange_1c.shelves import File, Part, Shelves
from plugins.exchange_1c.spool import Spool
from plugins.exchange_1c.translating import Ownership, Translator

SPOOL_MOST = 3 * 1024 * 1024 * 1024
"""Bytes of uploaded files; the folder itself may hold somewhat more."""
RESEND_PAGE = 1000
DEED_SECONDS = 12.0
"""That a page waits for a button's deed; a long one goes on behind it."""


class Settings:
    """What an administrator filled in."""

    def __init__(self, core: Core) -> None:
        self._given = core.settings

    def text(self, name: str, otherwise: str = "") -> str:
        """A text."""
        found = self._given.get(name)
        return otherwise if found is None else str(found).strip()

    def number(self, name: str, otherwise: int) -> int:
        """A number."""
        found = self._given.get(name)
        return found if isinstance(found, int) else otherwise

    def rules(self) -> GuardSettings:
        """When changes are held."""
        return GuardSettings(
            hidden_percent=self.number("hidden_percent", 20),
            zeroed_percent=self.number("zeroed_percent", 30),
            price_change_percent=self.number("price_percent", 50),
        )

    def owns(self) -> Ownership:
        """Who leads which field."""
        return Ownership(
            name=self.text("own_name", "1c"),
            description=self.text("own_description", "fill"),
            prices=self.text("own_prices", "1c"),
        )

    def orders(self) -> OrderSettings:
        """How orders go."""
        return OrderSettings(
            profile=self.text("profile", "auto"),
            charset=self.text("charset", "utf-8"),
            hours=self.number("hours", 3),
            statuses=StatusRules(
                named=rules_from(self.text("statuses")),
                cancelled=self.text("status_cancelled"),
                paid=self.text("status_paid"),
                shipped=self.text("status_shipped"),
                done=self.text("status_done"),
            ),
            money=bool(self._given.get("take_money", True)),
            goods=bool(self._given.get("take_shipments", True)),
            lines=self.text("own_lines", "box"),
            ways=Ways(cash=self.text("way_cash"), cashless=self.text("way_cashless")),
        )


class Connection:
    """One 1C base."""

    def __init__(self, core: Core, folder: Path) -> None:
        self._core = core
        said = Settings(core)
        self._said = said
        self.store = Shelves(CoreTables(core))
        goods = CoreGoods(core)
        self._naming = Naming(self.store, goods, said.text("main_price"))
        translate = Translator(
            self._naming.known, said.owns(), said.text("shop"), said.text("warehouse", "main")
        )
        self._translate = translate
        rules = said.rules()
        importer = Importer(self.store, goods, self._naming, translate, rules)
        self.journal = Journal(core)
        spool = Spool(folder, SPOOL_MOST)
        mode = said.text("mode", "guards")
        self.runs = Runs(self.store)
        self.imports = Imports(self.store, spool, importer, rules, mode, told=self._ended)
        self.absent = Absent(
            self.store, spool, self.imports, self.journal, said.text("deactivate", "ask")
        )
        self._works: set[asyncio.Task[str]] = set()
        self.decisions = Decisions(
            self.store, self.imports, goods, translate, self.journal, self.runs
        )
        self.queue = Queue(self.store)
        orders = CoreOrders(core, with_comment=bool(core.settings.get("with_comment")))
        self.orders = Exchange(self.store, self.queue, orders, said.orders())
        self.server = Server(
            self.store,
            spool,
            self.imports,
            self.orders,
            Doorkeeper(said.text("login"), said.text("password")),
            zipped=bool(core.settings.get("zip", True)),
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
        made = await self.server.answer(command)
        if made.first_line != "failure":
            return made
        number = await self.journal.refused(command, made)
        if not number:
            return made
        return Answer(status=made.status, body=made.body + f"\nЗапись журнала № {number}".encode())

    async def changed(self, order_id: UUID) -> None:
        """An order is new or changed."""
        await self.queue.add(str(order_id), int(time.time()))

    async def tick(self) -> None:
        """Twice a minute: what nobody asked for, what is too old, what is to be sent again."""
        await self.server.tick()
        await self.absent.tick()
        now = int(time.time())
        said = self._said
        await self.decisions.carry_out(
            said.number("confirm_run", 0),
            said.number("reject_run", 0),
            said.number("undo_run", 0),
            now,
        )
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


_made: dict[str, Connection] = {}


async def connection(core: Core) -> Connection:
    """The connection of this process."""
    found = _made.get("one")
    if found is None:
        found = _made["one"] = Connection(core, Path(core.folder) / "files")
        await found.load()
    return found
