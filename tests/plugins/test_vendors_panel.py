"""A fake stands at an address of its own with a panel: deeds, troubles, what lies there."""

from collections.abc import Sequence
from html.parser import HTMLParser

import httpx

from appliance.plugin_api.fakes import (
    TROUBLES,
    Deed,
    Fake,
    FakeReply,
    FakeRequest,
    Field,
    Shown,
    said,
)
from scripts.vendors_box import Stand, found
from scripts.vendors_panel import PANEL
from tests.plugins.caged import fakes


class Bakery(Fake):
    title = "Bakery <one>"
    deeds = (Deed(name="bake", title="Bake", fields=(Field(name="what", title="What"),)),)

    def __init__(self) -> None:
        super().__init__()
        self.baked: list[str] = []

    def do_bake(self, what: str) -> None:
        self.baked.append(what)

    def answer(self, request: FakeRequest) -> FakeReply:
        return said({"baked": self.baked, "asked": request.args})

    def state(self) -> Sequence[Shown]:
        return (Shown(title="Shelf", columns=("what",), rows=tuple((one,) for one in self.baked)),)


def test_what_is_done_on_the_panel_is_there_for_the_plugin() -> None:
    stand = Stand("bakery", Bakery(), 0, "")
    stand.begin()
    try:
        with httpx.Client(base_url=stand.address, follow_redirects=True, timeout=10) as http:
            page = http.post(f"{PANEL}/bake", data={"what": "<b>bun"}).text
            assert "Done: Bake" in page and "&lt;b&gt;bun" in page and "<b>bun" not in page
            assert http.get("/goods?id=7").json() == {"baked": ["<b>bun"], "asked": {"id": "7"}}
            page = http.post(f"{PANEL}/_trouble", data={"trouble": "too_many", "pause": "3"}).text
            assert "Trouble: 429" in page
            refused = http.get("/goods")
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "3")
            assert "There is no such button: fry" in http.post(f"{PANEL}/fry").text
    finally:
        stand.end()


class Forms(HTMLParser):
    """What a person would send by each button of a page, having typed nothing."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, dict[str, str]] = {}
        self._form: dict[str, str] = {}
        self._select = ""
        self._chosen = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = self.sent[given["action"]] = {}
        elif tag == "input" and given.get("type") != "checkbox":
            self._form[given["name"]] = given["value"]
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select:
            self._chosen = "selected" in given or self._select not in self._form
            if self._chosen:
                self._form[self._select] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._chosen:
            self._form[self._select] = self._form[self._select] or data

    def handle_endtag(self, tag: str) -> None:
        self._chosen = False


def test_a_newcomer_presses_every_button_of_every_fake_and_understands_what_came_of_it() -> None:
    """What can be bought or paid in there is done with the newest; the rest waits for the box."""
    with fakes({name for name, _ in found()}) as stands:
        for stand in stands.values():
            stand.beside = tuple(stands.values())
        for name, stand in stands.items():
            press_all(name, stand)
        for stand in stands.values():
            page = httpx.get(stand.address + PANEL).text
            assert all(f"href='{one.address}{PANEL}'" in page for one in stands.values())


def press_all(name: str, stand: Stand) -> None:
    """Press the buttons of one panel from the top."""
    sells = any(one.name == "order" for one in stand.fake.deeds)
    with httpx.Client(base_url=stand.address, follow_redirects=True, timeout=10) as http:
        for deed in stand.fake.deeds:
            forms = Forms(http.get(PANEL).text)
            page = http.post(f"{PANEL}/{deed.name}", data=forms.sent[f"{PANEL}/{deed.name}"])
            assert page.status_code == 200, (name, deed.name)
            assert f"Done: {deed.title}" in page.text or not sells, (name, deed.name)
            assert f"{deed.title}" in page.text and "Error: " not in page.text, (name, deed.name)
        for code, title in TROUBLES.items():
            page = http.post(f"{PANEL}/_trouble", data={"trouble": code})
            assert f"Trouble: {title}" in page.text, (name, code)
