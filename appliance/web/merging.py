"""Two people on one form: what only one of them touched is merged, what both did is asked about.

A form carries what its fields held when it was opened (`was-…`). When somebody else has saved in
between, it comes back with his values where the reader changed nothing, and with a choice, per
field, where both did: was, theirs, mine. The choice is sent with the form (`take-…`, `theirs-…`).
"""

from collections.abc import Mapping
from typing import NamedTuple

from litestar.datastructures import FormMultiDict

from appliance.domain.form_texts import Text, worded
from appliance.domain.personal import Personal

_WAS, _TAKE, _THEIRS = "was-", "take-", "theirs-"


class Clash(NamedTuple):
    """One field that two people changed: values as the form has them, and as people read them."""

    name: str
    label: str
    value: Text
    was: Text
    theirs: Text
    mine: Text
    several: bool = False


class Field(NamedTuple):
    """A field to be merged.

    Attributes:
        words: what its codes stand for.
        several: it may hold several codes, or none: as one text with commas between.
    """

    label: str
    words: Mapping[str, str] = {}
    several: bool = False


class Merged(NamedTuple):
    """What the form shows now.

    Attributes:
        values: of all fields, the reader's where both changed one.
        clashes: fields that both changed.
        came: labels of fields that came from the other without a question.
    """

    values: dict[str, Text]
    clashes: tuple[Clash, ...]
    came: tuple[str, ...]


def taken(values: Mapping[str, str]) -> dict[str, str]:
    """The form's fields with the choices applied; without what only serves the merging."""
    fields = {
        name: _lines(value)
        for name, value in values.items()
        if not name.startswith((_WAS, _TAKE, _THEIRS))
    }
    for name, value in values.items():
        if name.startswith(_TAKE) and value == "theirs":
            field = name.removeprefix(_TAKE)
            fields[field] = _lines(values.get(_THEIRS + field, ""))
    return fields


def settled(form: FormMultiDict) -> FormMultiDict:
    """The same of a form whose inputs may hold several values, or none at all."""
    said = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    given = {
        n.removeprefix(_TAKE) for n, value in said if n.startswith(_TAKE) and value == "theirs"
    }
    kept = [
        (name, _lines(value))
        for name, value in said
        if name not in given and not name.startswith((_WAS, _TAKE, _THEIRS))
    ]
    theirs = [
        (name.removeprefix(_THEIRS), _lines(value))
        for name, value in said
        if name.removeprefix(_THEIRS) in given and name.startswith(_THEIRS)
    ]
    return FormMultiDict([*kept, *theirs])


def opened(values: Mapping[str, str]) -> dict[str, str]:
    """What the fields held when the form was opened."""
    return {
        name.removeprefix(_WAS): _lines(value)
        for name, value in values.items()
        if name.startswith(_WAS)
    }


def _lines(text: str) -> str:
    """A text as it is kept: browsers send the ends of lines in two signs."""
    return text.replace("\r\n", "\n")


def merge(
    fields: Mapping[str, Field],
    *,
    was: Mapping[str, Text],
    theirs: Mapping[str, Text],
    mine: Mapping[str, Text],
) -> Merged:
    """Put together what two people made of the same form; fields that were not sent stay out."""
    values, clashes, came = dict(mine), list[Clash](), list[str]()
    for name, field in fields.items():
        if name not in was:
            continue
        before, now, typed = was[name], theirs.get(name, ""), mine.get(name, "")
        if _same(now, before) or _same(now, typed):
            continue
        if _same(typed, before):
            values[name] = now
            came.append(field.label)
        else:
            shown = [_word(field, one) for one in (before, now, typed)]
            clashes.append(Clash(name, field.label, now, *shown, several=field.several))
    return Merged(values, tuple(clashes), tuple(came))


def _same(one: Text, other: Text) -> bool:
    return _wrapped(one) == _wrapped(other)


def _wrapped(text: Text) -> Personal[str]:
    return text if isinstance(text, Personal) else Personal(text)


def _word(field: Field, text: Text) -> Text:
    return worded(text, field.words, several=field.several)
