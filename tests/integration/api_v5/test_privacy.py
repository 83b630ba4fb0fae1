"""Nothing about a person leaves by an error text or a log."""

import logging

import pytest

from tests.house_fixture import TestHouse
from tests.integration.api_v5.conftest import Caller
from tests.integration.api_v5.orders_sent import order

CANARIES = ("Канарейкина", "79991112233", "canary@example.ru", "Жёрдочная")


def _poisoned(**changes: object) -> dict[str, object]:
    return (
        order(
            lastName=CANARIES[0],
            phone="+" + CANARIES[1],
            email=CANARIES[2],
            customerComment=f"{CANARIES[3]}, 1",
        )
        | changes
    )


async def test_no_word_about_a_person_is_in_a_refusal_or_a_log(
    shop: Caller, other: Caller, house: TestHouse, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []

    async def send(path: str, **fields: object) -> None:
        said.append(str(await shop.post(path, **fields)))
        assert shop.status >= 400, path

    await shop.post("orders/create", order=_poisoned())
    await send("orders/create", order=_poisoned())
    await send("orders/create", order=_poisoned(externalId="2", status="nope"))
    await send("orders/create", order=_poisoned(externalId="2", createdAt=CANARIES[0]))
    await send("orders/create", order=_poisoned(externalId="2", lastName={"x": CANARIES[0]}))
    await send("orders/create", order=_poisoned(externalId="2", lastName=CANARIES[0] * 9999))
    await send("orders/create", order=_poisoned(externalId="2", items=[CANARIES[0]]))
    await send("orders/create", order=_poisoned(externalId="2", items=[{"offer": {"id": 9}}]))
    await send("orders/create", order=f'{{"lastName": "{CANARIES[0]}"')
    await send("orders/upload", orders=[_poisoned(externalId="3", status="nope")])
    await send("customers/create", customer={"firstName": CANARIES[0], "birthday": CANARIES[0]})
    await send("orders/1044/edit", order=_poisoned(status="nope"))
    said.append(str(await shop.get(f"customers/{CANARIES[2]}")))
    said.append(str(await shop.get("customers", f"filter[{CANARIES[3]}]=1&filter[ids][]=x")))
    said.append(str(await other.get("orders/1044")))
    ours = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("httpx")
    )
    assert "/api/v5/orders/create 400" in ours
    for canary in CANARIES:
        assert canary not in ours
        assert all(canary not in text for text in said[:-2])


async def test_a_bug_answers_in_json_and_logs_no_value(
    shop: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from appliance.api.v5 import orders  # noqa: PLC0415  patched here only

    def broken(*args: object, **named: object) -> None:
        raise ValueError(f"cannot take {CANARIES[0]}")

    monkeypatch.setattr(orders, "read_draft", broken)
    body = await shop.post("orders/create", order=_poisoned())
    assert (shop.status, body["errorMsg"]) == (500, "Internal server error")
    assert "ValueError" in caplog.text
    assert CANARIES[0] not in caplog.text
    assert CANARIES[0] not in str(body)
