"""The Post's tracking: one question of SOAP 1.2, and its answer read without trusting it.

Expat as it is, with neither a document type nor entities, and with limits of depth and size: the
answer comes from outside.
"""

from datetime import datetime, timedelta, timezone
from typing import Final, NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape

from appliance.plugin_api.outcomes import Retry

LONGEST: Final = 2 << 20
"""Bytes: a parcel has some dozens of steps of two kilobytes each."""
DEEPEST: Final = 32
MOST: Final = 50_000
"""Elements."""
MOSCOW: Final = timezone(timedelta(hours=3))
"""The Post's own time, where it names none."""

ASKED: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:oper="http://russianpost.org/operationhistory"'
    ' xmlns:data="http://russianpost.org/operationhistory/data"'
    ' xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header/><soap:Body>'
    "<oper:getOperationHistory><data:OperationHistoryRequest>"
    "<data:Barcode>{barcode}</data:Barcode><data:MessageType>0</data:MessageType>"
    "<data:Language>RUS</data:Language></data:OperationHistoryRequest>"
    '<data:AuthorizationHeader soapenv:mustUnderstand="1"><data:login>{login}</data:login>'
    "<data:password>{password}</data:password></data:AuthorizationHeader>"
    "</oper:getOperationHistory></soap:Body></soap:Envelope>"
)


WANTED: Final = frozenset(
    {
        "OperationParameters/OperDate",
        "OperType/Id",
        "OperAttr/Id",
        "OperationAddress/Description",
        "OperationAddress/Index",
    }
)
"""Of a record; the rest of it, names of people above all, is not even kept."""


class Operation(NamedTuple):
    """One operation; `place` is the office's, never a person's."""

    kind: int
    attribute: int
    at: datetime
    place: str
    postcode: str


class History(NamedTuple):
    """What was answered.

    Attributes:
        fault: `key` (login or password), `limit` (the day's requests are used up), `unknown` (no
            such parcel yet), `other`; empty: none.
    """

    operations: tuple[Operation, ...] = ()
    fault: str = ""


class _TooMuch(Exception):
    """The answer is none of the Post's."""


class _Reader:
    """Takes elements in; names are compared without their namespaces."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.text: list[str] = []
        self.count = 0
        self.record: dict[str, str] = {}
        self.records: list[dict[str, str]] = []
        self.faults: dict[str, str] = {}
        self.is_answer = False

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self.count += 1
        name = tag.rpartition(":")[2]
        if len(self.path) >= DEEPEST or self.count > MOST:
            raise _TooMuch
        self.path.append(name)
        self.text.clear()
        if name == "historyRecord":
            self.record = {}
        elif name in {"getOperationHistoryResponse", "Fault"}:
            self.is_answer = True

    def data(self, text: str) -> None:
        self.text.append(text)

    def end(self, _tag: str) -> None:
        name = self.path.pop()
        text = "".join(self.text).strip()
        self.text.clear()
        if name == "historyRecord":
            self.records.append(self.record)
        elif "historyRecord" in self.path:
            if (key := f"{self.path[-1]}/{name}") in WANTED:
                self.record[key] = text
        elif "Fault" in self.path and text:
            self.faults[name] = text


def _no_doctype(*_about: object) -> None:
    raise _TooMuch


def question(barcode: str, login: str, password: str) -> bytes:
    """The envelope to send."""
    return ASKED.format(
        barcode=escape(barcode), login=escape(login), password=escape(password)
    ).encode()


def history(body: bytes) -> History:
    """Read an answer.

    Raises:
        Retry: `answer_garbled`: it is something else.
    """
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    try:
        if len(body) > LONGEST:
            raise _TooMuch
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError, _TooMuch):
        raise Retry("answer_garbled") from None
    if not reader.is_answer:
        raise Retry("answer_garbled")
    found = (_operation(one) for one in reader.records)
    return History(
        operations=tuple(one for one in found if one is not None), fault=_fault(reader.faults)
    )


def _fault(faults: dict[str, str]) -> str:
    if not faults:
        return ""
    if "AuthorizationFaultReason" in faults:
        # The same element says that the day's requests are used up: only its words differ.
        words = faults["AuthorizationFaultReason"].casefold()
        return "limit" if "лимит" in words or "превыш" in words else "key"
    return "unknown" if "OperationHistoryFaultReason" in faults else "other"


def _operation(record: dict[str, str]) -> Operation | None:
    """A record; None where it has no kind or no time."""
    at = moment(record.get("OperationParameters/OperDate", ""))
    kind = record.get("OperType/Id", "")
    attribute = record.get("OperAttr/Id", "")
    if at is None or not kind.isdecimal():
        return None
    return Operation(
        kind=int(kind),
        attribute=int(attribute) if attribute.isdecimal() else 0,
        at=at,
        place=record.get("OperationAddress/Description", ""),
        postcode=record.get("OperationAddress/Index", ""),
    )


def moment(text: str) -> datetime | None:
    """The Post's time, `2026-05-04T12:00:00.000+03:00`; None: it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=MOSCOW)
