"""The act and its extract: every field of the order, proofs that plain code checks, one right."""

import base64
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.actions import acts, destruction, legal_entities, subjects
from appliance.audit import outbox_rows
from appliance.audit.chain import EpochKey
from appliance.audit.log import AuditLog
from appliance.audit.sealer import Sealer
from appliance.domain.acts import ActSettings, ActState, Operator, PaperLine
from appliance.domain.papers import EntityDraft, OwnRequisites
from appliance.domain.personal import Personal
from appliance.domain.subjects import RequestState, RequestView
from appliance.errors import Conflict, Denied, Invalid
from appliance.jobs.acts import write_acts
from appliance.storage import subject_requests
from tests.house_fixture import TestHouse
from tests.integration.subjects.scene import NAME, PHONE, Machine, agreed, asked, officer, somebody

pytestmark = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
ZONE = ZoneInfo("Europe/Moscow")


@asynccontextmanager
async def log_of(house: TestHouse, folder: Path) -> AsyncGenerator[Sealer]:
    """A log behind this house, as a server has it."""
    key = EpochKey(*house.vault.audit_epoch_key())
    AuditLog.create(folder / "audit.db", "0badbox", house.clock(), key).close()
    log = AuditLog(folder / "audit.db")

    async def fetch(limit: int) -> list[outbox_rows.OutboxRow]:
        return await house.database.read(lambda: outbox_rows.waiting(limit))

    async def forget(ids: outbox_rows.Ids) -> None:
        await house.database.write(lambda: outbox_rows.forget(ids))

    sealer = Sealer(log, house.vault, fetch, forget, clock=house.clock)
    sealer.start()
    yield sealer
    log.close()


async def destroyed(house: TestHouse) -> RequestView:
    """Somebody whom two agreed to destroy and who is gone, with papers written down by hand."""
    person = await somebody(house)
    request = await asked(house, person)
    lines = (PaperLine(name="Анкета покупателя", sheets=2),)
    await acts.note_papers(officer(house), request.number, lines)
    await agreed(house, request.number)
    await Machine().run(house, 73)
    (row,) = await house.rows("SELECT id FROM subject_request")
    request_id = row[0]
    assert isinstance(request_id, UUID)
    await destruction.begin(house.system, request_id)
    house.vault.destroy(request.subject_id, "demand", UUID(int=1), UUID(int=2))
    while await destruction.wipe(house.system, request_id):
        pass
    await destruction.finish(house.system, request_id)
    return await subjects.show(officer(house), request.number)


