from uuid import UUID

import pytest

from appliance.actions import customers
from appliance.domain.customers import CustomerKind
from appliance.domain.personal import Personal
from appliance.domain.privacy import ConsentGiven, LegalBasis, Purpose, PurposeCode
from appliance.errors import Conflict, Denied, Invalid
from appliance.storage.customers import find_by_contacts
from appliance.storage.tx import Tx
from tests.house_fixture import START, TestHouse
from tests.integration.clients.people import ASKED, added, draft, email, leaves, phone, ref


async def found_by(house: TestHouse, typed: str) -> int | None:
    async def body() -> int | None:
        tx = Tx(house.system, house.system.grants["customer.view"], house.vault, house.index, START)
        found = await find_by_contacts(tx, [phone(typed)])
        return None if found is None else found.number

    return await house.database.read(body)


async def test_nobody_comes_in_without_a_purpose(house: TestHouse) -> None:
    with pytest.raises(Invalid) as refused:
        await customers.create(house.system, draft(purposes=()))
    assert refused.value.code == "purpose_missing"
    assert await house.rows("SELECT id FROM customer") == []
    assert await house.rows("SELECT id FROM contact") == []


async def test_a_consent_to_a_text_that_is_not_there_is_no_consent(house: TestHouse) -> None:
    consent = ConsentGiven(
        purpose=PurposeCode.MAILING, text_code="no_such", text_version=9, given_at=START
    )
    with pytest.raises(Invalid) as refused:
        await customers.create(house.system, draft(consents=(consent,)))
    assert refused.value.code == "consent_text_unknown"
    assert await house.rows("SELECT id FROM customer") == []


@pytest.mark.parametrize(
    "typed", ["+7 912 000 12 34", "9120001234", "8-912-000-12-34", "звонить 8 912 000 12 34"]
)
async def test_two_spellings_of_a_phone_meet_in_one_client(house: TestHouse, typed: str) -> None:
    one = await added(house)
    assert await found_by(house, typed) == one.number
    assert await found_by(house, "+7 912 000 12 35") is None


async def test_equal_endings_of_two_countries_are_two_people(house: TestHouse) -> None:
    await added(house, contacts=(phone("+7 916 223-45-67"),))
    assert await found_by(house, "+1 916 223-45-67") is None


async def test_the_ending_decides_where_one_number_could_not_be_read(house: TestHouse) -> None:
    one = await added(house, contacts=(phone("098 123-45-67"),))
    assert await found_by(house, "380981234567") == one.number
    assert await found_by(house, "+380 98 123-45-67") == one.number


async def test_an_unreadable_phone_is_kept_as_typed_and_marked(house: TestHouse) -> None:
    one = await added(house, contacts=(phone("внутренний 12-34, Марфа"),))
    card = await customers.open_card(house.shop_key(), one.id)
    (contact,) = card.customer.contacts
    assert contact.full == Personal("внутренний 12-34, Марфа")
    assert not contact.readable


async def test_blanks_and_doubles_among_contacts_are_left_out(house: TestHouse) -> None:
    contacts = (email(" "), phone("1234567"), phone(" 1234567 "), phone(""))
    one = await added(house, contacts=contacts)
    card = await customers.open_card(house.shop_key(), one.id)
    assert [contact.full for contact in card.customer.contacts] == [Personal("1234567")]


async def test_the_same_external_id_is_taken_once_in_a_shop_and_again_in_another(
    house: TestHouse,
) -> None:
    await added(house, external_id="77")
    with pytest.raises(Conflict) as refused:
        await customers.create(house.system, draft("77"))
    assert refused.value.code == "customer_exists"
    other = await added(house, external_id="77", shop="second")
    assert other.number == 2


async def test_who_writes_a_client_down_leads_him_and_a_program_leads_nobody(
    house: TestHouse,
) -> None:
    seller = house.actor_for("seller")
    mine = await customers.create(seller, draft())
    theirs = await customers.create(house.shop_key(), draft())
    assert await house.rows("SELECT owner_id FROM customer ORDER BY number") == [
        (seller.id,),
        (None,),
    ]
    assert (mine.number, theirs.number) == (1, 2)
    named = await customers.create(house.shop_key(), draft(manager_number=2))
    card = await customers.open_card(house.system, named.id)
    assert (card.customer.owner_number, card.customer.owner_name) == (2, "Борис Соседов")
    with pytest.raises(Invalid) as refused:
        await customers.create(house.shop_key(), draft(manager_number=999))
    assert refused.value.code == "manager_unknown"


async def test_a_company_is_known_for_one(house: TestHouse) -> None:
    one = await added(
        house, kind=CustomerKind.COMPANY, company_name=Personal("ООО «Ромашка»"), contacts=()
    )
    card = await customers.open_card(house.system, one.id)
    assert card.customer.kind is CustomerKind.COMPANY
    assert card.customer.name == Personal("ООО «Ромашка»")


async def test_every_purpose_and_its_source_stays_with_the_client(house: TestHouse) -> None:
    mailing = Purpose(
        code=PurposeCode.MAILING, basis=LegalBasis.CONSENT, source="form:main", since=START
    )
    one = await added(house, purposes=(ASKED, mailing))
    view = await customers.get(house.shop_key(), "main", ref(one.number))
    assert set(view.purposes) == {ASKED, mailing}


async def test_a_role_without_the_right_adds_nobody_and_the_log_says_so(house: TestHouse) -> None:
    with pytest.raises(Denied):
        await customers.create(house.actor_for("storekeeper"), draft())
    (leaf,) = await leaves(house)
    assert (leaf["action"], leaf["result"]) == ("customers.create", "denied")
    assert await house.rows("SELECT id FROM customer") == []


async def test_each_person_gets_a_key_of_his_own(house: TestHouse) -> None:
    one, two = await added(house), await added(house)
    rows = await house.rows("SELECT DISTINCT subject_id FROM customer")
    assert len(rows) == 2 and one.id != two.id
    subjects = await house.rows("SELECT DISTINCT subject_id FROM contact")
    assert {row[0] for row in subjects} == {row[0] for row in rows}
    assert all(isinstance(row[0], UUID) for row in rows)
