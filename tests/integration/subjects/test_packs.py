"""A pack for an inspection: by two people, signed, and no client's name in it."""

import io
import json
import zipfile
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from appliance.actions import agreements, packs
from appliance.domain.personal import Personal
from appliance.errors import HouseError
from tests.house_fixture import PEOPLE, TestHouse
from tests.integration.subjects.scene import NAME, approver, asked, officer, somebody

RECEIVER = Personal("Роскомнадзор, инспектор Выдумкина")


async def test_a_pack_takes_two_people_and_names_no_client(house: TestHouse) -> None:
    await asked(house, await somebody(house))
    who, other = officer(house), approver(house, "administrator")
    with pytest.raises(HouseError, match="pack_receiver"):
        await packs.allow(who, Personal("  "))
    with pytest.raises(HouseError, match="agreement_needed"):
        await packs.allow(who, RECEIVER)
    number = await packs.ask(who)
    await agreements.agree(other, number)
    await packs.allow(who, RECEIVER)
    body = (await packs.gather(who, RECEIVER, "Башмачок", 7)).reveal()
    with zipfile.ZipFile(io.BytesIO(body)) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    said = json.loads(files["pack.json"])
    assert said["receiver"] == RECEIVER.reveal() and said["log_size"] == 7
    assert said["files"] == {name: sha256(files[name]).hexdigest() for name in said["files"]}
    key = load_pem_public_key(files["box.pem"])
    key.verify(files["pack.json.sig"], files["pack.json"])  # type: ignore[union-attr,call-arg]
    people = files["registers/people.csv"].decode("utf-8-sig")
    assert PEOPLE["seller"][1] in people and "Передано: Роскомнадзор" in people
    assert not [name for name in files if NAME.encode() in files[name]]
    assert ";erase;" in files["registers/requests.csv"].decode("utf-8-sig")
    assert "customer.view" in files["registers/rights.csv"].decode("utf-8-sig")
    assert "litestar" in files["registers/components.csv"].decode("utf-8-sig")
    for name in ("requests", "holds", "disclosures", "exports", "copies", "consents", "purposes"):
        assert f"registers/{name}.csv" in files
    with pytest.raises(HouseError, match="agreement_needed"):
        await packs.allow(who, RECEIVER)
    with pytest.raises(HouseError, match=r"evidence\.read"):
        await packs.allow(house.actor_for("head")._replace(step_up=True), RECEIVER)