async def written(house: TestHouse, folder: Path) -> dict[str, bytes]:
    """The act's files."""
    async with log_of(house, folder) as sealer:

        async def settle() -> None:
            await sealer.run()
            await sealer.checkpoint()

        assert await write_acts(house.system, folder / "audit.db", settle, "Башмачок", ZONE) == 1
        assert await write_acts(house.system, folder / "audit.db", settle, "Башмачок", ZONE) == 0
    found = await acts.archive(officer(house), 1)
    with zipfile.ZipFile(io.BytesIO(found.reveal())) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def everything(folder: Path) -> bytes:
    """All bytes of the house's folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def climb(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """The root that a proof leads to: RFC 9162, 2.1.3.2, with nothing of ours."""
    value, place, last = hashlib.sha256(b"\x00" + leaf).digest(), index, size - 1
    for sibling in proof:
        if place % 2 or place == last:
            value = hashlib.sha256(b"\x01" + sibling + value).digest()
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            value = hashlib.sha256(b"\x01" + value + sibling).digest()
        place, last = place // 2, last // 2
    assert last == 0
    return value


@pytest.mark.checklist(193)
async def test_act_and_extract_hold_every_field_of_the_order_and_their_proofs_hold(
    house: TestHouse, tmp_path: Path
) -> None:
    entity = OwnRequisites(name="ООО «Башмачок»", address="Тверь, Сапожная, 1", inn="7707083893")
    await legal_entities.put(house.actor_for("head"), EntityDraft(parts=entity))
    rules = ActSettings(
        system="ИСПДн «Клиенты»", processors=(Operator(name="Курьер", address="Тула"),)
    )
    await acts.set_rules(officer(house), rules)
    request = await destroyed(house)
    files = await written(house, tmp_path)
    act = json.loads(files["act.json"])
    # Clause 3, letter by letter.
    assert act["operator"] == {
        "name": "ООО «Башмачок»", "address": "Тверь, Сапожная, 1", "inn": "7707083893",
    }  # fmt: skip
    assert act["processors"] == [{"name": "Курьер", "address": "Тула"}]
    assert act["subject"] == f"З. Е. № {request.customer_number}"
    assert [(one["name"], one["post"]) for one in act["persons"]] == [
        ("Зоя Ответственная", "Ответственный за данные"),
        ("Егор Начальник", "Руководитель"),
        ("Жанна Настройкина", "Администратор"),
    ]
    assert {"name", "contacts", "address"} <= {one["code"] for one in act["categories"]}
    assert act["papers"] == [{"name": "Анкета покупателя", "sheets": 2}]
    assert act["systems"][0] == "ИСПДн «Клиенты»"
    assert len(act["methods"]) == 6
    assert act["reason"].startswith("требование субъекта")
    assert act["norm"] == "ч. 5.1 ст. 21 Федерального закона от 27.07.2006 № 152-ФЗ"
    assert request.erased_at is not None
    assert act["destroyed_at"][:19] == request.erased_at.isoformat()[:19]
    assert act["ledger"] == 1
    # Clause 5, and what stands behind it.
    extract = json.loads(files["extract.json"])
    shared = ("subject", "subject_id", "categories", "reason", "norm", "destroyed_at")
    assert [extract[name] for name in shared] == [act[name] for name in shared]
    assert extract["system"] == act["systems"][0]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(extract["public_key"]))
    text, _, signature = extract["checkpoint"].rpartition("\n\n")
    key.verify(base64.b64decode(signature.split()[-1])[4:], f"{text}\n".encode())
    assert text.split("\n")[1:] == [
        str(extract["size"]), base64.b64encode(bytes.fromhex(extract["root"])).decode(),
    ]  # fmt: skip
    deeds = [one["action"] for one in extract["entries"]]
    assert deeds.count("subjects.approve") == 2
    assert deeds[0] == "subjects.request"
    assert deeds[-1] == "destruction.finish"
    for one in extract["entries"]:
        proof = [bytes.fromhex(part) for part in one["proof"]]
        leaf = one["leaf"].encode()
        assert climb(leaf, one["seq"] - 1, extract["size"], proof).hex() == extract["root"]
        assert climb(leaf + b" ", one["seq"] - 1, extract["size"], proof).hex() != extract["root"]
    rows = list(csv.reader(io.StringIO(files["extract.csv"].decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows if row and row[0].isdigit()] == [
        str(one["seq"]) for one in extract["entries"]
    ]
    for name in ("act", "extract"):
        key.verify(files[f"{name}.json.sig"], files[f"{name}.json"])
        with pytest.raises(InvalidSignature):
            key.verify(files[f"{name}.json.sig"], files[f"{name}.json"] + b" ")
        assert files[f"{name}.pdf"].startswith(b"%PDF-")
    whole = everything(tmp_path)
    assert NAME.encode() not in whole
    assert PHONE.encode() not in whole


async def test_an_act_closes_with_its_request_and_nobody_else_reads_it(
    house: TestHouse, tmp_path: Path
) -> None:
    request = await destroyed(house)
    await written(house, tmp_path)
    with pytest.raises(Conflict, match="act_written"):
        await acts.note_papers(officer(house), request.number, (PaperLine(name="x", sheets=1),))
    (one,) = await acts.list_all(officer(house))
    assert (one.state, one.request) == (ActState.MADE, request.number)

    async def close() -> None:
        row = await subject_requests.get(request.number)
        await subject_requests.change(row.id, state=RequestState.CLOSED.value)

    await house.write(close)
    assert await acts.close_done(house.system) == 1
    (one,) = await acts.list_all(officer(house))
    assert one.state is ActState.CLOSED
    for name in ("administrator", "head", "seller", "accountant"):
        with pytest.raises(Denied):
            await acts.archive(house.actor_for(name), 1)


async def test_a_scan_of_the_signed_act_is_kept_with_it_sealed_and_once(
    house: TestHouse, tmp_path: Path
) -> None:
    await destroyed(house)
    await written(house, tmp_path)
    who, scan = officer(house), b"%PDF-1.7 signed by Vydumkina"
    for _ in range(2):
        assert await acts.attach(who, 1, Personal(scan)) == "scan-01.pdf"
    assert await acts.attach(who, 1, Personal(b"\xff\xd8\xff page two")) == "scan-02.jpg"
    with zipfile.ZipFile(io.BytesIO((await acts.archive(who, 1)).reveal())) as packed:
        assert packed.read("scan-01.pdf") == scan
        assert "scan-02.jpg" in packed.namelist() and "act.pdf" in packed.namelist()
    assert b"Vydumkina" not in everything(tmp_path)
    for body, code in ((b"MZ a program", "scan_kind"), (scan + bytes(5 << 20), "scan_large")):
        with pytest.raises(Invalid, match=code):
            await acts.attach(who, 1, Personal(body))
    with pytest.raises(Denied):
        await acts.attach(house.actor_for("head")._replace(step_up=True), 1, Personal(scan))


async def test_papers_are_lines_with_sheets_or_are_refused(house: TestHouse) -> None:
    person = await somebody(house)
    request = await asked(house, person)
    for line in (PaperLine(name=" ", sheets=1), PaperLine(name="Анкета", sheets=0)):
        with pytest.raises(Invalid):
            await acts.note_papers(officer(house), request.number, (line,))
    with pytest.raises(Denied):
        await acts.note_papers(house.actor_for("seller"), request.number, ())
