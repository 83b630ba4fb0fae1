"""Clients as the reference describes them: what they send, in which order, what they accept."""

import io
import time
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.onec_client.wire import Answered, Chaos, Lost, Wire

RETRIES = 60
"""How often a portion is begun anew before the run is given up."""


class Refused(Exception):
    """The server answered so that the client stops."""


@dataclass
class Client:
    """What all profiles share.

    Attributes:
        pause: seconds between polls: none for УТ 11, 5 for УНФ, which tests shorten.
        before_retry: what is done before a portion is begun anew: a server may have to be waited
            for.
    """

    wire: Wire
    chaos: Chaos | None = None
    before_retry: Callable[[], None] = lambda: None
    pause: float = 0.0
    kind: str = "catalog"
    cookie: str = ""
    sessid: str = ""
    limit: int = 0
    zipped: bool = True
    answers: list[str] = field(default_factory=list)
    _portion: str = ""

    init_extra = ""

    def ask(self, mode: str, rest: str = "", body: bytes = b"") -> Answered:
        query = f"type={self.kind}&mode={mode}{rest}{self.sessid}"

        def cut(length: int) -> int | None:
            return None if self.chaos is None else self.chaos.place(self._portion, mode, length)

        answer = self.wire.ask(query, body, self.cookie, cut)
        self.answers.append(f"{mode}: {answer.first}")
        return answer

    def checkauth(self) -> None:
        self.cookie = self.sessid = ""
        answer = self.ask("checkauth")
        if answer.first != "success" or len(answer.lines) < 3:
            raise Refused(answer.body.decode())
        self.cookie = f"{answer.lines[1]}={answer.lines[2]}"
        self.sessid = self._sessid(answer.lines)

    def _sessid(self, lines: list[str]) -> str:
        """УТ 11 takes what follows `sessid=` of the fourth line."""
        return f"&sessid={lines[3].removeprefix('sessid=') if len(lines) > 3 else ''}"

    def init(self) -> None:
        answer = self.ask("init", self.init_extra)
        lines = answer.body.decode().split("\n")
        self._check_init(lines)
        self.zipped = lines[0].strip() == "zip=yes"
        self.limit = int(lines[1].removeprefix("file_limit="))

    def _check_init(self, lines: list[str]) -> None:
        """УТ 11: exactly two lines, or «Параметры обмена не получены»."""
        if len(lines) != 2 or not lines[0].startswith("zip="):
            raise Refused("Параметры обмена не получены")

    def upload(self, name: str, data: bytes) -> None:
        for at in range(0, len(data), self.limit or len(data)):
            answer = self.ask(
                "file", f"&filename={name}", data[at : at + (self.limit or len(data))]
            )
            if answer.first != "success":
                raise Refused(answer.body.decode())

    def imported(self, name: str) -> None:
        """Polls without limit; anything but the three words is a failure."""
        while True:
            if self.pause:
                time.sleep(self.pause)
            answer = self.ask("import", f"&filename={name}")
            if answer.first == "success":
                return
            if answer.first != "progress":
                raise Refused(answer.body.decode() or "Получен пустой ответ сервера")

    def portion(self, key: str, send: Callable[[int], None]) -> None:
        """A portion from `checkauth` on; lost on the way it is begun anew in a new session."""
        self._portion = key
        for attempt in range(RETRIES):
            try:
                self.checkauth()
                self.init()
                send(attempt)
            except Lost:
                self.before_retry()
                continue
            return
        raise Refused(f"{key}: gave up")


class Ut11(Client):
    """УТ 11, КА 2, ERP 2: a session and a zip for each XML; retries come under other names."""

    def catalogue(self, files: Iterable[tuple[str, bytes]]) -> None:
        for number, (what, data) in enumerate(files, 1):

            def send(
                attempt: int, what: str = what, data: bytes = data, number: int = number
            ) -> None:
                name = f"{what}0_{number + attempt}.xml"
                if self.zipped:
                    self.upload(f"v8_1A76_{number:02x}{attempt:02x}.zip", packed((name, data)))
                else:
                    self.upload(name, data)
                self.imported(name)

            self.portion(f"{what}{number}", send)


class Unf(Client):
    """УНФ with the Bitrix protocol: names without portions, retried under the same name."""

    init_extra = "&version=2.09&cmlVersion=2.10"

    def _sessid(self, lines: list[str]) -> str:
        return f"&{lines[3]}" if len(lines) > 3 else ""

    def _check_init(self, lines: list[str]) -> None:
        if len(lines) < 2:
            raise Refused("Параметры обмена не получены")

    def catalogue(self, files: Iterable[tuple[str, bytes]]) -> None:
        seen: dict[str, int] = {}
        for what, data in files:
            count = seen[what] = seen.get(what, -1) + 1
            name = f"{what}{count or ''}.xml"

            def send(attempt: int, name: str = name, data: bytes = data) -> None:
                del attempt
                self.upload(name.replace(".xml", ".zip"), packed((name, data)))
                self.imported(name)

            self.portion(name, send)


class Bitrix31(Unf):
    """The Bitrix module from 6.5: everything in one archive, then `deactivate` and `complete`."""

    init_extra = "&version=3.1"

    def catalogue(self, files: Iterable[tuple[str, bytes]]) -> None:
        every = [
            (f"goods/1/{what}___{place}.xml", data) for place, (what, data) in enumerate(files)
        ]

        def send(attempt: int) -> None:
            del attempt
            self.upload("v8_exchange.zip", packed(*every))
            for name, _ in every:
                self.imported(name)
            self.ask("complete")

        self.portion("all", send)


def packed(*files: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return made.getvalue()


def orders_down(client: Client) -> bytes:
    """`query` and `success`; the body as 1C reads it.

    Raises:
        Refused: the body is none that 1C reads.
    """
    client.kind = "sale"
    client.checkauth()
    answer = client.ask("query")
    if not answer.body.startswith(b"<?xml"):
        raise Refused("Не удалось прочитать данные, загруженные с сервера")
    if client.ask("success").first == "failure":
        raise Refused("success")
    return answer.body
