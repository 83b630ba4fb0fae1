"""The exchange's answers: from a request to what 1C is told, and to what happens behind it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from plugins.exchange_1c import names, protocol, sessions, shelves, words
from plugins.exchange_1c.imports import HOLD, Clock, Imports
from plugins.exchange_1c.protocol import Answer, Command, failure, said
from plugins.exchange_1c.refusals import Refused
from plugins.exchange_1c.sessions import Doorkeeper, Session
from plugins.exchange_1c.shelves import File, Part, Shelves
from plugins.exchange_1c.spool import Spool

FORGOTTEN = 24 * 3600
"""Seconds after which pieces of a broken session are dropped (reference 12.4)."""


class Orders(Protocol):
    """The way of orders, both ways."""

    async def query(self, session: Session, now: datetime) -> Answer:
        """Orders that were not given out in this session yet."""
        ...

    async def success(self, session: Session) -> None:
        """Everything given out in this session was taken."""
        ...

    async def info(self) -> Answer:
        """Statuses and ways of payment and delivery."""
        ...

    async def piece(self, session: Session, name: str, body: bytes) -> None:
        """A piece of a file of orders; it is taken once it is whole.

        Raises:
            Refused: the file cannot be read.
        """
        ...


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """What a base may do: bring goods, be given orders, say what became of them."""

    goods: bool = True
    gives: bool = True
    hears: bool = True


class Server:
    """Answers requests of one connection."""

    def __init__(
        self,
        store: Shelves,
        spool: Spool,
        imports: Imports,
        orders: Orders,
        doorkeeper: Doorkeeper,
        *,
        zipped: bool = True,
        hold: float = HOLD,
        clock: Clock = lambda: int(time.time()),
        rights: Rights = Rights(),  # noqa: B008 - frozen
    ) -> None:
        self._rights = rights
        self._store, self._spool, self._imports = store, spool, imports
        self._orders, self._doorkeeper = orders, doorkeeper
        self._zipped, self._hold, self._clock = zipped, hold, clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._modes: dict[str, Callable[[Command, Session], Awaitable[Answer]]] = {
            "init": self._init,
            "file": self._file,
            "import": self._import,
            "query": self._query,
            "success": self._success,
            "info": self._info,
            "deactivate": self._deactivate,
            "complete": self._complete,
        }

    async def answer(self, command: Command) -> Answer:
        """Answer a request; whatever goes wrong is told in words on the second line."""
        try:
            return await self._answer(command)
        except Refused as error:
            return _explained(error)

    async def _answer(self, command: Command) -> Answer:
        code = self._doorkeeper.admit(command, self._clock())
        if code:
            return _refused(code, status=401 if code == "no_authorization" else 200)
        login = self._doorkeeper.login
        if refused := self._not_served(command):
            return refused
        if command.mode == "checkauth":
            return await self._checkauth(command, login)
        session = sessions.find(command, login, await self._store.sessions(), self._clock())
        if session is None:
            return _refused("session_unknown")
        if not sessions.sessid_fits(command, session):
            return _refused("sessid_wrong")
        session.seen = self._clock()
        if command.mode != "file":
            session.uploading = ""
        made = await self._modes[command.mode](command, session)
        await self._store.put("sessions", [session])
        return made

    def _not_served(self, command: Command) -> Answer | None:
        if command.type in protocol.CLOSED_TYPES:
            return _refused("type_closed")
        if command.type not in protocol.TYPES:
            return failure("Unknown command type.", code="type_unknown")
        if command.mode != "checkauth" and command.mode not in self._modes:
            return _refused("mode_unknown")
        if command.type == "catalog" and not self._rights.goods:
            return _refused("goods_closed")
        if command.mode in ("query", "file", "import") and command.type == "sale":
            is_open = self._rights.gives if command.mode == "query" else self._rights.hears
            return None if is_open else _refused("orders_closed")
        return None

    async def _checkauth(self, command: Command, login: str) -> Answer:
        now = self._clock()
        known = await self._store.sessions()
        run = sessions.run_of(login, known, now)
        if not run:
            run = await self._store.count_up("run")
            await self._store.set_state(**{f"run-{run}": now})
        dead = [one for one in known if not one.alive(now)]
        await self._store.drop("sessions", [(one.token,) for one in dead])
        session = sessions.begin(command, login, run, now)
        await self._store.put("sessions", [session])
        if command.type == "catalog":
            task = asyncio.create_task(self._leftovers(session))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return protocol.checkauth(session.token, session.sessid, now)

    async def _leftovers(self, session: Session) -> None:
        """What earlier sessions sent and never asked for."""
        await self._imports.unasked(
            [one for one in await self._open_files() if one.session != session.token], at_once=True
        )

    async def _open_files(self) -> list[File]:
        files = [one async for one in self._store.every("files", File)]
        return [one for one in files if one.kind == "catalog" and not one.done_at]

    async def settled(self) -> None:
        """Wait for work that no request waits for."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _init(self, command: Command, session: Session) -> Answer:
        session.version, session.cml_version = command.version, command.cml_version
        return protocol.init(
            zipped=self._zipped,
            limit=protocol.FILE_LIMIT,
            sessid=session.sessid,
            version=command.version,
        )

    async def _file(self, command: Command, session: Session) -> Answer:
        name = names.clean(command.filename)
        if not command.body:
            return _refused("file_empty")
        _check_kind(name, command.body)
        if session.kind == "sale":
            await self._orders.piece(session, name, command.body)
            session.uploading = name
            return said("success")
        file = None
        if session.uploading == name:
            file = await self._store.one("files", File, session.token, session.upload)
        if file is None or file.state != shelves.RECEIVING:
            file = await self._begin(name, session)
        file.bytes = self._spool.append(file.id, command.body)
        file.at = self._clock()
        await self._store.put("files", [file])
        session.uploading, session.upload = name, file.id
        return said("success")

    async def _begin(self, name: str, session: Session) -> File:
        """The first piece of a name in a session: what was sent under it before is dropped."""
        async for one in self._store.under("files", File, session.token):
            if one.name == name and one.state == shelves.RECEIVING:
                await self._forget(one)
        return File(
            id=self._spool.begin(),
            session=session.token,
            login=session.login,
            run=session.run,
            kind=session.kind,
            name=name,
        )

    async def _forget(self, file: File) -> None:
        self._spool.drop(file.id)
        await self._store.drop("files", [(file.session, file.id)])

    async def _import(self, command: Command, session: Session) -> Answer:
        if session.kind == "sale":  # taken when its last piece came
            return said("success", words.of("orders_imported"))
        mine = [one async for one in self._store.under("files", File, session.token)]
        found = await self._imports.find(mine, command.filename)
        if found is None:  # a client that drops cookies, or asks again in its next session
            every = [one async for one in self._store.every("files", File)]
            others = [one for one in every if one.login == session.login]
            found = await self._imports.find(others, command.filename)
        if found is None:
            return _refused("file_unknown")
        if session.kind == "reference":
            return said("success")
        return self._told(await self._imports.ask(found, self._hold))

    def _told(self, part: Part) -> Answer:
        if part.state in (shelves.SEALED, shelves.IMPORTING):
            return said("progress", words.progress(part.read, part.total))
        if part.state == shelves.FAILED:
            return _explained(Refused(part.code, part.offset))
        if part.state == shelves.HELD:
            return said("success", words.of("held"))
        return said("success", words.done(part))

    async def _query(self, command: Command, session: Session) -> Answer:
        del command
        return await self._orders.query(session, datetime.fromtimestamp(self._clock(), UTC))

    async def _success(self, command: Command, session: Session) -> Answer:
        del command
        await self._orders.success(session)
        return said("success")

    async def _info(self, command: Command, session: Session) -> Answer:
        del command, session
        return await self._orders.info()

    async def _deactivate(self, command: Command, session: Session) -> Answer:
        """Goods that were not mentioned: looked for once the run is worked off, see `absent`."""
        await self._store.set_state(deactivate=f"{session.run} {command.timestamp}")
        return said("success", words.of("deactivate_held"))

    async def _complete(self, command: Command, session: Session) -> Answer:
        del command, session
        return said("success")

    async def tick(self) -> None:
        """Now and then: import what nobody asked for, drop what a broken session left."""
        await self._imports.unasked(await self._open_files())
        now = self._clock()
        async for file in self._store.every("files", File):
            if file.done_at and now - file.done_at > FORGOTTEN:
                await self._forget(file)


def _refused(code: str, status: int = 200) -> Answer:
    return failure(words.of(code), code=code, status=status)


def _explained(error: Refused) -> Answer:
    numbers = dict(error.numbers)
    if error.offset >= 0:
        numbers["offset"] = error.offset
    return failure(words.sentence(error), code=error.code, numbers=numbers)


def _check_kind(name: str, body: bytes) -> None:
    """An error page in place of a picture is passed over later; a strange name is refused here.

    Raises:
        Refused: `file_kind`.
    """
    allowed = names.PICTURES | {"xml", "zip", ""}
    if names.extension(name) not in allowed and not names.sniffed(body[:64]):
        raise Refused("file_kind")
