"""Long passwords of one's own are taken, well-known ones are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.password_rules import problem


@pytest.mark.parametrize(
    "password",
    [
        "тихий вечер у озера",
        "correct horse battery staple",
        "Xk29 fjw8 pqTm",
        "восемь рыжих белок",
        "gnome-kettle-vortex",
    ],
)
def test_a_long_phrase_of_ones_own_is_taken(password: str) -> None:
    assert problem(password) is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("короткий", "password_short"),
        ("a" * 257, "password_long"),
        ("password12345", "password_common"),
        ("P@ssw0rd2024!", "password_common"),
        ("qwertyuiop123", "password_common"),
        ("йцукенгшщзхъ", "password_common"),
        ("пароль123456789", "password_common"),
        ("123412341234", "password_common"),
        ("aaaaaaaaaaaaab", "password_common"),
        ("Москва2024Россия", "password_common"),
        ("1qaz2wsx3edc", "password_common"),
        ("zyxwvutsrqponm", "password_common"),
    ],
)
def test_short_endless_and_well_known_passwords_are_refused(password: str, code: str) -> None:
    assert problem(password) == code


def test_an_administrator_needs_fifteen_characters() -> None:
    password = "gnome-kettle-v"
    assert problem(password) is None
    assert problem(password, admin=True) == "password_short_admin"


@pytest.mark.parametrize("own", ["kozlova", "ООО «Лампада»"])
def test_words_of_the_company_and_ones_own_login_are_refused(own: str) -> None:
    assert problem("kozlova лампада ждёт", own_words=[own]) == "password_company_word"


@given(st.text(min_size=12, max_size=300))
def test_any_text_gets_an_answer(password: str) -> None:
    assert problem(password) in {None, "password_long", "password_common", "password_company_word"}
