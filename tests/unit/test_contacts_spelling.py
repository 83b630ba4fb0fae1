"""Phones, mailboxes, tax numbers, masks: total functions, one normal form, little shown."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.domain import emails, masks, phones, taxids
from appliance.domain.customers import CustomerKind, Person
from appliance.domain.grants import Access, Grant, Scope, join
from appliance.domain.names import full_name, short_name
from appliance.domain.personal import Personal

RUSSIAN = st.integers(900_000_0000, 999_999_9999).map(str)


@given(st.text(max_size=60))
def test_any_text_is_a_phone_or_none(text: str) -> None:
    found = phones.normalise(text)
    if found is not None:
        assert found.e164.startswith("+") and found.e164[1:].isascii()
        assert found.e164[1:].isdigit() and found.e164.endswith(found.tail)
        again = phones.normalise(found.e164)
        assert again is not None and again.e164 == found.e164


@given(RUSSIAN)
def test_spellings_of_one_mobile_number_are_one(digits: str) -> None:
    code, a, b, c = digits[:3], digits[3:6], digits[6:8], digits[8:]
    spellings = (
        digits,
        f"8{digits}",
        f"+7{digits}",
        f"7{digits}",
        f"8 ({code}) {a}-{b}-{c}",
        f"+7 {code} {a} {b} {c}",
        f"(+7) {code}{a}{b}{c}",
        f"+7{digits} доб. 12",
        f"+7{digits}, добавочный 12",
        unicodedata.normalize("NFKC", f"+7{digits}").translate({ord("1"): "１"}),
    )
    read = {phones.normalise(one) for one in spellings}
    assert len({one.e164 if one else None for one in read}) == 1


@pytest.mark.parametrize("typed", ["8 912 000-12-3٤", "+7 912 000 12 ３४", "8९120001234"])
def test_a_digit_of_another_script_is_not_passed_over(typed: str) -> None:
    """Left out, it would make the number of somebody else."""
    assert phones.normalise(typed) is None


@pytest.mark.parametrize("typed", ["восемь девятьсот", "", "+", "12", "1" * 40, "8912ааа0001234"])
def test_what_is_no_phone_is_none(typed: str) -> None:
    assert phones.normalise(typed) is None


def test_an_extension_is_kept_apart() -> None:
    found = phones.normalise("8 (495) 123-45-67 доб. 123")
    assert found == phones.Phone("+74951234567", "4951234567", "123")


def test_an_unreadable_number_still_has_its_last_digits() -> None:
    assert phones.tail_of("перезвонить 8-912-000-12-34") == "9120001234"
    assert phones.tail_of("123-45-67") == ""


@given(st.text(max_size=60) | st.emails())
def test_any_text_is_a_mailbox_or_none_and_twice_is_once(text: str) -> None:
    found = emails.normalise(text)
    if found is not None:
        assert found.count("@") == 1
        assert emails.normalise(found) == found


@given(st.emails())
def test_case_of_a_mailbox_does_not_matter(address: str) -> None:
    assert emails.normalise(address.upper()) == emails.normalise(address.lower())


def test_sharp_s_stays_itself() -> None:
    assert emails.normalise("Strauß@example.ru") == "strauß@example.ru"


@given(st.text(max_size=20))
def test_any_text_is_a_tax_number_or_none(text: str) -> None:
    found = taxids.normalise_inn(text)
    assert found is None or (found.isascii() and found.isdigit() and len(found) in (10, 12))


@given(st.integers(0, 9), st.integers(0, 9))
def test_one_wrong_digit_of_a_tax_number_is_noticed(place: int, digit: int) -> None:
    right = "7707083893"
    typed = right[:place] + str(digit) + right[place + 1 :]
    assert (taxids.normalise_inn(typed) is not None) == (typed == right)


@pytest.mark.parametrize("typed", ["0" * 10, "0" * 12, "7707083894", "77070838930", "7707 083893"])
def test_what_is_no_tax_number_is_none(typed: str) -> None:
    assert taxids.normalise_inn(typed) is None


@given(RUSSIAN)
def test_a_masked_phone_shows_three_digits_of_ten(digits: str) -> None:
    shown = masks.mask_phone(digits, f"+7{digits}")
    assert phones.digits_of(shown) == f"7{digits[0]}{digits[-2:]}"


@given(st.text(max_size=40))
def test_a_masked_unreadable_phone_shows_two_digits_at_most(typed: str) -> None:
    assert len(phones.digits_of(masks.mask_phone(typed, ""))) <= 2


@example("00@.")
@example("00@.a")
@example("co@example.com")
@given(st.text(max_size=40) | st.emails())
def test_a_masked_mailbox_shows_one_letter_and_the_zone(address: str) -> None:
    shown = masks.mask_email(address)
    assert shown.count("•") >= 5
    local, at, domain = address.rpartition("@")
    if at and len(local) > 1 and "." in domain:
        assert local not in shown.partition("@")[0] and domain not in shown


@given(st.text(st.characters(exclude_characters="•"), max_size=20))
def test_a_masked_tax_number_shows_three_digits(inn: str) -> None:
    assert masks.mask_tax_id(inn).count("•") == max(len(inn) - 3, 0)


@given(st.text(max_size=10), st.text(max_size=10), st.text(max_size=10), st.text(max_size=10))
def test_names_are_put_together_without_spare_spaces(a: str, b: str, c: str, d: str) -> None:
    person = Person(first_name=a, last_name=b, patronymic=c, company_name=d)
    for kind in CustomerKind:
        assert full_name(person, kind) == (
            d if kind is CustomerKind.COMPANY and d else " ".join(x for x in (b, a, c) if x) or d
        )
        assert short_name(person, kind) in {d, " ".join(x for x in (b, a) if x)}


ACCESS = st.dictionaries(st.sampled_from(["name", "phone", "email"]), st.sampled_from(Access))
GRANTS = st.builds(Grant, st.sampled_from(Scope), ACCESS)


@given(GRANTS, GRANTS)
def test_two_roles_together_reach_as_far_as_the_wider_of_them(one: Grant, two: Grant) -> None:
    both = join(one, two)
    assert both == join(two, one)
    assert both.scope == max(one.scope, two.scope)
    for field in ("name", "phone", "email", "address"):
        assert both.access(field) == max(one.access(field), two.access(field))


def test_a_personal_value_prints_nothing_and_does_not_travel() -> None:
    import pickle  # noqa: PLC0415  only to be refused

    value = Personal("Сухова")
    assert {str(value), repr(value), f"{value}", f"{value:>20}"} == {"•••"}
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(value)
    assert value == Personal("Сухова") and value != "Сухова" and bool(Personal("")) is False
