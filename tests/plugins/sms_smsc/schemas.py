"""SMSC.ru's interface as its documentation has it: what may be sent, what may be answered."""

from typing import Any

import msgspec

from tests.vendors.shapes import Operation, Shapes


class Keys(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    login: str = ""
    psw: str = ""
    apikey: str = ""
    fmt: str
    charset: str = "utf-8"


class Send(Keys, forbid_unknown_fields=True, kw_only=True):
    phones: str
    mes: str
    sender: str = ""
    id: str = ""
    cost: str = "0"


class Status(Keys, forbid_unknown_fields=True, kw_only=True):
    phone: str
    id: str


class Said(msgspec.Struct, kw_only=True):
    """Success and failure alike come under 200."""

    id: Any = None
    cnt: int = 0
    cost: str = ""
    balance: str = ""
    status: int = 0
    error: str = ""
    error_code: int = 0


CONTRACT = Shapes(
    "SMSC.ru",
    {
        "POST /sys/send.php": Operation(Send, {200: Said}),
        "POST /sys/status.php": Operation(Status, {200: Said}),
        "POST /sys/balance.php": Operation(Keys, {200: Said}),
    },
)
