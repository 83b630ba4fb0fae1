"""A fake stands at an address of its own with a panel: deeds, troubles, what lies there."""

from collections.abc import Sequence

import httpx

from appliance.plugin_api.fakes import Deed, Fake, FakeReply, FakeRequest, Field, Shown, said
from scripts.vendors_box import PANEL, Stand, found


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
            assert "KeyError" in http.post(f"{PANEL}/fry").text
    finally:
        stand.end()


def test_every_fake_of_the_box_is_found_and_draws_its_panel() -> None:
    for name, kind in found():
        stand = Stand(name, kind(), 0, "")
        try:
            page = stand.serve(FakeRequest(method="GET", path=PANEL)).body.decode()
        finally:
            stand.server.server_close()
        assert page.count("<form") >= 1 + len(stand.fake.deeds), name
