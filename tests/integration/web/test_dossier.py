"""A client's dossier: by right, after a step-up, signed, within its period."""

import io
import json
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.actions import dossiers
from appliance.errors import Denied, Invalid
from tests.house_fixture import START
from tests.integration.clients.forms import add, number_of
from tests.web_house import WebHouse

END = START + timedelta(days=1)


@pytest.mark.checklist(141)
async def test_a_dossier_is_signed_by_the_box_and_anybody_can_check_it(
    door: WebHouse, tmp_path: Path
) -> None:
    number = number_of(await add(await door.browser("head")))
    head = door.house.actor_for("head")._replace(step_up=True)
    made = await dossiers.make(head, number, START - timedelta(days=1), END)
    zipfile.ZipFile(io.BytesIO(made.archive)).extractall(tmp_path)
    record = json.loads((tmp_path / "dossier.json").read_text())
    assert record["client"]["number"] == number
    assert [one["kind"] for one in record["events"]] == ["created"]

    def checks() -> int:
        command = "openssl pkeyutl -verify -pubin -inkey box.pem -rawin"
        files = ["-in", "dossier.json", "-sigfile", "dossier.sig"]
        return subprocess.run([*command.split(), *files], cwd=tmp_path, check=False).returncode

    assert checks() == 0
    (tmp_path / "dossier.json").write_bytes((tmp_path / "dossier.json").read_bytes() + b" ")
    assert checks() != 0
    later = await dossiers.make(head, number, END, END + timedelta(days=1))
    body = zipfile.ZipFile(io.BytesIO(later.archive)).read("dossier.json")
    assert json.loads(body)["events"] == []
    with pytest.raises(Invalid):
        await dossiers.make(head, number, END, START)


@pytest.mark.checklist(141)
async def test_a_dossier_needs_the_right_and_the_second_factor(door: WebHouse) -> None:
    browser = await door.browser("head")
    number = number_of(await add(browser))
    seller = door.house.actor_for("seller")._replace(step_up=True)
    with pytest.raises(Denied):
        await dossiers.make(seller, number, START, END)
    asked = await browser.post(
        f"/clients/{number}/dossier", {"start": "1.2.2026", "end": "2.2.2026"}, htmx=False
    )
    assert asked.headers["location"] == f"/me/confirm?next=/clients/{number}"
