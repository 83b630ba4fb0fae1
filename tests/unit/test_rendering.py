"""Pages: strict, escaped, and closed about people unless a template says `reveal`."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import UndefinedError

from appliance.domain.personal import Personal
from appliance.web import kit_samples
from appliance.web.hotkeys import key_aria, key_label
from appliance.web.rendering import TEMPLATES, Assets, Pages, mark_found, read_assets, waiting
from appliance.web.shell import Look, navigation, read_look

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 21, 11, 5, tzinfo=UTC)


class EveryIcon(frozenset[str]):
    """A sprite with every icon: these tests run without a build."""

    def __contains__(self, name: object) -> bool:
        return True


class EveryFile(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return name


@pytest.fixture
def pages() -> Pages:
    return Pages(Assets(EveryFile(), ("keys.js",), EveryIcon()), MOSCOW, now=lambda: NOW)


@pytest.fixture
def own(tmp_path: Path) -> tuple[Pages, Path]:
    assets = Assets({"icons.svg": "icons.1.svg"}, (), frozenset({"truck"}))
    return Pages(assets, MOSCOW, now=lambda: NOW, templates=tmp_path), tmp_path / "page.html"


def test_a_person_prints_as_dots_unless_the_template_reveals(own: tuple[Pages, Path]) -> None:
    pages, template = own
    template.write_text("{{ name }}|{{ name|reveal }}|{{ name|e }}", encoding="utf-8")
    shown = pages.render("page.html", "ru", name=Personal("Петрова <Анна>"))
    assert shown == "•••|Петрова &lt;Анна&gt;|•••"


def test_a_name_that_was_not_given_is_an_error(own: tuple[Pages, Path]) -> None:
    pages, template = own
    template.write_text("{{ absent }}", encoding="utf-8")
    with pytest.raises(UndefinedError):
        pages.render("page.html", "ru")


def test_an_icon_that_was_not_built_in_is_an_error(own: tuple[Pages, Path]) -> None:
    pages, template = own
    template.write_text("{{ icon('truck') }}", encoding="utf-8")
    assert 'href="/static/icons.1.svg#truck"' in pages.render("page.html", "ru")
    with pytest.raises(KeyError, match=r"icons\.txt"):
        pages.icon("no-such-icon")


def test_each_language_has_its_own_words_and_formats(own: tuple[Pages, Path]) -> None:
    pages, template = own
    template.write_text("{{ _('Заказы') }} {{ 1234500|money }} {{ at|moment }}", encoding="utf-8")
    at = NOW - timedelta(days=1)
    assert (
        pages.render("page.html", "ru", at=at).replace("\u00a0", " ")
        == "Заказы 12 345 ₽ вчера 14:05"
    )
    assert (
        pages.render("page.html", "en", at=at).replace("\u00a0", " ")
        == "Orders 12,345 ₽ yesterday 14:05"
    )


def test_the_token_of_one_request_is_not_seen_by_the_next(own: tuple[Pages, Path]) -> None:
    pages, template = own
    template.write_text("[{{ csrf() }}]", encoding="utf-8")
    assert pages.render("page.html", "ru", csrf="abc") == "[abc]"
    assert pages.render("page.html", "ru") == "[]"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_kit_and_the_frame_render_without_inline_style_or_script(
    pages: Pages, language: str
) -> None:
    context = {"look": Look(), "shell": kit_samples.shell("toast"), "sample": kit_samples.sheet()}
    rows = kit_samples.order_rows()
    for page in ("kit/page.html", "kit/shell.html", "kit/card_sample.html", "kit/door_sample.html"):
        text = pages.render(
            page,
            "en" if language == "en" else "ru",
            csrf="t",
            rows=rows,
            row=rows[0],
            door=kit_samples.door(),
            columns=kit_samples.order_columns(),
            events=kit_samples.sheet().events,
            **context,
        )
        assert " style=" not in text
        assert "<style" not in text
        assert " onclick=" not in text
        assert all('src="/static/' in part.split(">")[0] for part in text.split("<script")[1:])
        assert f'<html lang="{language}"' in text


def test_no_template_uses_what_the_policy_forbids() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for word in (" style=", "<style", "javascript:", "hx-on", "hx-vars", "js:", "|safe"):
            assert word not in text, f"{path.name}: {word}"


def test_fifty_rows_render_from_plain_markup_only() -> None:
    """A macro per cell costs more than the page: the body of the loop calls only `icon`."""
    text = (TEMPLATES / "kit/shell.html").read_text(encoding="utf-8")
    body = text.split("{% for row in rows %}")[1].split("{% endfor %}")[0]
    prints = [part.split("}}")[0].strip() for part in body.split("{{")[1:]]
    calls = {text.split("(")[0] for text in prints if "(" in text}
    assert calls == {"icon"}


def test_the_look_survives_any_cookie() -> None:
    assert read_look("") == Look()
    assert read_look("dark.tight.mini.off") == Look("dark", "tight", "mini", letters=False)
    assert read_look("dark<script>.loose") == Look("auto", "loose", "full")


def test_sections_without_a_right_are_not_in_the_frame() -> None:
    groups = navigation({"orders"}, {"orders": 12})
    assert [(item.section, item.count) for group in groups for item in group] == [("orders", 12)]


def test_found_letters_are_marked_whatever_case_and_yo() -> None:
    assert str(mark_found("Громов Пётр", "ПЕТР")) == "Громов <mark>Пётр</mark>"
    assert str(mark_found("<b>", "x")) == "&lt;b&gt;"
    assert str(mark_found("a<b", "<")) == "a<mark>&lt;</mark>b"


def test_keys_are_written_for_people_and_for_programs() -> None:
    assert key_label("Ctrl+Enter") == "Ctrl Enter"
    assert key_aria("Ctrl+Enter") == "Control+Enter"
    assert key_aria("Esc") == "Escape"
    assert key_label("N") == key_aria("N") == "N"
    assert key_label("+", lambda word: word or "the head of a catalogue") == "+"


def test_waiting_turns_amber_and_then_red() -> None:
    warn, bad = timedelta(minutes=30), timedelta(hours=1)
    tones = [waiting(NOW - timedelta(minutes=m), NOW, warn, bad) for m in (5, 45, 90)]
    assert tones == ["", "warn", "bad"]


def test_the_manifest_of_a_build_is_read(tmp_path: Path) -> None:
    raw = {"files": {"app.css": "app.1.css"}, "modules": ["keys.js"], "icons": ["x"], "first": []}
    (tmp_path / "manifest.json").write_text(json.dumps(raw), encoding="utf-8")
    assets = read_assets(tmp_path)
    assert assets.url("app.css") == "/static/app.1.css"
    with pytest.raises(KeyError):
        assets.url("app.js")
