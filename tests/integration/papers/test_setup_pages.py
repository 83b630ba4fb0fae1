"""Settings of documents: entities, templates, and one press on the order's card."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from appliance.actions import _typesetting
from appliance.domain.papers import PaperKind
from tests.integration.papers.scene import order, printed, requisites, words
from tests.web_house import WebHouse, open_web_house


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[WebHouse]:
    """Empty: nobody has ordered anything yet."""
    async with open_web_house(tmp_path) as opened:
        yield opened


def form(**changes: str) -> dict[str, Any]:
    """The form of an entity, filled in."""
    parts = requisites()
    texts = {
        name: getattr(parts, name)
        for name in parts.__struct_fields__
        if isinstance(getattr(parts, name), str)
    }
    return {**texts, "vat": "goods", "number": "0", "prefix-invoice": "СЧ-", **changes}


@pytest.mark.checklist(185)
async def test_a_filled_form_is_enough_for_an_invoice_by_one_press(door: WebHouse) -> None:
    admin, head = await door.browser("administrator"), await door.browser("head")
    wrong = await admin.post("/admin/entities", form(inn="7707083894"), htmx=False)
    assert wrong.status_code == 422
    assert 'value="7707083894"' in wrong.text
    assert "ИНН" in wrong.text
    saved = await admin.post("/admin/entities", form(), htmx=False)
    assert saved.headers["location"] == "/admin/entities/1"
    assert "Тёплый дом" in (await admin.get("/admin/entities/1")).text
    placed = await order(door.house)
    card = await head.get(f"/orders/{placed.number}")
    token = re.search(r'name="token" value="([^"]+)"', card.text)
    assert token is not None
    sent = {"kind": "invoice", "token": token[1]}
    made = await head.post(f"/orders/{placed.number}/papers", sent, htmx=False)
    assert made.headers["location"] == "/papers/1"
    again = await head.post(f"/orders/{placed.number}/papers", sent, htmx=False)
    assert again.headers["location"] == "/papers/1"
    pages = await head.get("/papers/1")
    assert pages.headers["content-type"] == "application/pdf"
    assert "СЧ-1" in words(pages.content)
    shown = await head.get(f"/orders/{placed.number}")
    assert 'href="/papers/1"' in shown.text
    assert "Счёт № СЧ-1" in shown.text


async def test_a_changed_template_is_what_is_printed_until_it_is_brought_back(
    door: WebHouse,
) -> None:
    admin = await door.browser("administrator")
    await admin.post("/admin/entities", form(), htmx=False)
    placed = await order(door.house)
    text = "Наш акт № {{ doc.number }} для {{ buyer.name }}"
    await admin.post("/admin/print", {"kind": "act", "text": text, "seen": "0"}, htmx=False)
    assert words(await printed(door.house, placed.number, PaperKind.ACT)).startswith("Наш акт № 1")
    late = await admin.post("/admin/print", {"kind": "act", "text": "x", "seen": "0"}, htmx=False)
    assert late.status_code == 422
    await admin.post("/admin/print", {"kind": "act", "do": "reset", "seen": "1"}, htmx=False)
    assert "Исполнитель" in words(await printed(door.house, placed.number, PaperKind.ACT))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Первая\n#table(columns: 2,\n[a]", 2),
        ("Первая\n{% for line in lines %}\n{{ line.place }}", 3),
        ("Первая\nвторая\n{{ nobody.name }}", 3),
        ("{% for line in lines %}\n{{ line.name }}\n{% endfor %}\n#missing()", 4),
        ('#import "@preview/cetz:0.3.0"', 0),
        ('#read("/etc/passwd")', 1),
        ('#read("../../../../../../etc/passwd")', 1),
        ('#read("pyproject.toml")', 1),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", 1),
    ],
)
async def test_a_wrong_template_is_refused_with_its_line_and_kept_as_typed(
    door: WebHouse, text: str, line: int
) -> None:
    admin = await door.browser("administrator")
    shown = await admin.post("/admin/print/preview", {"kind": "act", "text": text})
    assert f"Строка {line}:" in shown.text
    refused = await admin.post(
        "/admin/print", {"kind": "act", "text": text, "seen": "0"}, htmx=False
    )
    assert refused.status_code == 422
    assert f"Строка {line}:" in refused.text
    assert text.split(maxsplit=1)[0].replace('"', "&#34;").replace("'", "&#39;") in refused.text


async def test_a_template_that_never_ends_is_stopped_by_its_share_of_the_processor(
    door: WebHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _typesetting.MOST_SECONDS < _typesetting.PATIENCE
    monkeypatch.setattr(_typesetting, "MOST_SECONDS", 1)
    text = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    admin = await door.browser("administrator")
    refused = await admin.post("/admin/print/preview", {"kind": "act", "text": text})
    assert refused.status_code == 503


async def test_nobody_else_reaches_the_settings(door: WebHouse) -> None:
    seller = await door.browser("seller")
    assert (await seller.get("/admin/entities")).status_code == 403
    assert (await seller.get("/admin/print")).status_code == 403
