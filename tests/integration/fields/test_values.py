"""Values of fields that an administrator made: each type, the trace, the seal, the way back."""

from pathlib import Path
from typing import Any

import pytest

from appliance.actions import customers, deeds, fields, history
from appliance.domain.fields import FieldType, Owner
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Denied, Invalid
from tests.house_fixture import TestHouse
from tests.integration.clients.people import added, entries, ref
from tests.integration.fields.made import field, fill, given, make, values


def on_disk(folder: Path) -> bytes:
    """Every byte that the house wrote."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


GOOD: dict[FieldType, tuple[Any, Any]] = {
    FieldType.LINE: (["  Чай   чёрный "], "Чай чёрный"),
    FieldType.TEXT: (["Строка\nвторая"], "Строка\nвторая"),
    FieldType.NUMBER: (["12,5"], 12_500),
    FieldType.MONEY: (["4 590,50 ₽"], 459_050),
    FieldType.DAY: (["21.11.2026"], "2026-11-21"),
    FieldType.MOMENT: (["21.11.2026 14:05"], "2026-11-21T11:05:00+00:00"),
    FieldType.FLAG: (["1"], True),
    FieldType.CHOICE: (["большой"], "l"),
    FieldType.CHOICES: (["l", "Маленький"], ("l", "s")),
    FieldType.PHONE: (["8 (912) 000-55-66"], "+79120005566"),
    FieldType.EMAIL: ([" Clerk@Example.RU"], "clerk@example.ru"),
    FieldType.LINK: (["example.ru/page"], "https://example.ru/page"),
}
BAD: dict[FieldType, tuple[str, str]] = {
    FieldType.LINE: ("д" * 256, "text_too_long"),
    FieldType.TEXT: ("д" * 8_001, "text_too_long"),
    FieldType.NUMBER: ("двенадцать", "field_number"),
    FieldType.MONEY: ("1,2,3", "money_unreadable"),
    FieldType.DAY: ("31.02.2026", "date_unreadable"),
    FieldType.MOMENT: ("21.11.2026 25:00", "field_moment"),
    FieldType.FLAG: ("может быть", "field_flag"),
    FieldType.CHOICE: ("средний", "choice_unknown"),
    FieldType.CHOICES: ("средний", "choice_unknown"),
    FieldType.PHONE: ("восемь девятьсот", "phone_unreadable"),
    FieldType.EMAIL: ("не почта", "email_unreadable"),
    FieldType.LINK: ("javascript:alert(1)", "field_link"),
}


@pytest.mark.checklist(129)
@pytest.mark.parametrize("personal", [False, True])
@pytest.mark.parametrize("kind", list(FieldType))
async def test_a_field_of_every_type_takes_what_is_right_and_names_what_is_wrong(
    house: TestHouse, kind: FieldType, personal: bool
) -> None:
    await make(house, field("extra", kind, personal=personal))
    one = await added(house)
    typed, stored = GOOD[kind]
    await fill(house, one.number, extra=typed)
    assert await values(house, one.number) == {"extra": stored}
    wrong, code = BAD[kind]
    with pytest.raises(Invalid) as refused:
        await fill(house, one.number, extra=[wrong])
    assert refused.value.fields == {"custom_extra": code}
    assert await values(house, one.number) == {"extra": stored}
    await fill(house, one.number, extra=[])
    assert await values(house, one.number) == {}


async def test_every_change_leaves_one_entry_and_the_same_value_none(house: TestHouse) -> None:
    await make(
        house,
        field("size", FieldType.CHOICE),
        field("memo", personal=True),
        field("price", FieldType.MONEY),
    )
    one = await added(house)
    await fill(house, one.number, size="l", memo="любит тишину", price="10")
    await fill(house, one.number, size="l", memo="любит тишину", price="20")
    assert await entries(house, one.number) == [
        ("custom_size", None, "l"),
        ("custom_price", None, 1000),
        ("custom_memo", None, "любит тишину"),
        ("custom_price", 1000, 2000),
    ]


@pytest.mark.checklist(132)
async def test_a_personal_field_lies_sealed_and_is_gone_with_the_key(
    house: TestHouse, tmp_path: Path
) -> None:
    await make(house, field("memo", personal=True), field("pass_no", personal=True, exact=True))
    one = await added(house)
    await fill(house, one.number, memo="Носит синюю шляпу", pass_no="4509 112233")
    assert (await values(house, one.number))["memo"] == "Носит синюю шляпу"
    content = on_disk(tmp_path)
    assert "синюю шляпу".encode() not in content
    assert b"4509 112233" not in content and b"4509112233" not in content
    subject = (await house.rows("SELECT subject_id FROM customer WHERE number = {}", one.number))[
        0
    ][0]
    house.vault.begin_destroy(subject)  # type: ignore[arg-type]
    view = await customers.get(house.shop_key(), "main", ref(one.number))
    assert [field.plain for field in view.custom] == [None, None]


async def test_a_personal_field_is_shown_masked_or_not_at_all_by_the_role(house: TestHouse) -> None:
    await make(
        house,
        field("second_phone", FieldType.PHONE, personal=True, access="phone"),
        field("memo", personal=True, access="comment"),
    )
    seller = house.actor_for("head")
    one = await added(house, seller)
    await fill(house, one.number, second_phone="8 912 000-77-88", memo="тихий")
    view = await customers.get(seller, "main", ref(one.number))
    by_code = {value.field.code: value for value in view.custom}
    assert by_code["second_phone"].plain is None
    assert by_code["second_phone"].mask == Personal("+7\u00a09••\u00a0•••-••-88")
    assert by_code["memo"].plain == "тихий"
    hidden = await customers.get(house.actor_for("accountant"), "main", ref(one.number))
    assert all(value.is_empty for value in hidden.custom)
    with pytest.raises(Denied):
        await fill(house, one.number, "head", second_phone="8 912 000-00-00")


async def test_a_renamed_or_removed_field_loses_nothing(house: TestHouse) -> None:
    await make(house, field("size", FieldType.CHOICE), field("memo", personal=True))
    one = await added(house)
    await fill(house, one.number, size="l", memo="тихий")
    await make(
        house,
        field("size", FieldType.CHOICE, name="Размер коробки", active=False),
        field("memo", personal=True, active=False),
    )
    assert await values(house, one.number) == {}
    await make(
        house, field("size", FieldType.CHOICE, options=field("x", FieldType.CHOICE).options[:1])
    )
    assert await values(house, one.number) == {"size": "l"}
    view = await customers.get(house.shop_key(), "main", ref(one.number))
    assert [(o.code, o.active) for o in view.custom[0].field.options] == [("s", True), ("l", False)]
    with pytest.raises(Conflict, match="field_fixed"):
        await make(house, field("size", FieldType.LINE))


async def test_a_code_means_one_field_for_people_and_companies(house: TestHouse) -> None:
    await make(house, field("size"))
    with pytest.raises(Invalid) as refused:
        await make(house, field("size", owner=Owner.COMPANY))
    assert refused.value.fields == {"code": "field_code_taken"}


@pytest.mark.parametrize(
    ("wrong", "name", "code"),
    [
        ({"code": "1bad"}, "code", "field_code"),
        ({"name": " "}, "name", "name_missing"),
        ({"personal": True, "basis": ""}, "basis", "field_basis"),
        ({"personal": True, "in_list": True}, "in_list", "field_personal_list"),
        ({"personal": True, "owner": Owner.PRODUCT}, "personal", "field_without_person"),
        ({"exact": True}, "exact", "field_exact"),
        ({"type": FieldType.CHOICE, "options": ()}, "options", "field_options"),
    ],
)
async def test_a_field_that_cannot_be_is_refused_at_its_place(
    house: TestHouse, wrong: dict[str, Any], name: str, code: str
) -> None:
    wrong = dict(wrong)  # the table is shared by both databases
    kind = wrong.pop("type", FieldType.LINE)
    one = field(wrong.pop("code", "extra"), kind, wrong.pop("owner", Owner.CUSTOMER), **wrong)
    with pytest.raises(Invalid) as refused:
        await make(house, one)
    assert refused.value.fields == {name: code}


async def test_a_seller_makes_no_fields(house: TestHouse) -> None:
    with pytest.raises(Denied):
        await fields.put(house.actor_for("seller"), field("extra"))


async def test_a_new_record_starts_with_the_default(house: TestHouse) -> None:
    await make(house, field("size", FieldType.CHOICE), default="l")
    one = await added(house)
    assert await values(house, one.number) == {"size": "l"}
    other = await added(house, custom=given(size=[]))
    assert await values(house, other.number) == {}


async def test_a_required_field_is_asked_for_in_a_form_and_not_of_a_program(
    house: TestHouse,
) -> None:
    await make(house, field("size", FieldType.CHOICE, required=True))
    await added(house, custom=given(size=[]))
    with pytest.raises(Invalid) as refused:
        await added(house, custom=given(whole=True, size=[]))
    assert refused.value.fields == {"custom_size": "field_required"}


async def test_an_edit_of_fields_can_be_taken_back_and_is_seen_as_of_a_day(
    house: TestHouse,
) -> None:
    await make(house, field("price", FieldType.MONEY), field("memo", personal=True))
    head = house.actor_for("head")
    one = await added(house, head)
    await fill(house, one.number, price="10", memo="тихий")
    before = house.clock.now
    house.clock.pass_(hours=1)
    await fill(house, one.number, "head", price="20", memo="громкий")
    page = await history.client(head, one.number, before)
    assert page.past is not None
    assert page.past.values["custom_price"] == 1000
    assert page.past.values["custom_memo"] == Personal("тихий")
    deed = next(deed for deed in (await deeds.mine(head)).rows if deed.kind == "customers.edit")
    assert (await deeds.look(head, deed.id)).works
    await deeds.take_back(head, deed.id)
    assert await values(house, one.number) == {"price": 1000, "memo": "тихий"}
