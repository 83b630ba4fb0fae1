"""Files: bytes in and out untouched, whose they are, and who may see them."""

from urllib.parse import quote

import httpx

from tests.house_fixture import TestHouse
from tests.integration.api_v5.conftest import Caller
from tests.integration.api_v5.orders_sent import CUSTOMER, order

BODY = b"a=1&b=%D0%90\x00\xff" + bytes(range(256))
FORM = "application/x-www-form-urlencoded"


async def test_rule_2_an_upload_keeps_the_body_byte_for_byte(
    shop: Caller, other: Caller, house: TestHouse, http: httpx.AsyncClient
) -> None:
    await shop.post("customers/create", customer=CUSTOMER)
    made = await shop.post("orders/create", order=order(9))
    for kind in (FORM, "multipart/form-data; boundary=x", "image/png"):
        kept = await shop.raw("files/upload", BODY, kind)
        number = kept["file"]["id"]
        answer = await http.get(f"/api/v5/files/{number}/download", headers={"x-api-key": shop.key})
        assert answer.content == BODY
        assert answer.headers["content-type"] == "application/octet-stream"

    # until it is said whose it is, only the key that sent it sees it
    await other.get(f"files/{number}")
    assert other.status == 404
    name = "Договор № 5.pdf"
    sent = {"filename": name, "attachment": [{"customer": {"externalId": "17"}}]}
    edited = (await shop.post(f"files/{number}/edit", file=sent))["file"]
    assert (edited["filename"], edited["size"]) == (name, len(BODY))
    assert edited["attachment"][0]["customer"]["externalId"] == "17"
    answer = await http.get(f"/api/v5/files/{number}/download", headers={"x-api-key": shop.key})
    assert answer.content == BODY
    assert quote("Договор", safe="") in answer.headers["content-disposition"]
    await other.get(f"files/{number}/download")
    assert other.status == 404
    await shop.post(f"files/{number}/edit", file={"attachment": [{"order": {"id": made["id"]}}]})
    found = await shop.get("files", f"filter[orderIds][]={made['id']}")
    assert [(one["id"], one["filename"]) for one in found["files"]] == [(number, name)]

    cells = await house.rows("SELECT text FROM timeline_entry WHERE kind = 'file'")
    assert not any("Договор".encode() in bytes(cell) for (cell,) in cells)  # type: ignore[arg-type]
    await shop.post(f"files/{number}/delete")
    await shop.get(f"files/{number}")
    assert shop.status == 404
    await shop.raw("files/upload", b"", FORM)
    assert shop.status == 400
    await shop.post(f"files/{number}/edit", file=sent)
    assert shop.status == 404
