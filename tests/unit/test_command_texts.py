"""Every text of the command line is there in both languages."""

import ast
import re
from pathlib import Path

import pytest

from appliance import cli
from appliance.cli import texts

HOMES = (
    Path(cli.__file__).parent,
    *(Path(cli.__file__).parents[2] / name for name in ("backups", "updates")),
)
RUSSIAN = re.compile("[А-Яа-яЁё]")


def wanted() -> set[str]:
    """Every Russian string of the sources; comments and docstrings are English."""
    return {
        node.value
        for home in HOMES
        for path in home.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and RUSSIAN.search(node.value)
    }


def test_every_text_has_its_english_and_none_is_left_over() -> None:
    assert wanted() ^ set(texts.english()) == set()


def test_no_english_text_has_russian_letters() -> None:
    assert not [text for text in texts.english().values() if RUSSIAN.search(text)]


@pytest.mark.parametrize(("language", "said"), [("ru", "Порт 80"), ("en", "port 80")])
def test_the_language_is_chosen_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setenv("KOROBKA_LANGUAGE", language)
    assert said in texts.sentence("E020", {"port": 80})


def test_an_unknown_code_is_still_answered_with_a_sentence() -> None:
    assert texts.sentence("nobody_wrote_this", {}).endswith(".")
