"""An exchange in memory: the real server, importer and spool over tables and goods of dicts."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from appliance.plugin_api.goods import GoodIn, GroupIn, NamedIn, OfferIn, Outcome
from plugins.exchange_1c import protocol, shelves
from plugins.exchange_1c.guards import GuardSettings
from plugins.exchange_1c.importing import Importer
from plugins.exchange_1c.imports import Imports
from plugins.exchange_1c.naming import Naming
from plugins.exchange_1c.ports import Key, Row
from plugins.exchange_1c.protocol import Answer
from plugins.exchange_1c.server import Server
from plugins.exchange_1c.sessions import Doorkeeper, Session
from plugins.exchange_1c.shelves import Shelves
from plugins.exchange_1c.spool import Spool
from plugins.exchange_1c.translating import Ownership, Translator

LOGIN, PASSWORD = "1c-exchange", "k7fW-3mQp-9xTz-4bNv"


class MemoryTables:
    """Own tables in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[Key, dict[str, Any]]] = {}

    def _of(self, table: str) -> dict[Key, dict[str, Any]]:
        return self.rows.setdefault(table, {})

    async def get(self, table: str, keys: Sequence[Key]) -> Sequence[Row | None]:
        return [self._of(table).get(tuple(key)) for key in keys]

    async def put(self, table: str, rows: Sequence[Row]) -> None:
        for row in rows:
            self._of(table)[tuple(row[name] for name in shelves.KEYS[table])] = dict(row)

    async def drop(self, table: str, keys: Sequence[Key]) -> None:
        for key in keys:
            self._of(table).pop(tuple(key), None)

    async def scan(self, table: str, after: Key = (), limit: int = 1000) -> Sequence[Row]:
        keys = sorted(key for key in self._of(table) if key > tuple(after))
        return [self._of(table)[key] for key in keys[:limit]]


class MemoryBox:
    """Goods in memory, by the rules of the real box."""

    def __init__(self) -> None:
        self.goods_kept: dict[str, dict[str, Any]] = {}
        self.variants: dict[str, dict[str, Any]] = {}
        self.group_names: dict[int, tuple[str, int]] = {}
        self.codes: dict[tuple[str, str], str] = {}
        self.calls = 0

    async def groups(self, groups: Sequence[GroupIn]) -> Sequence[int]:
        numbers: list[int] = []
        for one in groups:
            known = {named: number for number, named in self.group_names.items()}
            number = one.number or known.get((one.name, one.parent)) or len(known) + 1
            self.group_names[number] = (one.name, one.parent)
            numbers.append(number)
        return numbers

    async def price_types(self, kinds: Sequence[NamedIn]) -> Sequence[str]:
        return [self._code("price", one) for one in kinds]

    async def warehouses(self, places: Sequence[NamedIn]) -> Sequence[str]:
        return [self._code("store", one) for one in places]

    def _code(self, kind: str, one: NamedIn) -> str:
        made = one.code or self.codes.get((kind, one.name)) or f"{kind}{len(self.codes)}"
        self.codes[kind, one.name] = made
        return made

    async def goods(self, goods: Sequence[GoodIn]) -> Sequence[Outcome]:
        self.calls += 1
        return [self._good(one) for one in goods]

    def _good(self, one: GoodIn) -> Outcome:
        fresh = one.external_id not in self.goods_kept
        if fresh and not one.active:
            return "same"
        kept = self.goods_kept.setdefault(one.external_id, {})
        before = dict(kept)
        for name in ("name", "article", "group", "description", "manufacturer", "properties"):
            told = getattr(one, name)
            if told is not None and not (name in one.fill and kept.get(name)):
                kept[name] = told
        kept["active"] = one.active
        if fresh:
            self.variants[one.external_id] = {"good": one.external_id}
        return "created" if fresh else "same" if before == kept else "changed"

    async def offers(self, offers: Sequence[OfferIn]) -> Sequence[Outcome]:
        self.calls += 1
        return [self._offer(one) for one in offers]

    def _offer(self, one: OfferIn) -> Outcome:
        if one.good not in self.goods_kept:
            return "unknown"
        fresh = one.external_id not in self.variants
        kept = self.variants.setdefault(one.external_id, {"good": one.good})
        for name in ("name", "article", "active"):
            if getattr(one, name) is not None:
                kept[name] = getattr(one, name)
        kept["prices"] = kept.get("prices", {}) | (one.prices or {})
        kept["stock"] = kept.get("stock", {}) | (one.stock or {})
        return "created" if fresh else "changed"

    @property
    def state(self) -> tuple[Any, ...]:
        """Everything that two runs are compared by."""
        return self.goods_kept, self.variants, sorted(self.group_names.values())


class NoOrders:
    """No orders either way."""

    async def query(self, session: Session, now: datetime) -> Answer:
        return Answer(content_type=protocol.XML, body=b"<?xml")

    async def success(self, session: Session) -> None: ...

    async def info(self) -> Answer:
        return Answer()

    async def piece(self, session: Session, name: str, body: bytes) -> None: ...


class House:
    """An exchange; `restart` is what is left after the process was killed."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder, self.settings = folder, settings
        self.tables, self.box = MemoryTables(), MemoryBox()
        self.now = 1_800_000_000
        self.server: Server
        self.imports: Imports

    async def start(self) -> "House":
        store = Shelves(self.tables)
        naming = Naming(store, self.box, "")
        await naming.load()
        translate = Translator(naming.known, Ownership(), "", "main")
        rules = self.settings.get("rules", GuardSettings())
        importer = Importer(store, self.box, naming, translate, rules)
        spool = Spool(self.folder, self.settings.get("most", 1 << 30))
        mode = self.settings.get("mode", "guards")
        self.imports = Imports(store, spool, importer, rules, mode, lambda: self.now)
        self.server = Server(
            store,
            spool,
            self.imports,
            NoOrders(),
            Doorkeeper(LOGIN, PASSWORD),
            hold=self.settings.get("hold", 5.0),
            clock=lambda: self.now,
        )
        return self

    async def call(
        self, query: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> str:
        coded = base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()
        given = {"authorization": f"Basic {coded}", **(headers or {})}
        command = protocol.command(query.encode(), given, body)
        return (await self.server.answer(command)).body.decode()

    async def session(self, kind: str = "catalog") -> "Client":
        lines = (await self.call(f"type={kind}&mode=checkauth")).split("\n")
        return Client(self, kind, f"{lines[1]}={lines[2]}", lines[3])


class Client:
    """A session of a client."""

    def __init__(self, house: House, kind: str, cookie: str, sessid: str) -> None:
        self._house, self._kind, self._cookie, self.sessid = house, kind, cookie, sessid

    async def call(self, rest: str, body: bytes = b"") -> str:
        query = f"type={self._kind}&{rest}&{self.sessid}"
        return await self._house.call(query, body, {"cookie": self._cookie})

    async def upload(self, name: str, body: bytes, piece: int = 1 << 20) -> list[str]:
        return [
            await self.call(f"mode=file&filename={name}", body[at : at + piece])
            for at in range(0, len(body), piece)
        ]

    async def imported(self, name: str) -> str:
        answer = "progress"
        while answer.startswith("progress"):
            answer = await self.call(f"mode=import&filename={name}")
        return answer
