"""What the console says: Russian is the source, the common catalogue has the English."""

from collections.abc import Mapping

from appliance.cli.texts import language, sentence
from appliance.web.texts import catalogue

__all__ = ["N_", "_", "filled", "language", "ngettext", "sentence"]


def _(text: str) -> str:
    """Return a text in the reader's language."""
    return catalogue(language()).gettext(text)


def N_(text: str) -> str:  # noqa: N802 - the name that the catalogue's tools know
    """Mark a text that is put into the reader's language where it is shown."""
    return text


def ngettext(one: str, many: str, count: int) -> str:
    """Return the form that goes with a count."""
    return catalogue(language()).ngettext(one, many, count)


def filled(text: str, values: Mapping[str, object]) -> str:
    """Put values into the places of a text in the reader's language."""
    return _(text) % dict(values)
