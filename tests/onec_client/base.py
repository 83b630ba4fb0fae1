"""A 1C base: what it does in which order, and what it takes for success."""

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as Tree

from tests.onec_client.wire import Lost, Reply, Wire

MOST_POLLS = 20_000
"""A base polls without a limit; a test must end."""

MOST_REPEATS = 60
"""How often a portion is sent again: a base does it three times and then at each next exchange."""


class Refused(Exception):
    """The site answered something that the base takes for a failure; its text is for people."""


@dataclass(frozen=True)
class Profile:
    """Habits of one configuration.

    Attributes:
        name: of the configuration.
        init: what stands after `mode=init` of a query; УНФ and Bitrix name versions there.
        bare_init: takes exactly two lines, with no end of line after the second.
        fourth_line_verbatim: adds line 4 of `checkauth` to each query as it is; УТ 11 takes what
            follows `sessid=` and writes the name itself.
        sale_init: begins a session of orders with `init`, too.
        renames: a portion that is sent again has another name.
        zipped: sends archives where the site takes them.
        says_complete: ends a full exchange with `deactivate` and `complete`.
    """

    name: str
    init: str = ""
    bare_init: bool = False
    fourth_line_verbatim: bool = False
    sale_init: bool = False
    renames: bool = False
    zipped: bool = True
    says_complete: bool = False


UT11 = Profile("УТ 11", bare_init=True, renames=True)
UT11_PLAIN = Profile("УТ 11, без архивов", bare_init=True, renames=True, zipped=False)
UNF = Profile(
    "УНФ", init="&version=2.09&cmlVersion=2.10", fourth_line_verbatim=True, sale_init=True
)
BITRIX = Profile("Битрикс 3.1", init="&version=3.1", sale_init=True, says_complete=True)


@dataclass(frozen=True)
class Portion:
    """What one session carries: XML by the name it has in its folder, and pictures.

    Attributes:
        files: in the order they are imported.
        pictures: by their path beside the XML.
    """

    files: dict[str, bytes]
    pictures: dict[str, bytes] = field(default_factory=dict[str, bytes])


@dataclass
class _Session:
    cookie: str
    suffix: str
    limit: int
    zipped: bool


