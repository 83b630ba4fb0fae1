"""The catalogues say everything the sources ask for, and nothing else."""

import re
import tomllib

import pytest

from appliance.domain.formats import Language
from appliance.web import texts
from appliance.web.texts import upkeep

FORMS: dict[Language, int] = {"ru": 3, "en": 2}
PLACE = re.compile(r"%\((\w+)\)[sd]")
BRACES = re.compile(r"\{(\w+)\}")


def errors() -> dict[str, dict[str, str]]:
    return tomllib.loads((texts.HERE / "errors.toml").read_text(encoding="utf-8"))


def translations(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [string] if isinstance(string, str) else list(string or ())


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_no_text_is_missing_and_none_is_unused(language: Language) -> None:
    wanted = {message.id for message in upkeep.wanted(language)}
    present = {
        m.id if isinstance(m.id, str) else tuple(m.id) for m in upkeep.read(language) if m.id
    }
    assert wanted - present == set(), "run scripts/build-texts --update and translate"
    assert present - wanted == set(), "run scripts/build-texts --update"


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_text_is_translated_with_all_its_plural_forms(language: Language) -> None:
    bare: list[str] = []
    for message in upkeep.read(language):
        if not message.id:
            continue
        forms = translations(message.string)
        expected = 1 if isinstance(message.id, str) else FORMS[language]
        if len(forms) != expected or not all(forms) or message.fuzzy:
            bare.append(str(message.id))
    assert bare == []


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_a_translation_keeps_the_places_for_values(language: Language) -> None:
    for message in upkeep.read(language):
        if not message.id:
            continue
        source = message.id if isinstance(message.id, str) else message.id[0]
        for form in translations(message.string):
            assert set(PLACE.findall(form)) == set(PLACE.findall(source)), source


def test_every_error_code_has_its_sentence() -> None:
    assert sorted(upkeep.constants().codes - set(errors())) == []


def test_no_sentence_is_kept_for_a_code_that_nobody_raises() -> None:
    known = upkeep.constants()
    loose = [code for code in errors() if not any(one.fullmatch(code) for one in known.made)]
    assert sorted(set(loose) - known.texts) == []


def test_error_sentences_are_complete_in_both_languages() -> None:
    for code, entry in errors().items():
        assert entry["ru"], code
        assert entry["en"], code
        for part in ("", "_hint"):
            russian, english = entry.get("ru" + part, ""), entry.get("en" + part, "")
            assert bool(russian) == bool(english), code
            assert set(BRACES.findall(russian)) == set(BRACES.findall(english)), code


def test_russian_plurals_take_all_three_forms() -> None:
    ngettext = texts.catalogue("ru").ngettext
    one, many = "Исправьте %(num)d поле", "Исправьте %(num)d полей"
    forms = [ngettext(one, many, n) % {"num": n} for n in (1, 2, 5, 21)]
    assert forms == [f"Исправьте {shown}" for shown in ("1 поле", "2 поля", "5 полей", "21 поле")]


def test_an_unknown_code_still_gets_a_sentence() -> None:
    assert texts.error("no_such_code_at_all", "ru").title == "Не получилось"
    assert texts.error("throttled", "en", {"seconds": 5}).hint == "Wait 5 s and repeat"
    assert "seconds" in texts.error("throttled", "ru").hint
