"""A demo box: one command, and somebody of every role can sign in."""

from pathlib import Path

from appliance.roles import PRESETS
from tests.box import Box, browser, free_port


def test_a_demo_box_has_people_of_every_role_and_an_invented_world(tmp_path: Path) -> None:
    box = Box(tmp_path, free_port(), seen_at=tmp_path)
    words = ("--customers", "30", "--orders", "40", "--port", str(box.port))
    made = box.run("demo", "make", str(tmp_path), *words)
    assert made.exit == 0, made.facts
    box.serve()
    try:
        users = box.run("user", "list").facts["users"]
        assert {role for user in users for role in user["roles"]} == set(PRESETS)
        assert sorted(made.facts["logins"]) == sorted(user["login"] for user in users)
        for login in made.facts["logins"]:
            with browser(box, login, made.facts["password"]) as pages:
                assert pages.get("/").url.path == "/", login
        with box.client() as client:
            found = client.get("/api/v5/orders", params={"apiKey": made.facts["api_key"]}).json()
        assert found["pagination"]["totalCount"] == 40
    finally:
        box.stop()


def test_a_demo_is_never_made_over_a_box(tmp_path: Path) -> None:
    box = Box(tmp_path, free_port(), seen_at=tmp_path)
    assert box.init().exit == 0
    refused = box.run("demo", "make", str(tmp_path))
    assert refused.code == "box_exists"
    assert (tmp_path / "box.key").exists()
