"""SMSC.ru in memory: credentials, money, errors under 200, late statuses, callbacks."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha1
from typing import Any, Final
from urllib.parse import urlencode

from appliance.plugin_api.fakes import (
    Deed,
    FakePush,
    FakeReply,
    FakeRequest,
    Field,
    Shown,
    now,
    said,
)
from appliance.plugin_api.fakes import (
    Fake as Base,
)

PUSH: Final = "/x/sms_smsc/push"
LONGEST_ID: Final = 40
MANY_WRONG: Final = 5
HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
DIGITS: Final = 11
ERRORS: Final[Mapping[int, str]] = {
    1: "parameters error",
    2: "authorise error",
    3: "no money",
    4: "IP is blocked",
    5: "invalid date format",
    6: "message is denied",
    7: "invalid number",
    8: "message to this number can not be delivered",
    9: "duplicate request, wait a minute",
}
_REASONS: Final = ("20", "22", "23", "24", "25")


class Fake(Base):
    """An account at SMSC.ru.

    Attributes:
        messages: by id, oldest first.
        left: kopecks on the account.
        per_part: kopecks of one part.
        barred: numbers that no operator delivers to.
        names: sender's names that were agreed to.
        virtual: the cabinet's «виртуальная отправка»: all is said, nothing is sent.
        late: how many readings a new status comes late by.
    """

    title = "SMSC.ru"
    deeds = (
        Deed(name="deliver", title="Доставить", fields=(Field(name="message", title="СМС"),)),
        Deed(name="read", title="Прочитать", fields=(Field(name="message", title="СМС"),)),
        Deed(name="expire", title="Истёк срок", fields=(Field(name="message", title="СМС"),)),
        Deed(
            name="refuse",
            title="Не доставлена",
            fields=(
                Field(name="message", title="СМС"),
                Field(name="status", title="Код", default="20", choices=_REASONS),
            ),
        ),
        Deed(
            name="refill",
            title="Пополнить",
            fields=(Field(name="rubles", title="₽", default="500"),),
        ),
    )

    def __init__(
        self, clock: Callable[[], datetime] = now, login: str = "shop", password: str = ""
    ) -> None:
        super().__init__(clock)
        self.login, self.password, self.secret = login, password or "invented", "слово"
        self.messages: dict[str, dict[str, Any]] = {}
        self.left, self.per_part = 500_00, 380
        self.barred: set[str] = set()
        self.names = {"TEPLYDOM"}
        self.virtual = False
        self.late = 0
        self._wrong: list[datetime] = []
        self._last: dict[tuple[str, str], datetime] = {}

    def settings(self) -> Mapping[str, str]:
        return {
            "login": self.login,
            "password": self.password,
            "sender": "TEPLYDOM",
            "secret": self.secret,
        }

    def state(self) -> Sequence[Shown]:
        return (
            Shown(
                title=f"СМС, на счёте {self.left / 100:.2f} ₽",
                columns=("id", "номер", "текст", "подпись", "состояние"),
                rows=tuple(
                    (key, one["phone"], one["text"], one["sender"], one["status"])
                    for key, one in self.messages.items()
                ),
            ),
        )

    def error_in_200(self, request: FakeRequest) -> FakeReply:
        return _error(9)

    # --- the interface ---

    def answer(self, request: FakeRequest) -> FakeReply:
        """Answer one request as SMSC does: 200, whatever is amiss."""
        form, moment = request.form, self.clock()
        refused = self._refused(request, form, moment)
        if refused is not None:
            return refused
        match request.path:
            case "/sys/send.php":
                return self._send(form, moment)
            case "/sys/status.php":
                return self._status(form)
            case "/sys/balance.php":
                return said({"balance": _sum(self.left)})
            case _:
                return _error(1)

    def _refused(
        self, request: FakeRequest, form: Mapping[str, str], moment: datetime
    ) -> FakeReply | None:
        if request.method != "POST" or request.query or form.get("fmt") != "3":
            return _error(1)  # the address is ours alone: credentials are no part of addresses
        self._wrong = [one for one in self._wrong if moment - one < HOUR]
        if len(self._wrong) >= MANY_WRONG:
            return _error(4)
        known = form.get("apikey") == self.password or (
            form.get("login") == self.login and form.get("psw") == self.password
        )
        if known:
            return None
        self._wrong.append(moment)
        return _error(2)

    def _send(self, form: Mapping[str, str], moment: datetime) -> FakeReply:
        phone, text, key = form.get("phones", ""), form.get("mes", ""), form.get("id", "")
        parts = _parts(text)
        price = parts * self.per_part
        asks = form.get("cost") == "1"
        wrong = self._wrong_with(form, moment, 0 if asks else price)
        if wrong:
            return _error(wrong)
        if asks:
            return said({"cost": _sum(price), "cnt": parts})
        self._last[phone, text] = moment
        self.left -= price
        self.messages[key] = {
            "phone": phone,
            "text": text,
            "sender": form.get("sender") or "SMSC",
            "status": -1,
            "shown": -1,
            "late": 0,
        }
        return said({"id": key, "cnt": parts, "cost": _sum(price), "balance": _sum(self.left)})

    def _wrong_with(self, form: Mapping[str, str], moment: datetime, price: int) -> int:
        """Code of what is wrong with a message, 0 for nothing; one that is free is but priced."""
        phone, text, sender = form.get("phones", ""), form.get("mes", ""), form.get("sender", "")
        again = moment - self._last.get((phone, text), moment - HOUR) < MINUTE
        found = (
            (1, not text or len(form.get("id", "")) > LONGEST_ID),
            (7, not phone.isdecimal() or len(phone) != DIGITS),
            (6, bool(sender and sender not in self.names) or "казино" in text.lower()),
            (8, phone in self.barred),
            (9, bool(price) and again),
            (3, price > self.left),
        )
        return next((code for code, is_so in found if is_so), 0)

    def _status(self, form: Mapping[str, str]) -> FakeReply:
        one = self.messages.get(form.get("id", ""))
        if one is None or one["phone"] != form.get("phone"):
            return said({"status": -3})
        if one["late"]:
            one["late"] -= 1
        else:
            one["shown"] = one["status"]
        return said(
            {"status": one["shown"], "last_date": "01.02.2026 12:30:00", "last_timestamp": 0}
        )

    # --- what happens there ---

    def _becomes(self, message: str, status: int) -> None:
        if self.virtual:
            return
        one = self.messages[message]
        one["status"], one["late"] = status, self.late
        told = f"{message}:{one['phone']}:{status}:{self.secret}"
        body = {
            "id": message,
            "phone": one["phone"],
            "status": str(status),
            "time": "01.02.2026 12:30:00",
            "err": "0",
            "cnt": "1",
            "type": "0",
            "sha1": sha1(told.encode(), usedforsecurity=False).hexdigest(),
        }
        kind = {"content-type": "application/x-www-form-urlencoded"}
        self.push(FakePush(path=PUSH, headers=kind, body=urlencode(body).encode()))

    def do_deliver(self, message: str) -> None:
        """It is on the phone."""
        self._becomes(message, 1)

    def do_read(self, message: str) -> None:
        """Somebody reads it."""
        self._becomes(message, 2)

    def do_expire(self, message: str) -> None:
        """The phone was off for too long."""
        self._becomes(message, 3)

    def do_refuse(self, message: str, status: str = "20") -> None:
        """The operator does not deliver it."""
        self._becomes(message, int(status))

    def do_refill(self, rubles: str) -> None:
        """Somebody pays in."""
        self.left += int(rubles) * 100


def _parts(text: str) -> int:
    """As the service counts: Latin by 160 and 153, anything else by 70 and 67."""
    whole, each = (160, 153) if text.isascii() else (70, 67)
    length = len(text.encode("utf-16-le")) // 2
    return 1 if length <= whole else -(-length // each)


def _error(code: int) -> FakeReply:
    return said({"error": ERRORS[code], "error_code": code})


def _sum(kopecks: int) -> str:
    return f"{kopecks / 100:.2f}"
