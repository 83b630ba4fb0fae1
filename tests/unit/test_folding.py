"""Fixed words of a template are answered once, and only what is fixed."""

from jinja2 import DictLoader
from markupsafe import Markup

from appliance.web.folding import FoldingEnvironment


def _drawn(source: str, **names: object) -> tuple[str, list[str], int]:
    """What the template draws, the words asked for while compiling, and by how many drawings."""
    asked: list[str] = []

    def say(text: str, **places: object) -> Markup:
        asked.append(text)
        return Markup("<i>" + text + "</i>") % places  # noqa: S704 (words of this test)

    page = FoldingEnvironment(loader=DictLoader({"page": source}), autoescape=True)
    page.fixed = {"_": say}
    page.globals["_"] = say
    template = page.get_template("page")
    compiled = list(asked)
    drawn = template.render(**names)
    return drawn, compiled, len(asked) - len(compiled)


def test_a_fixed_word_is_asked_for_once_and_keeps_its_marks() -> None:
    source = "{% macro b(label) %}<b>{{ label }}</b>{% endmacro %}{{ _('a%%') }}{{ b(_('x')) }}"
    assert _drawn(source) == ("<i>a%</i><b><i>x</i></b>", ["a%%", "x"], 0)


def test_a_word_with_places_is_said_at_each_drawing() -> None:
    assert _drawn("{{ _('%(n)s of', n=n) }}", n="<2>") == ("<i>&lt;2&gt; of</i>", [], 1)


def test_a_word_chosen_while_drawing_is_said_then() -> None:
    assert _drawn("{{ _(word) }}", word="late") == ("<i>late</i>", [], 1)
