"""The admin door, people: sessions end, roles change, what a colleague may do is shown."""

import pytest

from appliance import roles
from appliance.actions import exports
from appliance.api import console_people
from appliance.domain.access import Actor, ActorKind
from appliance.domain.exports import ExportForm, ExportKind
from appliance.domain.personal import Personal
from appliance.domain.users import RevealBudget
from appliance.errors import Denied
from appliance.storage import budgets
from tests.integration.people.conftest import PASSWORDS, Crew
from tests.integration.people.doors import Browser, staff_app
from tests.integration.people.test_console_door import Console, admin_app


async def test_a_colleague_is_signed_out_everywhere_and_shown_through_his_own_eyes(
    crew: Crew,
) -> None:
    root = Console(admin_app(crew, None, *console_people.HANDLERS), 0)
    anna = Browser(staff_app(crew.vault))
    await anna.sign_in("anna", PASSWORDS["anna"])
    assert await root.ask("/users/end-sessions", of="anna") == (200, {"ended": 1})
    assert (await anna.get("/")).status_code != 200
    assert (await root.ask("/users/end-sessions", of="anna"))[1] == {"ended": 0}
    _, seen = await root.ask("/users/eyes", of="anna")
    assert seen["grants"]["customer.view"] == {
        "scope": "own",
        "fields": seen["grants"]["customer.view"]["fields"],
    }
    assert seen["grants"]["customer.view"]["fields"]["phone"] == "masked"
    assert "user.manage" not in seen["grants"]
    log = "".join(await crew.log())
    assert "users.end_sessions" in log and "roles_admin.through_eyes_of" in log


async def test_a_role_is_edited_and_a_department_given_by_administrators_alone(crew: Crew) -> None:
    root = Console(admin_app(crew, None, *console_people.HANDLERS), 0)
    _, listed = await root.ask("/roles/list")
    seller = next(one for one in listed["roles"] if one["code"] == "seller")
    grants = {**seller["grants"], "customer.view": {"scope": "all", "fields": {"name": "visible"}}}
    assert await root.ask("/roles/edit", code="seller", name="Продавец", grants=grants) == (200, {})
    _, seen = await root.ask("/users/eyes", of="anna")
    assert seen["grants"]["customer.view"] == {"scope": "all", "fields": {"name": "visible"}}
    wrong = {**grants, "house.upkeep": {"scope": "all"}}
    status, answer = await root.ask("/roles/edit", code="seller", name="П", grants=wrong)
    assert (status, answer["code"]) == (422, "role_grant")
    assert await root.ask("/departments/add", code="sales", name="Продажи") == (200, {})
    assert await root.ask("/users/set-department", of="anna", department="sales") == (200, {})
    _, everybody = await root.ask("/users/list")
    _, departments = await root.ask("/departments/list")
    of_anna = next(one["department"] for one in everybody["users"] if one["login"] == "anna")
    assert of_anna == departments["departments"][0]["id"]
    status, answer = await root.ask("/users/set-department", of="anna", department="none")
    assert (status, answer["code"]) == (404, "department_not_found")
    seller_herself = Console(admin_app(crew, None, *console_people.HANDLERS))
    await seller_herself.sign_in("anna", PASSWORDS["anna"])
    for path, body in (
        ("/roles/edit", {"code": "seller", "name": "П", "grants": grants}),
        ("/users/end-sessions", {"of": "boss"}),
        ("/users/eyes", {"of": "boss"}),
        ("/departments/add", {"code": "x", "name": "x"}),
    ):
        assert (await seller_herself.ask(path, **body))[1]["code"] == "denied", path


async def test_a_link_is_good_once_and_opens_no_session_by_itself(crew: Crew) -> None:
    root = Console(admin_app(crew, None, *console_people.HANDLERS), 0)
    _, older = await root.ask("/users/link", of="anna")
    _, made = await root.ask("/users/link", of="anna")
    browser = Browser(staff_app(crew.vault))
    over = await browser.get(older["link"])
    assert over.status_code == 404 and "больше не действует" in over.text
    assert (await browser.get("/enter/1.wrong")).status_code == 404
    shown = await browser.get(made["link"])
    assert shown.status_code == 200 and "anna" in shown.text
    fresh = "клён шумит у старой мельницы"
    weak = await browser.post(made["link"], {"fresh": "anna", "again": "anna"})
    assert weak.status_code == 422
    differs = await browser.post(made["link"], {"fresh": fresh, "again": "иначе"})
    assert differs.status_code == 422
    done = await browser.post(made["link"], {"fresh": fresh, "again": fresh})
    assert done.status_code == 200 and "Пароль задан" in done.text
    assert (await browser.get("/")).status_code != 200, "no session yet"
    again = await browser.post(made["link"], {"fresh": fresh, "again": fresh})
    assert again.status_code == 404
    await browser.sign_in("anna", fresh)
    assert (await browser.get("/")).status_code == 200
    assert await root.ask("/users/disable", of="anna") == (200, {})
    assert (await root.ask("/users/link", of="anna"))[1]["code"] == "user_disabled"


async def test_a_link_ends_with_whatever_shuts_the_account_or_gives_it_another_password(
    crew: Crew,
) -> None:
    root = Console(admin_app(crew, None, *console_people.HANDLERS), 0)
    browser = Browser(staff_app(crew.vault))
    fresh = "клён шумит у старой мельницы"

    async def is_over(link: str) -> bool:
        shown = await browser.get(link)
        sent = await browser.post(link, {"fresh": fresh, "again": fresh})
        return (shown.status_code, sent.status_code) == (404, 404)

    for deed in ("/users/reset-password", "/users/end-sessions", "/users/disable"):
        _, made = await root.ask("/users/link", of="anna")
        assert (await browser.get(made["link"])).status_code == 200
        assert (await root.ask(deed, of="anna"))[0] == 200, deed
        assert await is_over(made["link"]), deed
    assert await root.ask("/users/enable", of="anna") == (200, {})
    assert await is_over(made["link"]), "it does not come back with the account"


async def test_whoever_has_given_notice_is_shown_a_quarter_and_takes_nothing_out(
    crew: Crew,
) -> None:
    root = Console(admin_app(crew, None, *console_people.HANDLERS), 0)
    anna = Actor(
        kind=ActorKind.USER,
        id=(await crew.rows("SELECT id FROM users WHERE login = 'anna'"))[0][0],  # type: ignore[arg-type]
        grants=roles.PRESETS["head"],
        number=1,
        step_up=True,
    )
    for back, share in ((False, 4), (True, 1)):
        assert await root.ask("/users/set-leaving", of="anna", leaving=not back) == (200, {})
        limits = await crew.database.read(lambda: budgets._limits(anna.id))  # pyright: ignore[reportPrivateUsage]
        assert limits.day == RevealBudget().day // share
    await root.ask("/users/set-leaving", of="anna")
    with pytest.raises(Denied, match="export_leaving"):
        await exports.ask(
            anna, ExportKind.CLIENTS, ExportForm.CSV, Personal("на память о работе здесь")
        )
