"""What the host says of a plugin stands in the journal in words, in both languages."""

from typing import Literal

import pytest

from appliance.web import plugin_words

HOST = (
    "hung", "overdue", "garbled", "memory", "flood", "disk", "cpu", "start_overdue", "start_failed",
    "crashed", "left", "not_started", "broke_cage", "cage_weak", "cage_data_inside",
    "host_not_granted", "host_private", "wall.file", "wall.process", "wall.network", "wall.signal",
    "wall.rights", "text_withheld", "reply_too_long",
)  # fmt: skip


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_code_of_the_host_has_its_words(language: Literal["ru", "en"]) -> None:
    for code in HOST:
        assert plugin_words.trouble(code, language) != code
    line = plugin_words.said(None, "box.key_error.client.12", {}, language)
    assert "client" in line and "12" in line and "key_error" in line and len(line) > 40
