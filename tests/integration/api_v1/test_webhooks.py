"""Programs are told what happened: signed, in order, again when it failed, and not inwards."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from appliance.actions import _gate
from appliance.domain.webhooks import signature
from appliance.jobs.webhooks import Webhooks
from appliance.plugin_host.postman import Postman
from tests.house_fixture import TestHouse
from tests.integration.api_v1.conftest import Program, Programs
from tests.integration.api_v1.test_door import order


@dataclass
class Receiver:
    """A program's server on this machine."""

    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(
            line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line
        )
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.got.append((headers, body))
        self.came.set()
        writer.write(f"HTTP/1.1 {self.status} X\r\ncontent-length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    made = Receiver()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


async def telling(house: TestHouse) -> tuple[Postman, Webhooks]:
    postman = Postman(house.database, house.clock, {})
    hooks = Webhooks(
        house.system, postman.admit, postman.dismiss, lambda: house.clock().timestamp()
    )
    await hooks.follow()
    return postman, hooks


async def manager(programs: Programs) -> Program:
    from appliance.actions import roles_admin  # noqa: PLC0415

    await roles_admin.seed_presets(programs.house.system)
    return await programs.make(role="administrator", scopes=("order_write", "order_read"))


def asked(port: int, **more: Any) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}/in"
    return {"name": "Склад", "url": url, "events": ["order_placed"], "lan": True, **more}


@pytest.mark.checklist(55)
async def test_an_address_is_told_signed_and_again_until_it_takes_it(
    programs: Programs, house: TestHouse
) -> None:
    program = await manager(programs)
    async with receiving() as receiver:
        made = await program.post("/webhooks", asked(receiver.port))
        assert program.status == 201 and len(made["secret"]) > 40
        postman, hooks = await telling(house)
        number = (await program.post("/orders", order()))["number"]
        receiver.status = 503
        await postman.run_due()
        receiver.status = 200
        await postman.run_due()
        assert len(receiver.got) == 1, "an address that is down is left alone for a while"
        house.clock.pass_(minutes=3)
        await postman.run_due()
        headers, body = receiver.got[-1]
        told = json.loads(body)
        assert (told["event"], told["order_number"]) == ("order_placed", number)
        assert "Ольга" not in body.decode() and "9161234567" not in body.decode()
        moment = int(house.clock().timestamp())
        assert headers["korobka-signature"] == signature(made["secret"], moment, body)
        assert [json.loads(one)["id"] for _, one in receiver.got] == [told["id"]] * 2

        again = f"/webhooks/{made['number']}/deliveries/{told['id']}/replay"
        await program.post(again)
        assert program.status == 204
        await postman.run_due()
        assert len(receiver.got) == 3 and receiver.got[-1][0]["korobka-delivery"] == told["id"]
        await program.post(f"/webhooks/{made['number']}/test")
        await postman.run_due()
        assert json.loads(receiver.got[-1][1])["event"] == "test"
        tries = await program.get(f"/webhooks/{made['number']}/tries")
        assert [one["status"] for one in tries["items"]] == [200, 200, 200, 503]
        listed = (await program.get("/webhooks"))["items"]
        assert (listed[0]["waiting"], listed[0]["dead"], listed[0]["last_status"]) == (0, 0, 200)
        assert "secret" not in listed[0]

        await program.ask("DELETE", f"/webhooks/{made['number']}")
        await hooks.follow()
        await program.post("/orders", order())
        await postman.run_due()
        assert len(receiver.got) == 4


async def test_no_address_leads_into_the_box_or_its_network_unless_it_was_said(
    programs: Programs, house: TestHouse
) -> None:
    program = await manager(programs)
    cases = [
        ({"lan": False}, "url", "address_plain"),
        ({"url": "ftp://shop.example.ru"}, "url", "address_unreadable"),
        ({"url": "https://root@shop.example.ru/"}, "url", "address_unreadable"),
        ({"events": ["letter_requested"]}, "events", "event_unknown"),
        ({"events": []}, "events", "event_missing"),
        ({"shop": "nowhere"}, "shop", "code_unknown"),
    ]
    for more, path, code in cases:
        said = await program.post("/webhooks", asked(1, **more))
        assert [(one["path"], one["code"]) for one in said["errors"]] == [(path, code)]
    made = await program.post(
        "/webhooks", asked(1, url="https://127.0.0.1:1/", lan=False, name="внутрь")
    )
    linked = await program.post("/webhooks", asked(1, url="http://169.254.169.254/latest"))
    postman, _ = await telling(house)
    await program.post("/orders", order())
    await postman.run_due()
    for number in (made["number"], linked["number"]):
        (tried,) = (await program.get(f"/webhooks/{number}/tries"))["items"]
        assert (tried["code"], tried["state"]) == ("address_not_allowed", "dead")
    reader = await programs.make(scopes=("order_read",))
    assert (await reader.get("/webhooks"))["code"] == "denied"


async def test_a_shops_address_hears_of_that_shop_alone(
    programs: Programs, house: TestHouse
) -> None:
    program = await manager(programs)
    async with receiving() as receiver:
        await program.post("/shops", {"number": 0, "code": "second", "name": "Второй"})
        await program.post("/webhooks", asked(receiver.port, shop="second"))
        postman, _ = await telling(house)
        await program.post("/orders", order())
        await postman.run_due()
        assert receiver.got == []
        number = (await program.post("/orders", order(shop="second")))["number"]
        await postman.run_due()
        assert [json.loads(body)["order_number"] for _, body in receiver.got] == [number]


async def test_what_a_deed_leaves_in_the_outbox_is_taken_at_the_first_try(
    programs: Programs, house: TestHouse
) -> None:
    program = await manager(programs)
    async with receiving() as receiver:
        await program.post("/webhooks", asked(receiver.port))
        postman, _ = await telling(house)
        _gate.house().posted = postman.poke
        await program.post("/orders", order(), idempotency_key="once")
        async with asyncio.timeout(20):
            await receiver.came.wait()
        await postman.run_due()
        await postman.stop()
        assert len(receiver.got) == 1
        rows = await house.rows("SELECT attempts, state, last_error FROM event_delivery")
        assert rows == [(1, "done", "")]
