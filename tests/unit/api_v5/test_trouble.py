"""How troubles of the box itself are told to programs."""

import pytest

from appliance.api.v5.errors import of_house
from appliance.errors import Damaged, Unavailable


@pytest.mark.parametrize(
    ("code", "word"),
    [("disk_full", "disk is full"), ("keystore_unwritable", "cannot write"), ("x", "cannot do it")],
)
def test_what_the_box_cannot_do_is_told_with_its_code_and_asks_to_try_again(
    code: str, word: str
) -> None:
    trouble = of_house(Unavailable(code))
    assert (trouble.status, trouble.errors) == (503, {"code": code})
    assert word in trouble.text
    assert "ry again later" in trouble.text


def test_data_that_the_box_cannot_read_are_told_as_such_and_not_as_a_bare_error() -> None:
    trouble = of_house(Damaged("storage_damaged", "SQLite error 11"))
    assert (trouble.status, trouble.errors) == (500, {"code": "storage_damaged"})
    assert "unreadable" in trouble.text and "SQLite" not in trouble.text
