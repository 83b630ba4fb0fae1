"""Search by fragments, the guard of masked and hidden contacts, whose client it is, reveals."""

from pathlib import Path

import pytest

from appliance.actions import customers
from appliance.domain.access import Actor
from appliance.domain.customers import ContactKind, RequisitesParts
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.domain.users import RevealBudget
from appliance.errors import Denied, Destroyed, Invalid, NotFound, Throttled
from appliance.storage.statements import execute, fetch_value
from tests.house_fixture import TestHouse
from tests.integration.clients.people import (
    added,
    counted_statements,
    email,
    entries,
    indexed,
    leaves,
    phone,
)


async def found(actor: Actor, text: str) -> list[int]:
    return [one.number for one in await customers.search(actor, text)]


@pytest.mark.checklist(165)
async def test_any_fragment_finds_ones_own_clients(house: TestHouse, tmp_path: Path) -> None:
    seller = house.actor_for("seller")
    one = await added(house, seller, last_name=Personal("Семёнова"))
    await added(house, last_name=Personal("Семёнова"))  # nobody's
    await indexed(tmp_path)
    for text in ("семен", "Семён", "ctvtyjd", "semenova", "анна семёнова", "1"):
        assert await found(seller, text) == [one.number], text
    assert await found(house.actor_for("rival"), "семен") == []
    assert sorted(await found(house.actor_for("head"), "семен")) == [1, 2]
    for nothing in ("", " ", "?!", "ъъъъ"):
        assert await found(seller, nothing) == []


@pytest.mark.parametrize(
    "text", ["1234", "0001234", "9120001234", "89120001234", "+7 912 000-12-34", "анна 1234"]
)
async def test_a_masked_phone_answers_to_endings_people_say(
    house: TestHouse, tmp_path: Path, text: str
) -> None:
    one = await added(house, house.actor_for("seller"))
    await indexed(tmp_path)
    assert await found(house.actor_for("seller"), text) == [one.number]


async def test_a_masked_phone_cannot_be_guessed_digit_by_digit(
    house: TestHouse, tmp_path: Path
) -> None:
    """Its owner's card shows three digits; every other fragment must not tell a fourth."""
    await added(house, house.actor_for("seller"))
    await indexed(tmp_path)
    digits, answered = "79120001234", set[str]()
    for start in range(len(digits)):
        for end in range(start + 2, len(digits) + 1):
            if await found(house.actor_for("seller"), digits[start:end]):
                answered.add(digits[start:end])
    assert answered == {"1234", "0001234", "9120001234", "79120001234"}
    assert await found(house.shop_key(), "91200") == [1]


async def test_a_masked_mailbox_answers_to_whole_words_only(
    house: TestHouse, tmp_path: Path
) -> None:
    seller = house.actor_for("seller")
    contacts = (email("lamp.buyer@romashka.example"),)
    one = await added(house, seller, contacts=contacts)
    await indexed(tmp_path)
    for text in ("lamp.buyer@romashka.example", "lamp.buyer", "buyer"):
        assert await found(seller, text) == [one.number], text
    for part in ("buy", "lamp.b", "romash", "@romashka.example", "lamp.buyer@rom"):
        assert await found(seller, part) == [], part
    assert await found(house.shop_key(), "romash") == [one.number]


async def test_a_hidden_phone_finds_nobody(house: TestHouse, tmp_path: Path) -> None:
    await added(house)
    await indexed(tmp_path)
    accountant = house.actor_for("accountant")
    for text in ("1234", "9120001234", "anna@example.ru"):
        assert await found(accountant, text) == []
    assert await found(accountant, "сухова") == [1]


async def test_the_log_keeps_a_token_of_the_question_and_whom_it_opened(
    house: TestHouse, tmp_path: Path
) -> None:
    await added(house)
    await indexed(tmp_path)
    await found(house.actor_for("head"), "Сухова")
    leaf = (await leaves(house))[-1]
    assert (leaf["action"], leaf["result"]) == ("customers.search", "done")
    assert len(leaf["subjects"]) == 1
    assert "ухова" not in repr(leaf)


