"""Checkpoints are kept outside, by the clock or when asked; no log is sealed over a newer one."""

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from PIL import Image
from zxingcpp import read_barcodes

from appliance.actions import anchors as deeds
from appliance.actions import letter_post, letters, mail, upkeep
from appliance.actions._papers import square
from appliance.actions._typesetting import drawn
from appliance.audit import anchors as files
from appliance.audit.notes import Checkpoint, origin_of, read_note, write_note
from appliance.audit.verify import notes_in
from appliance.boot import anchors, first_start, rescue
from appliance.boot.anchors import Anchoring, Words
from appliance.boot.auditing import Auditor
from appliance.boot.house import OpenHouse, open_house
from appliance.boot.index import HOUSE_ACTOR
from appliance.config import Backup, Config, Server, Unlock
from appliance.domain.anchors import AnchorKind, AnchorState, RulesForm, Tried, is_due
from appliance.domain.grants import Grant, Scope
from appliance.domain.journal import LogQuery
from appliance.domain.letters import AccountForm, Security
from appliance.domain.papers import Sheet
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Damaged, Denied, Invalid, NotFound, Unavailable
from appliance.roles import HOUSE_GRANTS, Permission
from appliance.storage import print_templates
from appliance.web.anchor_words import letter_of, page_of
from tests.unit.audit.fakes import FakeVault

RIGHTS = (
    Permission.BOX_MANAGE,
    Permission.AUDIT_VIEW,
    Permission.MAIL_MANAGE,
    Permission.LETTER_SEND,
)
PASSWORD = "старый клён у пруда"
BOSS = HOUSE_ACTOR._replace(
    grants={
        **HOUSE_GRANTS,
        **{one.value: Grant(Scope.ALL) for one in RIGHTS},
    }
)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    config = Config(
        data=data,
        server=Server(port=8443, kind="uvicorn"),
        unlock=Unlock(mode="key-file", key_file=tmp_path / "key"),
        backup=Backup(targets=(str(tmp_path / "usb"),)),
    )
    first_start.init(
        config, admin_login="boss", admin_password="старый клён у пруда", passphrase=None
    )
    (tmp_path / "usb").mkdir()
    return config


def anchoring(opened: OpenHouse) -> Anchoring:
    page = partial(page_of, company="ООО «Башмачок»", language="ru")
    return Anchoring(opened, Words(partial(letter_of, language="ru"), page))


async def test_a_day_has_one_anchor_and_a_failed_one_comes_again(config: Config) -> None:
    usb = Path(config.backup.targets[0])
    opened = await open_house(config, looks_outside=True)
    try:
        assert opened.log is not None
        await opened.drain_log()
        keeper = anchoring(opened)
        await asyncio.to_thread(usb.rename, usb.with_name("away"))
        await keeper.tick()
        failed = (await deeds.journal(BOSS))[0]
        assert (failed.state, failed.code) == (AnchorState.FAILED, "anchor_folder_lost")
        await asyncio.to_thread(usb.with_name("away").rename, usb)
        await keeper.tick()
        assert len(await deeds.journal(BOSS)) == 1, "the next try has its time"
        assert (await keeper.now(BOSS))["kept"] == [{"place": str(usb), "code": ""}]
        await keeper.tick()
        kept = await deeds.journal(BOSS)
        assert [one.state for one in kept] == [AnchorState.DONE, AnchorState.FAILED]
        notes = files.read(files.file_of(usb, anchors.box_of(opened.log.origin)))
        assert [read_note(note).size for note in notes] == [kept[0].size]
        seen = (await upkeep.look(BOSS)).anchors
        assert seen.kept_at == kept[0].done_at and seen.ways == 1
    finally:
        await opened.close()


async def test_a_machine_rolled_back_behind_its_anchor_is_refused_until_the_loss_is_accepted(
    config: Config, tmp_path: Path
) -> None:
    opened = await open_house(config, looks_outside=True)
    await opened.drain_log()
    await opened.close()
    shutil.copytree(config.data, tmp_path / "snapshot", ignore=shutil.ignore_patterns("run"))
    opened = await open_house(config, looks_outside=True)
    await deeds.check(BOSS)
    await opened.drain_log()
    await anchoring(opened).now(BOSS)
    await opened.close()
    shutil.rmtree(config.data)
    shutil.copytree(tmp_path / "snapshot", config.data)
    with pytest.raises(Damaged) as refused:
        await open_house(config, looks_outside=True)
    assert refused.value.code == "audit_log_behind"
    found = await anchors.give_up(config)
    assert len(found.notes) == 1 and found.size > 0
    opened = await open_house(config, looks_outside=True)
    try:
        await opened.drain_log()
        await anchoring(opened).now(BOSS)
    finally:
        await opened.close()
    opened = await open_house(config, looks_outside=True)
    await opened.close()


