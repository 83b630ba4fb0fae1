"""What the Post's tracking answers: envelopes of SOAP 1.2, as its fake sends them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from appliance.plugin_api.fakes import FakeReply

NAMESPACE: Final = "http://russianpost.org/operationhistory/data"
ENVELOPE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body>{}</S:Body></S:Envelope>'
)
Passed = tuple[int, int, datetime, str]
"""Kind and attribute of an operation, when, and the postcode of its office."""


def answered(barcode: str, way: Sequence[Passed]) -> FakeReply:
    """The operations of a number."""
    inner = "".join(_record(barcode, *one) for one in way)
    return _soap(
        f'<ns7:getOperationHistoryResponse xmlns:ns3="{NAMESPACE}" '
        'xmlns:ns7="http://russianpost.org/operationhistory"><ns3:OperationHistoryData>'
        f"{inner}</ns3:OperationHistoryData></ns7:getOperationHistoryResponse>"
    )


def _soap(inner: str, status: int = 200) -> FakeReply:
    return FakeReply(
        status=status,
        headers={"content-type": "application/soap+xml; charset=utf-8"},
        body=ENVELOPE.format(inner).encode(),
    )


def fault(element: str, words: str) -> FakeReply:
    """A refusal: SOAP says it under 500."""
    return _soap(
        "<S:Fault><S:Code><S:Value>S:Receiver</S:Value></S:Code><S:Reason>"
        f'<S:Text xml:lang="ru">{element}</S:Text></S:Reason><S:Detail>'
        f'<ns3:{element} xmlns:ns3="{NAMESPACE}">{words}</ns3:{element}></S:Detail></S:Fault>',
        500,
    )


def _record(barcode: str, kind: int, attribute: int, at: datetime, index: str) -> str:
    moment = at.isoformat(timespec="milliseconds")
    return (
        "<ns3:historyRecord><ns3:AddressParameters><ns3:DestinationAddress>"
        f"<ns3:Index>{index}</ns3:Index></ns3:DestinationAddress><ns3:OperationAddress>"
        f"<ns3:Index>{index}</ns3:Index><ns3:Description>Отделение {escape(index)}"
        "</ns3:Description></ns3:OperationAddress></ns3:AddressParameters>"
        f"<ns3:ItemParameters><ns3:Barcode>{barcode}</ns3:Barcode></ns3:ItemParameters>"
        f"<ns3:OperationParameters><ns3:OperType><ns3:Id>{kind}</ns3:Id><ns3:Name>…</ns3:Name>"
        f"</ns3:OperType><ns3:OperAttr><ns3:Id>{attribute}</ns3:Id></ns3:OperAttr>"
        f"<ns3:OperDate>{moment}</ns3:OperDate></ns3:OperationParameters>"
        "<ns3:UserParameters><ns3:Rcpn>С*** А***</ns3:Rcpn></ns3:UserParameters>"
        "</ns3:historyRecord>"
    )
