"""A new recovery code: typed back first; then the one paper opens every copy, also older ones."""

from pathlib import Path

import pytest

from appliance.actions import key_rotation
from appliance.boot import rescue
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.boot.paper import Paper
from appliance.domain.key_rotation import Turn
from appliance.errors import HouseError
from appliance.jobs.key_rotation import Turner
from appliance.vault.recovery import RecoveryCode
from appliance.vault.vault import CellRef
from backups.targets import Folder
from tests.integration.backups.scene import Scene, people


def replaced(scene: Scene, old: str) -> str:
    """Draw a code, mistype it, type it back; the new code."""

    async def look(house: OpenHouse) -> str:
        paper = Paper(house)
        with pytest.raises(HouseError, match="recovery_code_expired"):
            paper.must_be(scene.code, old)
        code = paper.draw()
        with pytest.raises(HouseError, match="recovery_code_other"):
            await paper.replace(RecoveryCode.new().text, old)
        if old:
            with pytest.raises(HouseError, match="unlock_recovery_wrong"):
                paper.must_be(code, RecoveryCode.new().text)
        paper.must_be(code.lower().replace("-", " "), old)
        await paper.replace(code, old)
        with pytest.raises(HouseError, match="recovery_code_expired"):
            await paper.replace(code, old)
        return code

    return scene.opened(look)


def test_one_paper_opens_copies_of_every_code_before_it(scene: Scene, tmp_path: Path) -> None:
    rows = scene.opened(people)
    oldest = scene.make()
    first, scene.code = scene.code, replaced(scene, scene.code)
    with pytest.raises(HouseError, match="backup_identity_wrong"):
        scene.restore(copy=oldest.stamp, into=tmp_path / "too-early")  # no keys to the new code yet
    second = scene.make()
    assert len(second.recipients) == 2
    scene.restore(copy=oldest.stamp, into=tmp_path / "older")
    assert scene.opened(people, tmp_path / "older") == rows
    with pytest.raises(HouseError, match="backup_identity_wrong"):
        scene.restore(copy=second.stamp, code=first, into=tmp_path / "by-the-old-one")
    assert rescue.verify_audit(scene.config, recovery_code=scene.code).is_sound

    scene.code = replaced(scene, "")  # the paper is lost: the box's own keys open what was
    scene.make()
    for n, stamp in enumerate((oldest.stamp, second.stamp)):
        scene.restore(copy=stamp, into=tmp_path / f"lost-{n}")
    vault = scene.vault()
    try:
        assert vault.retired_identities(scene.code) == {}
        assert len(vault.retired_recipients()) == 2
        for copy in Folder(scene.copies).copies()[1:]:
            copy.path.unlink()
        recipients = scene.make().recipients
        assert vault.forget_retired(recipients) == 2
        assert vault.retired_recipients() == []
    finally:
        vault.close()


def test_a_copy_from_before_new_keys_comes_back_and_is_brought_over(
    scene: Scene, tmp_path: Path
) -> None:
    rows = scene.opened(people)
    before = scene.make()

    async def rotate(house: OpenHouse) -> int:
        for turn in (Turn.PEOPLE, Turn.INDEX):
            await key_rotation.begin(HOUSE_ACTOR, turn)
        await Turner(HOUSE_ACTOR).run()
        return house.vault.people_generation()[0]

    assert scene.opened(rotate) == 2
    assert scene.opened(people) != rows, "every cell is another one"
    scene.make()
    scene.restore(copy=before.stamp, into=tmp_path / "older")
    assert scene.opened(people, tmp_path / "older") == rows

    async def brought_over(house: OpenHouse) -> list[Turn]:
        due = await key_rotation.due(HOUSE_ACTOR)
        for row_id, subject, cell in await people(house):
            assert house.vault.open_cell(CellRef("customer", "person", row_id, subject), cell)
        await Turner(HOUSE_ACTOR).run()
        assert not await key_rotation.due(HOUSE_ACTOR)
        return due

    assert scene.opened(brought_over, tmp_path / "older") == [Turn.PEOPLE, Turn.INDEX]