async def test_after_a_restore_the_box_goes_on_and_says_what_is_lost(
    config: Config, tmp_path: Path
) -> None:
    opened = await open_house(config, looks_outside=True)
    await opened.drain_log()
    await opened.close()
    shutil.copytree(config.data, tmp_path / "snapshot", ignore=shutil.ignore_patterns("run"))
    opened = await open_house(config, looks_outside=True)
    await deeds.check(BOSS)
    await opened.drain_log()
    await anchoring(opened).now(BOSS)
    await opened.close()
    shutil.rmtree(config.data)
    shutil.copytree(tmp_path / "snapshot", config.data)
    (config.data / "anchors").mkdir(exist_ok=True)
    (config.data / "anchors" / anchors.RESTORED).touch()
    for _ in range(2):
        opened = await open_house(config, looks_outside=True)
        await opened.close()
    assert not (config.data / "anchors" / anchors.RESTORED).exists()


async def test_the_choice_is_checked_and_its_addresses_are_sealed(config: Config) -> None:
    opened = await open_house(config)
    try:
        await opened.drain_log()
        wrong = RulesForm(mail=True, to=Personal(["бухгалтер"]))
        with pytest.raises(Invalid) as refused:
            await deeds.set_rules(BOSS, wrong)
        assert refused.value.fields == {"to": "email_wrong"}
        with pytest.raises(Invalid):
            await deeds.set_rules(BOSS, RulesForm(mail=True))
        with pytest.raises(Conflict):
            await deeds.set_rules(BOSS, RulesForm(file=False))
        with pytest.raises(Denied):
            await deeds.set_rules(HOUSE_ACTOR._replace(grants={}), RulesForm())
        await deeds.set_rules(BOSS, RulesForm(mail=True, to=Personal(["Buh@Firma.example "])))
        assert (await deeds.rules(BOSS)).to.reveal() == ("buh@firma.example",)
        assert b"firma.example" not in (config.data / "main.db").read_bytes()
        done = await anchoring(opened).now(BOSS)
        assert done["code"] == "mail_not_set"
        mail = (await deeds.journal(BOSS))[0]
        assert (mail.kind, mail.state) == (AnchorKind.MAIL, AnchorState.FAILED)
    finally:
        await opened.close()


def test_an_anchor_is_due_once_a_day_from_the_morning_on() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert is_due(Tried(), noon, UTC)
    assert not is_due(Tried(done_at=noon.replace(hour=8)), noon, UTC)
    assert is_due(Tried(done_at=noon.replace(hour=7)), noon, UTC)
    assert not is_due(Tried(done_at=noon - timedelta(hours=4)), noon.replace(hour=7), UTC)
    failed = Tried(tried_at=noon, failures=1)
    assert not is_due(failed, noon + timedelta(minutes=9), UTC)
    assert is_due(failed, noon + timedelta(minutes=10), UTC)
    often = msgspec.structs.replace(failed, failures=30)
    assert not is_due(often, noon + timedelta(minutes=119), UTC)
    assert is_due(often, noon + timedelta(hours=2), UTC)


async def test_the_files_alone_are_handed_out_and_verified_with_a_letter(
    config: Config, tmp_path: Path
) -> None:
    opened = await open_house(config)
    await opened.drain_log()
    note = await anchoring(opened).note()
    await opened.close()
    letter = letter_of(note, language="ru")
    assert note in letter.text and letter.size == read_note(note).size
    found = await asyncio.to_thread(rescue.verify_audit, config, notes=notes_in(letter.text))
    assert found.is_sound and found.facts["trusted"] == letter.size
    out = tmp_path / "log.zip"
    assert (await asyncio.to_thread(rescue.export_audit, config, out))["events"] == letter.size
    with pytest.raises(Unavailable) as refused:
        await asyncio.to_thread(rescue.export_audit, config, out)
    assert refused.value.code == "export_unwritable"
    assert not out.with_name(".log.zip.part").exists()