class Base:
    """One base, bound to one site."""

    def __init__(
        self,
        wire: Wire,
        profile: Profile,
        path: str = "/1c_exchange",
        *,
        limit: int = 0,
        rest: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin nothing yet.

        Args:
            wire: to the site.
            profile: habits.
            path: of the exchange.
            limit: bytes of a piece, where it is less than the site takes.
            rest: called after each loss, before the portion is sent again.
        """
        self._wire, self._profile, self._path, self._limit = wire, profile, path, limit
        self._rest = rest
        self._portions = 0
        self.repeats = 0
        self.said: list[str] = []

    # --- goods ---

    def send_goods(self, portions: Sequence[Portion]) -> None:
        """Send a catalogue, a session for each portion, each until it was taken.

        Raises:
            Refused: the site does not take a portion, and would not the next time.
        """
        for number, portion in enumerate(portions):
            self._until_done(lambda n=number, p=portion: self._send(n, p))
        if self._profile.says_complete:
            self._until_done(self._complete)

    def _until_done(self, step: Callable[[], None]) -> None:
        for _ in range(MOST_REPEATS):
            try:
                step()
            except Lost:
                self.repeats += 1
                self._rest()
            else:
                return
        raise AssertionError("a portion never came through")

    def _send(self, number: int, portion: Portion) -> None:
        self._portions += 1
        session = self._begin("catalog", f"portion {number}")
        told = self._told(portion)
        for at, (name, data) in enumerate(self._uploads(session, told, portion)):
            self._upload(session, "catalog", f"portion {number} file {at}", name, data)
        for place, name in enumerate(told):
            self._import(session, "catalog", f"portion {number} import {place}", name)

    def _told(self, portion: Portion) -> dict[str, bytes]:
        """Files under the names of this try: the counter of portions grows on a repetition."""
        if not (self._profile.renames and self.repeats):
            return dict(portion.files)
        return {
            f"{name.removesuffix('.xml')}_{self._portions}.xml": data
            for name, data in portion.files.items()
        }

    def _uploads(
        self, session: _Session, told: dict[str, bytes], portion: Portion
    ) -> list[tuple[str, bytes]]:
        loose = [*told.items(), *portion.pictures.items()]
        if not session.zipped:
            return loose
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in loose:
                archive.writestr(name, data)
        return [(f"v8_{self._portions:04X}_1.zip", packed.getvalue())]

    def _complete(self) -> None:
        session = self._begin("catalog", "the end")
        self._get(session, "catalog", "complete", "the end complete")

    # --- orders ---

    def fetch_orders(self, take: Callable[[Tree.Element], None]) -> None:
        """Ask for orders; `take` stores them, and only what it took is confirmed.

        Raises:
            Refused: the answer is not what the base can read.
        """

        def step() -> None:
            session = self._begin("sale", "orders", with_init=self._profile.sale_init)
            reply = self._ask(session, "GET", "type=sale&mode=query", "orders query")
            if not reply.body.startswith(b"<?xml"):
                raise Refused("Не удалось прочитать данные, загруженные с сервера")
            take(Tree.fromstring(reply.body))  # noqa: S314 - of our own box
            self._get(session, "sale", "success", "orders success")

        self._until_done(step)

    def send_orders(self, name: str, data: bytes) -> None:
        """Send documents of the base."""

        def step() -> None:
            session = self._begin("sale", f"documents {name}")
            self._upload(session, "sale", f"documents {name}", name, data)
            self._import(session, "sale", f"documents {name} import", name)

        self._until_done(step)

    # --- one session ---

    def _begin(self, kind: str, what: str, *, with_init: bool = True) -> _Session:
        reply = self._wire.ask(
            "GET", f"{self._path}?type={kind}&mode=checkauth", f"{what} checkauth"
        )
        lines = reply.text.split("\n")
        if lines[0].strip().lower() != "success" or len(lines) < 3:
            raise Refused(reply.text)
        fourth = lines[3] if len(lines) > 3 else ""
        # УТ 11 sends an empty sessid where line 4 is missing.
        own = f"&sessid={fourth.removeprefix('sessid=')}"
        session = _Session(
            cookie=f"{lines[1]}={lines[2]}",
            suffix=f"&{fourth}" if self._profile.fourth_line_verbatim else own,
            limit=self._limit,
            zipped=False,
        )
        if with_init:
            self._init(session, kind, what)
        return session

    def _init(self, session: _Session, kind: str, what: str) -> None:
        query = f"type={kind}&mode=init{self._profile.init}"
        text = self._ask(session, "GET", query, f"{what} init").text
        lines = text.split("\n")
        known = len(lines) == 2 if self._profile.bare_init else len(lines) >= 2
        if not known or lines[0] not in {"zip=yes", "zip=no"}:
            raise Refused("Параметры обмена не получены")
        takes = int(lines[1].removeprefix("file_limit="))
        session.zipped = self._profile.zipped and lines[0] == "zip=yes"
        session.limit = min(takes, self._limit) if self._limit else takes

    def _upload(self, session: _Session, kind: str, what: str, name: str, data: bytes) -> None:
        size = session.limit if session.limit > 0 else len(data)
        for at in range(0, len(data), size):
            query = f"type={kind}&mode=file&filename={name}"
            reply = self._ask(
                session, "POST", query, f"{what} piece {at // size}", data[at : at + size]
            )
            if _first(reply) != "success":
                raise Refused(reply.text)

    def _import(self, session: _Session, kind: str, what: str, name: str) -> None:
        """Ask until it is done: with no pause, as УТ 11 does."""
        query = f"type={kind}&mode=import&filename={name}"
        for poll in range(MOST_POLLS):
            reply = self._ask(session, "GET", query, f"{what} poll {poll}")
            match _first(reply):
                case "progress":
                    continue
                case "success":
                    self.said.append(reply.text)
                    return
                case _:
                    raise Refused(reply.text)
        raise AssertionError("the import never ended")

    def _get(self, session: _Session, kind: str, mode: str, what: str) -> None:
        reply = self._ask(session, "GET", f"type={kind}&mode={mode}", what)
        if _first(reply) != "success":
            raise Refused(reply.text)

    def _ask(
        self, session: _Session, method: str, query: str, what: str, body: bytes | None = None
    ) -> Reply:
        target = f"{self._path}?{query}{session.suffix}"
        reply = self._wire.ask(method, target, what, cookie=session.cookie, body=body)
        if not reply.body:
            raise Refused("Получен пустой ответ сервера")
        return reply


def _first(reply: Reply) -> str:
    """The first line decides, whatever the status."""
    return reply.text.partition("\n")[0].strip().lower()
