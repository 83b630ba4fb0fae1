"""One spelling for each login."""

import pytest

from appliance.domain import logins
from appliance.errors import Invalid


@pytest.mark.parametrize("typed", ["Anna", " anna ", "ANNA", "ａｎｎａ"])
def test_case_spaces_and_wide_letters_fold_to_one_login(typed: str) -> None:
    assert logins.checked(typed) == "anna"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("аnna", "login_look_alike"),  # the first letter is Cyrillic
        ("жанна", "login_letters"),
        ("a", "login_length"),
        ("a" * 65, "login_length"),
        ("anna b", "login_letters"),
        ("anna,head", "login_letters"),
    ],
)
def test_a_login_that_could_be_taken_for_another_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        logins.checked(typed)
    assert refused.value.fields == {"login": code}


def test_look_alikes_typed_at_the_door_find_their_owner() -> None:
    assert logins.fold("аnnа") == "anna"


def test_folding_takes_any_nonsense() -> None:
    assert len(logins.fold("\x00" + "я" * 1000)) <= logins.MAX_LOGIN