async def test_a_question_to_the_log_is_put_by_names_and_answered_in_them(config: Config) -> None:
    opened = await open_house(config)
    try:
        auditor = Auditor(opened)
        for _ in range(3):
            await deeds.check(BOSS)
        with pytest.raises(Denied):
            await deeds.check(BOSS._replace(grants={}))
        seen = await auditor.page(BOSS, LogQuery(deed="anchors.check", limit=2))
        assert [one["result"] for one in seen["lines"]] == ["denied", "done"]
        rest = await auditor.page(
            BOSS, LogQuery(deed="anchors", limit=9, before=seen["after"], result="done")
        )
        assert [one["deed"] for one in rest["lines"]] == ["anchors.check"] * 2
        assert rest["after"] is None
        first = await auditor.page(BOSS, LogQuery(thing="user 1", who="system"))
        assert [one["thing_number"] for one in first["lines"]] == [1]
        later = datetime.now(UTC) + timedelta(hours=1)
        assert (await auditor.page(BOSS, LogQuery(since=later)))["lines"] == []
        assert len((await auditor.page(BOSS, LogQuery(until=later)))["lines"]) == seen["size"]
        for wrong in (LogQuery(who="nobody"), LogQuery(thing="order 4815")):
            with pytest.raises(NotFound):
                await auditor.page(BOSS, wrong)
        with pytest.raises(Denied):
            await auditor.page(BOSS._replace(grants={}), LogQuery())
        await auditor.start(BOSS, "verify")
        with pytest.raises(Conflict):
            await auditor.start(BOSS, "verify")
        while auditor.progress()["running"]:
            await asyncio.wait([auditor.running])
        assert auditor.progress()["last"]["result"]["ok"] is True
        checked = (await upkeep.look(BOSS)).anchors.checked
        assert checked.ok and checked.size > 0 and checked.at is not None
    finally:
        await opened.close()


async def test_a_letter_is_an_anchor_once_the_server_took_it(config: Config) -> None:
    opened = await open_house(config)
    try:
        await opened.drain_log()
        await mail.set_account(
            BOSS,
            AccountForm(
                host="mail.example",
                port=25,
                security=Security.NONE,
                login="",
                password=None,
                from_address="box@firma.example",
                from_name="",
            ),
        )
        chosen = RulesForm(file=False, mail=True, to=Personal(["buh@firma.example"]))
        await deeds.set_rules(BOSS, chosen)
        keeper = anchoring(opened)
        await keeper.tick()
        await keeper.tick()
        sent = await deeds.journal(BOSS)
        assert [one.state for one in sent] == [AnchorState.WAITING], "one letter, not two"
        assert (await deeds.plan(HOUSE_ACTOR)).mail_waits
        (letter,) = (await letters.page(BOSS)).rows
        outgoing = await letter_post.take(HOUSE_ACTOR, letter.id)
        assert outgoing is not None
        said = outgoing.content.reveal().text
        assert read_note(notes_in(said)[0]).size == sent[0].size
        await letter_post.done(HOUSE_ACTOR, letter.id)
        assert not (await deeds.plan(HOUSE_ACTOR)).mail_waits
        kept = (await deeds.journal(BOSS))[0]
        assert (kept.state, kept.place) == (AnchorState.DONE, "1")
        assert (await upkeep.look(BOSS)).anchors.ways == 1
    finally:
        await opened.close()


async def test_the_square_code_on_paper_reads_back_as_the_signed_checkpoint() -> None:
    vault = FakeVault()
    said = Checkpoint(origin_of("0194c3f2-7b1e-7c3a-9d55-0a1b2c3d4e5f"), 87_301, bytes(range(32)))
    note = write_note(said, vault.checkpoint_public_key(), vault.sign_checkpoint)
    fields = page_of(note, datetime.now(UTC), company="ООО «Башмачок»", language="ru")
    sheet = Sheet(
        template=print_templates.anchor(),
        fields=Personal(fields),
        pictures={"note.svg": square(note)},
    )
    page = Image.open(BytesIO(await drawn(sheet, "png", 110)))
    assert [one.text for one in read_barcodes(page)] == [note]
