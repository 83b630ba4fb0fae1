from datetime import date
from pathlib import Path
from typing import Any

import pytest

from appliance.actions import customers
from appliance.domain.customers import ContactKind, CustomerChange
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Invalid, NotFound
from appliance.storage.tables import TABLES
from tests.house_fixture import TestHouse
from tests.integration.clients.people import EMAIL, PHONE, added, email, entries, phone, ref


async def edit(house: TestHouse, number: int, **changes: Any) -> None:
    await customers.edit(house.shop_key(), "main", ref(number), CustomerChange(**changes))


async def version(house: TestHouse, number: int) -> int:
    view = await customers.get(house.shop_key(), "main", ref(number))
    return view.version


async def test_only_what_is_given_is_changed_and_each_field_leaves_one_entry(
    house: TestHouse,
) -> None:
    one = await added(house)
    await edit(
        house,
        one.number,
        first_name=Personal("Анна-Мария"),
        birthday=Personal(date(1990, 2, 3)),
        vip=True,
    )
    view = await customers.get(house.shop_key(), "main", ref(one.number))
    assert (view.first_name, view.last_name) == (Personal("Анна-Мария"), Personal("Сухова"))
    assert (view.birthday, view.vip, view.version) == (Personal(date(1990, 2, 3)), True, 2)
    assert len(view.contacts) == 2
    assert await entries(house, one.number) == [
        ("first_name", "Анна", "Анна-Мария"),
        ("birthday", None, "1990-02-03"),
        ("vip", False, True),
    ]


async def test_an_edit_that_changes_nothing_writes_nothing(house: TestHouse) -> None:
    one = await added(house, address=None)
    await edit(
        house,
        one.number,
        first_name=Personal("Анна"),
        contacts=(phone(PHONE), email(EMAIL)),
        replaces=(ContactKind.PHONE, ContactKind.EMAIL),
        vip=False,
        manager_number=None,
    )
    assert await entries(house, one.number) == []
    assert await version(house, one.number) == 1


async def test_phones_are_replaced_and_the_mailbox_stays(house: TestHouse) -> None:
    one = await added(house)
    await edit(
        house,
        one.number,
        contacts=(phone("+7 912 000-55-66"), phone("+7 912 000-55-66")),
        replaces=(ContactKind.PHONE,),
    )
    view = await customers.get(house.shop_key(), "main", ref(one.number))
    assert {contact.full for contact in view.contacts} == {
        Personal("+7 912 000-55-66"),
        Personal(EMAIL),
    }
    assert await entries(house, one.number) == [
        ("phones", PHONE, None),
        ("phones", None, "+7 912 000-55-66"),
    ]


async def test_null_clears(house: TestHouse) -> None:
    one = await added(house, comment=Personal("звонить вечером"), external_id="5")
    await edit(
        house,
        one.number,
        comment=None,
        last_name=None,
        external_id=None,
        replaces=(ContactKind.EMAIL,),
    )
    view = await customers.get(house.shop_key(), "main", ref(one.number))
    assert (view.comment, view.last_name, view.external_id) == (Personal(""), Personal(""), None)
    assert [contact.kind for contact in view.contacts] == [ContactKind.PHONE]
    assert await entries(house, one.number) == [
        ("last_name", "Сухова", None),
        ("commentary", "звонить вечером", None),
        ("email", EMAIL, None),
        ("external_id", "5", None),
    ]


async def test_parts_of_an_address_and_of_requisites_are_merged(house: TestHouse) -> None:
    one = await added(house)
    await edit(house, one.number, address=Personal({"city": "Тверь", "street": "Садовая"}))
    await edit(house, one.number, address=Personal({"city": "Клин", "unknown": "x"}))
    await edit(house, one.number, requisites=Personal({"inn": "7707083893", "bank": "Банк"}))
    await edit(house, one.number, requisites=Personal({"bank": "Другой банк"}))
    view = await customers.get(house.shop_key(), "main", ref(one.number))
    assert view.address is not None and view.requisites is not None
    parts, legal = view.address.reveal(), view.requisites.reveal()
    assert (parts.city, parts.street) == ("Клин", "Садовая")
    assert (legal.inn, legal.bank) == ("7707083893", "Другой банк")
    assert [entry[0] for entry in await entries(house, one.number)] == [
        "address.city",
        "address.street",
        "address.city",
        "contragent.inn",
        "contragent.bank",
        "contragent.bank",
    ]


async def test_who_was_slower_is_told(house: TestHouse) -> None:
    one = await added(house)
    await edit(house, one.number, vip=True, version=1)
    with pytest.raises(Conflict) as refused:
        await edit(house, one.number, bad=True, version=1)
    assert refused.value.code == "version_conflict"
    assert await version(house, one.number) == 2


async def test_a_client_is_handed_to_colleagues_who_are_and_to_nobody_else(
    house: TestHouse,
) -> None:
    one = await added(house)
    await edit(house, one.number, manager_number=2)
    with pytest.raises(Invalid) as refused:
        await edit(house, one.number, manager_number=999, vip=True)
    assert refused.value.code == "manager_unknown"
    view = await customers.get(house.shop_key(), "main", ref(one.number))
    assert (view.owner_number, view.vip) == (2, False)
    assert await entries(house, one.number) == [("manager", None, {"id": 2})]


async def test_an_external_id_of_another_client_is_refused(house: TestHouse) -> None:
    await added(house, external_id="1")
    two = await added(house, external_id="2")
    with pytest.raises(Conflict) as refused:
        await edit(house, two.number, external_id="1")
    assert refused.value.code == "external_id_taken"


async def test_external_ids_are_put_right_within_reach_and_leave_entries(
    house: TestHouse,
) -> None:
    one, foreign = await added(house), await added(house, shop="second")
    fixed = await customers.fix_external_ids(
        house.shop_key(), "main", [(one.number, "A-1"), (foreign.number, "A-2"), (999, "A-3")]
    )
    assert fixed == 1
    assert await entries(house, one.number) == [("external_id", None, "A-1")]
    assert await entries(house, foreign.number) == []
    stranger = house.actor_for("rival")
    assert await customers.fix_external_ids(stranger, "main", [(one.number, "B-1")]) == 0


async def test_what_is_not_ones_own_cannot_be_edited(house: TestHouse) -> None:
    one = await added(house, house.actor_for("seller"))
    change = CustomerChange(vip=True)
    with pytest.raises(NotFound):
        await customers.edit(house.actor_for("rival"), "main", ref(one.number), change)
    with pytest.raises(NotFound):
        await customers.edit(house.shop_key("second"), "second", ref(one.number), change)
    assert await version(house, one.number) == 1


def _files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def test_old_and_new_values_about_a_person_lie_nowhere_open(
    house: TestHouse, tmp_path: Path
) -> None:
    one = await added(house)
    await edit(
        house,
        one.number,
        last_name=Personal("Канарейкина"),
        comment=Personal("канарейка в клетке"),
        contacts=(phone("+7 900 000-77-88"), email("kanareika@example.ru")),
        replaces=(ContactKind.PHONE, ContactKind.EMAIL),
        address=Personal({"text": "Канарейкин тупик, 5"}),
        requisites=Personal({"inn": "7707083893"}),
    )
    words = ["анарейк", "kanareika", "0007788", "000-77-88", "Сухова", "7707083893"]
    texts = _files(tmp_path)
    for table in TABLES:
        rows = await house.rows(f'SELECT * FROM "{table._meta.tablename}"')  # noqa: S608  our names
        texts.append(repr(rows).encode())
    assert {word for word in words for text in texts if word.encode() in text} == set()
