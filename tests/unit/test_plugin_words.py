"""Whatever a plugin may ask for, and however it may stand, is said in words in both languages."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from appliance.domain.events import EVENTS
from appliance.domain.formats import Language
from appliance.domain.plugins import Need, PluginState, Source
from appliance.plugin_api.calls import PERMISSIONS, PERSONAL_FIELDS, PURPOSES
from appliance.plugin_host.sentences import filled
from appliance.web import plugin_words

PLUGINS = Path(__file__).parents[2] / "plugins"
KINDS: dict[str, Iterable[str]] = {
    "permission": PERMISSIONS,
    "event": EVENTS,
    "field": PERSONAL_FIELDS,
    "purpose": PURPOSES,
    "source": [one.value for one in Source],
    "state": [*(one.value for one in PluginState), "offered", "starting", "waiting", "stopped"],
    "need": [one.value for one in Need],
}


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_code_that_people_decide_by_has_words(kind: str, language: Language) -> None:
    for code in KINDS[kind]:
        found = plugin_words.words(kind, code, language)
        known = code in plugin_words.catalogue()[kind]
        assert known, f"appliance/web/texts/plugins.toml lacks [{kind}.{code}]"
        assert found.more or kind not in {"permission", "need"}
        assert found.tone or kind != "state"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("codes_missing", "WB отказал: «Собрано». Сначала впишите коды маркировки каждой штуки"),
        ("brand_new", "WB отказал: «Собрано». brand_new"),
    ],
)
def test_why_a_marketplace_refused_is_said_in_words_where_the_box_has_them(
    code: str, said: str
) -> None:
    data = {"deed": "pack", "why": code}
    folder = PLUGINS / "marketplace_wildberries"
    assert plugin_words.said(folder, "deed_refused", data, "ru") == said


def test_a_plugins_own_text_can_say_numbers_and_nothing_else() -> None:
    text = "За {ms} мс, {who.__class__}, {missing} {0:99999999}"
    assert filled(text, "ok", {"ms": 84}) == "За 84 мс, {who.__class__}, {missing} {0:99999999}"
    assert filled("", "late", {"days": 6}) == "late days=6"


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    "code", ["down", "up", "too_many", "access_refused", "forbidden", "answer_garbled"]
)
def test_what_a_service_does_wrong_is_said_in_words(code: str, language: Language) -> None:
    line = plugin_words.said(None, f"vendor.{code}", {"account": "shop_2", "status": 502}, language)
    assert "shop_2" in line and "vendor" not in line and "{" not in line
