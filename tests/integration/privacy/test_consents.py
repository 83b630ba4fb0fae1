"""Consents: which text, in which version, until when."""

import pytest

from appliance.actions import customers, privacy
from appliance.domain.customers import CustomerDraft
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal
from appliance.domain.privacy import ConsentGiven, LegalBasis, Purpose, PurposeCode
from appliance.errors import Denied, Invalid, NotFound
from tests.house_fixture import SHOP, START, TestHouse

MAILING = PurposeCode.MAILING
ORDER = Purpose(code=PurposeCode.ORDER, basis=LegalBasis.CONTRACT, source="phone", since=START)


async def _client(house: TestHouse) -> CustomerRef:
    draft = CustomerDraft(shop=SHOP, first_name=Personal("Ольга"), purposes=(ORDER,))
    added = await customers.create(house.actor_for("seller"), draft)
    return CustomerRef(number=added.number)


def _given(version: int) -> ConsentGiven:
    return ConsentGiven(
        purpose=MAILING,
        text_code="mail",
        text_version=version,
        given_at=START,
        channel="form",
        evidence=Personal("галочка на форме"),
    )


async def test_other_words_are_the_next_version_and_the_same_words_are_not(
    house: TestHouse,
) -> None:
    officer = house.actor_for("data_officer")
    first = await privacy.add_text(officer, "mail", MAILING, "Согласен получать письма")
    again = await privacy.add_text(officer, "mail", MAILING, "Согласен получать письма")
    other = await privacy.add_text(officer, "mail", MAILING, "Согласен получать письма и звонки")
    assert (first.version, again.version, other.version) == (1, 1, 2)
    listed = await privacy.list_texts(officer)
    assert [text.version for text in listed] == [2, 1]


@pytest.mark.parametrize(
    ("code", "text", "problem"),
    [
        ("", "Текст", "consent_code_empty"),
        ("mail", "  ", "consent_text_empty"),
        ("mail", "я" * 20_001, "consent_text_long"),
    ],
)
async def test_a_text_that_says_nothing_or_too_much_is_refused(
    house: TestHouse, code: str, text: str, problem: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await privacy.add_text(house.actor_for("data_officer"), code, MAILING, text)
    assert refused.value.code == problem


async def test_a_seller_writes_no_consent_texts(house: TestHouse) -> None:
    with pytest.raises(Denied):
        await privacy.add_text(house.actor_for("seller"), "mail", MAILING, "Согласен")


async def test_a_consent_brings_its_purpose_and_its_withdrawal_ends_both(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    await privacy.add_text(house.actor_for("data_officer"), "mail", MAILING, "Согласен")
    client = await _client(house)
    await privacy.give(seller, SHOP, client, [_given(1)])
    view = await customers.get(seller, SHOP, client)
    assert [consent.purpose for consent in view.consents] == [MAILING]
    assert [(p.code, p.basis) for p in view.purposes if p.until is None] == [
        (PurposeCode.ORDER, LegalBasis.CONTRACT),
        (MAILING, LegalBasis.CONSENT),
    ]
    house.clock.pass_(days=1)
    assert await privacy.withdraw(seller, SHOP, client, MAILING) == 1
    assert await privacy.withdraw(seller, SHOP, client, MAILING) == 0
    view = await customers.get(seller, SHOP, client)
    assert view.consents == ()
    assert [p.code for p in view.purposes if p.until is None] == [PurposeCode.ORDER]


async def test_a_consent_to_a_text_that_was_never_shown_is_refused(house: TestHouse) -> None:
    client = await _client(house)
    with pytest.raises(Invalid) as refused:
        await privacy.give(house.actor_for("seller"), SHOP, client, [_given(7)])
    assert refused.value.code == "consent_text_unknown"


async def test_consents_of_a_strangers_client_are_out_of_reach(house: TestHouse) -> None:
    client = await _client(house)
    with pytest.raises(NotFound):
        await privacy.withdraw(house.actor_for("rival"), SHOP, client, MAILING)
