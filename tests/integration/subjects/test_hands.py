"""Packs and a second person in a browser: ask, agree elsewhere, hand out, take back."""

import io
import json
import zipfile
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_public_key

from appliance.actions._actors import forget_actors
from appliance.domain.subjects import RequestKind
from appliance.storage.statements import execute
from tests.house_fixture import TestHouse
from tests.integration.subjects.scene import NAME, asked, busy, somebody
from tests.web_house import WebHouse, open_web_house

WHOM = {"receiver": "Роскомнадзор, инспектор Выдумкина"}


async def test_a_pack_is_asked_for_agreed_to_and_handed_out_in_browsers(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=1, orders=1) as door:
        person = await somebody(door.house)
        await busy(door.house, person)
        one = await asked(door.house, person, RequestKind.ACCESS)
        await _inspection(door)
        await _for_the_person(door, one.number)


async def _inspection(door: WebHouse) -> None:
    officer, admin = await door.browser("data_officer"), await door.browser("administrator")
    reply = await officer.post("/privacy/pack", WHOM, htmx=False)
    assert reply.headers["location"] == "/me/confirm?next=/privacy/pack"
    await _confirm(door.house)
    assert (await officer.post("/privacy/pack", {"receiver": " "}, htmx=False)).status_code == 422
    reply = await officer.post("/privacy/pack", WHOM, htmx=False)
    assert "Просьба № 1 ждёт администратора" in reply.text
    assert WHOM["receiver"] in reply.text  # what was typed stays
    assert (await officer.get("/admin/hands")).status_code == 403
    assert "Пакет для проверки" in (await admin.get("/admin/hands/1")).text
    assert "/admin/hands/1" in (await admin.get("/notices")).text
    await admin.post("/admin/hands/1/agree", htmx=False)
    assert "согласие есть" in (await admin.get("/admin/hands")).text
    assert "Согласие на просьбу № 1 есть" in (await officer.get("/privacy/pack")).text
    packed = await officer.post("/privacy/pack", WHOM, htmx=False)
    assert packed.headers["content-type"] == "application/zip"
    assert WHOM["receiver"] in _files(packed.content)["pack.json"].decode()
    again = await officer.post("/privacy/pack", WHOM, htmx=False)
    assert "Просьба № 2 ждёт администратора" in again.text
    # Refused: it is gone for both.
    await admin.post("/admin/hands/2/refuse", htmx=False)
    assert "Просьба № 2" not in (await officer.get("/privacy/pack")).text
    assert (await admin.get("/admin/hands/2")).status_code == 404
    # His own asking he cannot agree to; with no other administrator the code stands for one.
    await admin.post("/admin/hands/ask", {"about": "passphrase added"}, htmx=False)
    said = (await admin.get("/admin/hands/3")).text
    assert "добавить фразу" in said
    assert "Код восстановления с листка" in said
    wrong = await admin.post("/admin/hands/3/code", {"code": "не тот"}, htmx=False)
    assert wrong.status_code == 422
    assert (await admin.post("/admin/hands/3/agree", htmx=False)).status_code == 422
    assert (await admin.post("/admin/hands/ask", {"about": "rm"}, htmx=False)).status_code == 404
    await admin.post("/admin/hands/3/refuse", htmx=False)
    assert "Никто не просит согласия" in (await admin.get("/admin/hands")).text


async def _for_the_person(door: WebHouse, number: int) -> None:
    """All that is kept of him, in his words; nobody but who reads acts may hand it out."""
    officer, head = await door.browser("data_officer"), await door.browser("head")
    assert "Скачать для человека" not in (await head.get(f"/privacy/{number}")).text
    refused = await head.post(f"/privacy/{number}/person", htmx=False)
    assert refused.headers["content-type"] != "application/zip"
    assert "Скачать для человека" in (await officer.get(f"/privacy/{number}")).text
    reply = await officer.post(f"/privacy/{number}/person", htmx=False)
    assert reply.headers["content-type"] == "application/zip", reply.text
    files = _files(reply.content)
    letter = files["Что хранится.txt"].decode("utf-8-sig")
    for said in (NAME, "+79120007701", "evlampia@example.ru", "Тверь", "опт", "Переехала",
                 "Для чего и на каком основании", "договор", "Заказы", "статья 14"):  # fmt: skip
        assert said in letter, said
    record = json.loads(files["person.json"])
    assert record["korobka-person"] == 1 and record["orders"]
    key = load_pem_public_key(files["box.pem"])
    key.verify(files["person.json.sig"], files["person.json"])  # type: ignore[union-attr,call-arg]


def _files(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


async def _confirm(house: TestHouse) -> None:
    await house.write(lambda: execute("UPDATE session SET step_up_at = {}", house.clock.now))
    forget_actors()