async def test_a_search_takes_the_same_few_statements_for_one_and_for_many(
    house: TestHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, counts = house.actor_for("head"), list[int]()
    for size in (1, 15):
        for _ in range(size):
            await added(house)
        await indexed(tmp_path)
        with counted_statements(monkeypatch) as seen:
            await found(head, "сух")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 4


# --- who leads a client that one does not see ---


@pytest.mark.parametrize("text", ["8 912 000 12 34", "anna@example.ru", "500100732259"])
async def test_a_whole_contact_tells_who_leads_the_client_and_nothing_else(
    house: TestHouse, text: str
) -> None:
    await added(
        house, house.actor_for("seller"), requisites=Personal(RequisitesParts(inn="500100732259"))
    )
    rival = house.actor_for("rival")
    assert await customers.find_owner(rival, text) == [
        customers.Leader(user_number=1, user_name="Анна Продавцова")
    ]
    leaf = (await leaves(house))[-1]
    assert (leaf["action"], leaf["result"]) == ("customers.find_owner", "done")
    assert [person.get("fields", []) for person in leaf["subjects"]] == [[]]
    assert text not in repr(leaf)


@pytest.mark.parametrize("text", ["0001234", "anna", "@example.ru", "Сухова", "50010073225", ""])
async def test_a_fragment_is_no_question_about_the_leader(house: TestHouse, text: str) -> None:
    await added(house, house.actor_for("seller"))
    with pytest.raises(Invalid) as refused:
        await customers.find_owner(house.actor_for("rival"), text)
    assert refused.value.code == "contact_not_full"


async def test_questions_are_counted_whether_anybody_is_found_or_not(house: TestHouse) -> None:
    """Else the phone book could be gone through for who is a client here."""
    rival = house.actor_for("rival")
    await added(house, house.actor_for("seller"))
    day = RevealBudget().day
    for last in range(day):
        assert await customers.find_owner(rival, f"8 913 000 {last:04d}") == []
    with pytest.raises(Throttled) as refused:
        await customers.find_owner(rival, "8 912 000 12 34")
    assert refused.value.code == "reveal_budget_spent"
    # The same question again, however it is spelled, costs nothing more.
    assert await customers.find_owner(rival, "+79130000000") == []


# --- reveal ---


async def contact_of(house: TestHouse, number: int, kind: ContactKind) -> object:
    card = await customers.open_by_number(house.shop_key(), number)
    return next(contact.id for contact in card.customer.contacts if contact.kind is kind)


async def test_a_reveal_shows_one_contact_and_is_written_down(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    one = await added(house, seller)
    contact = await contact_of(house, one.number, ContactKind.PHONE)
    shown = await customers.reveal(seller, contact)  # type: ignore[arg-type]
    assert shown.value == Personal("+79120001234")
    assert shown.budget_left == RevealBudget().day - 1
    leaf = (await leaves(house))[-1]
    assert (leaf["action"], leaf["object_id"], leaf["result"]) == (
        "customers.reveal",
        str(one.id),
        "done",
    )
    assert [person["fields"] for person in leaf["subjects"]] == [["phone"]]
    again = await customers.reveal(seller, contact)  # type: ignore[arg-type]
    assert again.budget_left == shown.budget_left


async def test_nobody_reveals_a_strangers_contact(house: TestHouse) -> None:
    one = await added(house, house.actor_for("seller"))
    contact = await contact_of(house, one.number, ContactKind.PHONE)
    for contact_id in (contact, uuid7()):
        with pytest.raises(NotFound) as refused:
            await customers.reveal(house.actor_for("rival"), contact_id)  # type: ignore[arg-type]
        assert refused.value.code == "contact_not_found"
    assert await house.rows("SELECT id FROM reveal") == []


async def test_a_hidden_kind_is_denied_and_costs_nothing(house: TestHouse) -> None:
    one = await added(house)
    contact = await contact_of(house, one.number, ContactKind.EMAIL)
    head = house.actor_for("head")
    fields = dict(head.grants["customer.reveal"].fields)
    del fields["email"]
    grants = dict(head.grants) | {
        "customer.reveal": head.grants["customer.reveal"]._replace(fields=fields)
    }
    with pytest.raises(Denied) as refused:
        await customers.reveal(head._replace(grants=grants), contact)  # type: ignore[arg-type]
    assert refused.value.code == "field_hidden"
    assert await house.rows("SELECT id FROM reveal") == []


@pytest.mark.parametrize("state", ["blocked", "destroyed"])
async def test_contacts_of_a_blocked_or_destroyed_client_are_not_there(
    house: TestHouse, state: str
) -> None:
    one = await added(house)
    contact = await contact_of(house, one.number, ContactKind.PHONE)

    async def block() -> None:
        await execute("UPDATE customer SET state = {} WHERE id = {}", state, one.id)

    await house.write(block)
    with pytest.raises(NotFound):
        await customers.reveal(house.actor_for("head"), contact)  # type: ignore[arg-type]
    assert await customers.find_owner(house.actor_for("rival"), "89120001234") == []


async def test_a_contact_whose_key_is_withdrawn_is_not_revealed_nor_counted(
    house: TestHouse,
) -> None:
    one = await added(house)
    contact = await contact_of(house, one.number, ContactKind.PHONE)

    async def subject() -> object:
        return await fetch_value("SELECT subject_id FROM customer WHERE id = {}", one.id)

    house.vault.begin_destroy(await house.database.read(subject))  # type: ignore[arg-type]
    with pytest.raises(Destroyed):
        await customers.reveal(house.actor_for("head"), contact)  # type: ignore[arg-type]
    assert await house.rows("SELECT id FROM reveal") == []
    assert (await leaves(house))[-1]["result"] == "subject_pending_destroy"


async def test_an_unreadable_phone_is_revealed_as_it_was_typed(house: TestHouse) -> None:
    one = await added(house, contacts=(phone("внутр. 12-34"),))
    contact = await contact_of(house, one.number, ContactKind.PHONE)
    shown = await customers.reveal(house.actor_for("head"), contact)  # type: ignore[arg-type]
    assert shown.value == Personal("внутр. 12-34")
    assert await entries(house, one.number) == []
