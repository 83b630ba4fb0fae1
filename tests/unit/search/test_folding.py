"""The rules of folding, and what a query finds."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.domain.folding import (
    fold,
    fold_mail,
    haystack,
    matches,
    parse,
    phone_digits,
    swap_layout,
    to_cyrillic,
    to_latin,
)

ANNA = haystack(
    "Щёголева Анна Юрьевна",
    4821,
    digits=("79161234567", "7712345678"),
    mails=("a.schegoleva@mail.ru", "anna@romashka-opt.ru"),
)
DASH = haystack("Петров-Водкин Кузьма О'Нил")


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("  Ёлкина\u00a0 Зоя ", "елкина зоя"),
        ("ООО «Ромашка-Опт»", "ооо ромашка опт"),
        ("О'Нил", "о нил"),
        ("STRASSE Straße", "strasse strasse"),
        ("ﬁrma Ⅳ ²", "firma iv 2"),
        ("и\u0306огурт", "йогурт"),
        ("a_b\ud800\x00🙂", "a b"),
        ("—", ""),
    ],
)
def test_names_fold_to_plain_words(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold_mail(fold_mail(text)) == fold_mail(text)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("I.Ivanov@Mail.RU", "i.ivanov@"),
        ("i.ivanov@mai", "i.ivanov@"),
        ("i.ivanov@", "i.ivanov@"),
        ("ivanov@romashka.ru", "ivanov@romashka.ru"),
        ("ivanov+zakaz", "ivanov+zakaz"),
    ],
)
def test_a_shared_mail_host_is_left_out_even_half_typed(written: str, folded: str) -> None:
    assert fold_mail(written) == folded


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("8 (916) 123-45-67", "79161234567"),
        ("916 123 45 67", "79161234567"),
        ("+7 916 123-45-67", "79161234567"),
        ("+375 29 123-45-67", "375291234567"),
        ("+1 202 555-01", "120255501"),
        ("123-45-67", "1234567"),
    ],
)
def test_a_phone_becomes_digits_with_the_countrys_code(typed: str, digits: str) -> None:
    assert phone_digits(typed) == digits


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("ghbdtn", "привет"), ("привет", "ghbdtn"), ("[fhkfvjd", "харламов"), ("цфдд", "wall"),
     ("`krf", "ёлка"), (";erjd", "жуков"), ("GTNHJD", "петров")],
)  # fmt: skip
def test_the_same_keys_are_read_in_the_other_layout(typed: str, meant: str) -> None:
    assert swap_layout(typed) == meant


@pytest.mark.parametrize(
    ("russian", "latin"),
    [("щукин", {"schukin", "shchukin"}), ("юлия", {"yuliya", "iuliia"}),
     ("харитонов", {"haritonov", "kharitonov"}), ("объедков", {"obedkov", "obieedkov"})],
)  # fmt: skip
def test_russian_is_spelled_in_latin_in_the_two_usual_ways(russian: str, latin: set[str]) -> None:
    assert set(to_latin(russian)) == latin


@pytest.mark.parametrize(
    ("latin", "russian"),
    [("ivanov", "иванов"), ("shchukin", "щукин"), ("schukin", "щукин"), ("yuliya", "юлия"),
     ("dmitry", "дмитрий"), ("dmitriy", "дмитрий"), ("sergey", "сергей"), ("zhukov", "жуков")],
)  # fmt: skip
def test_a_latin_name_finds_its_russian_spelling(latin: str, russian: str) -> None:
    assert russian in to_cyrillic(latin)


@pytest.mark.parametrize(
    "query",
    [
        *("щеголева", "ЩЁГОЛ", "голев", "анна щег", "щег анна юрь", "а", "щё", "ю щ"),
        *("fyyf", "anna", "schegoleva", "shchegoleva", "a.sch", "a.schegoleva@mail.ru"),
        *("8 916 123-45-67", "8916", "+7 916", "916123", "4567", "123 45 67", "5678", "7712345678"),
        *("4821", "48", "4", "анна 4567", "анна 48", "romashka-opt", "anna@romashka"),
    ],
)
def test_any_usual_fragment_finds_the_client(query: str) -> None:
    assert matches(query, ANNA)


@pytest.mark.parametrize(
    "query",
    ["", " ", "!?", "г", "на", "анна петрова", "4568", "8 917", "67", "mail.ru", "21",
     "анна 67", "ннащег", "\n", "$"],
)  # fmt: skip
def test_a_query_that_is_not_in_the_client_does_not_find_it(query: str) -> None:
    assert not matches(query, ANNA)


@pytest.mark.parametrize(
    "query", ["водкин", "петров-водкин", "водкин-петров", "о'нил", "о", "кузьма петров", "gtnhjd"]
)
def test_a_double_name_is_found_by_each_half(query: str) -> None:
    assert matches(query, DASH)


def test_a_field_left_out_of_the_haystack_cannot_be_found() -> None:
    assert not matches("4567", haystack("Анна", 12, mails=("anna@mail.ru",)))


def test_an_endless_query_is_cut_to_what_a_person_types() -> None:
    assert len(parse("слово " * 10_000).terms) <= 6


@given(st.text(max_size=30), st.text(max_size=30))
@example("\u0663\u0664", "")  # digits, but not of phones
def test_whoever_types_a_whole_word_of_a_name_finds_it(name: str, other: str) -> None:
    text = haystack(f"{name} {other}")
    assert all(matches(word, text) for word in fold(name).split()[:3])
