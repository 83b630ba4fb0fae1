"""Roles are rows an administrator edits; reveals are counted by distinct clients."""

from uuid import UUID, uuid4

import pytest

from appliance.actions import policies, roles_admin, sessions, sign_in, users
from appliance.actions._gate import action
from appliance.actions.sign_in import Door, SignedIn
from appliance.domain.access import Actor, Origin
from appliance.domain.grants import Access, Scope
from appliance.domain.personal import Personal
from appliance.domain.users import NewUser, RevealBudget, RoleGrant, SignInPolicy
from appliance.errors import Conflict, Denied, Invalid, Throttled
from appliance.roles import Permission
from appliance.storage import budgets
from appliance.storage.tx import Tx
from tests.integration.people.conftest import BOTH, PASSWORDS, SYSTEM, Crew

pytestmark = BOTH

OFFICE = Door(Origin.LAN, "10.0.0.7")


async def actor_of(login: str) -> Actor:
    entered = await sign_in.enter(OFFICE, login, Personal(PASSWORDS[login]))
    assert isinstance(entered, SignedIn)
    actor = await sessions.actor_of(entered.token)
    assert actor is not None
    return actor


async def show(actor: Actor, customer: UUID, kind: str = "reveal") -> int:
    return await _show(actor, customer, kind)


@action(Permission.SELF)
async def _show(tx: Tx, customer: UUID, kind: str) -> int:
    return await budgets.spend(tx, kind, customer)


@action(Permission.SELF, reads=True, quiet=True)
async def _left(tx: Tx) -> int:
    return await budgets.left(tx, "reveal")


async def test_an_edited_role_changes_what_its_people_may_and_ends_their_sessions(
    crew: Crew,
) -> None:
    before = await actor_of("anna")
    assert before.grants["order.view"].scope is Scope.OWN
    grants = {"order.view": RoleGrant("all", {"name": "visible"}), "open.self": RoleGrant("all")}
    await roles_admin.edit(SYSTEM, "seller", "Продавец зала", grants)
    assert await crew.rows("SELECT id FROM session") == []
    after = await actor_of("anna")
    assert after.grants["order.view"].scope is Scope.ALL
    assert after.grants["order.view"].access("name") is Access.VISIBLE
    assert after.grants["order.view"].access("phone") is Access.HIDDEN
    assert "customer.view" not in after.grants


@pytest.mark.parametrize(
    "grants",
    [
        {"order.fly": RoleGrant("all")},
        {"order.view": RoleGrant("galaxy")},
        {"order.view": RoleGrant("all", {"shoe_size": "visible"})},
        {"order.view": RoleGrant("all", {"phone": "loud"})},
        {"house.upkeep": RoleGrant("all")},
    ],
)
async def test_a_role_can_hold_only_what_there_is(crew: Crew, grants: dict[str, RoleGrant]) -> None:
    with pytest.raises(Invalid):
        await roles_admin.edit(SYSTEM, "seller", "Продавец", grants)


async def test_the_last_role_that_manages_people_keeps_that_right(crew: Crew) -> None:
    with pytest.raises(Conflict, match="last_manager"):
        await roles_admin.edit(
            SYSTEM, "administrator", "Администратор", {"open.self": RoleGrant("all")}
        )


async def test_seeding_again_leaves_edited_roles_alone(crew: Crew) -> None:
    await roles_admin.edit(SYSTEM, "courier", "Водитель", {"open.self": RoleGrant("all")})
    assert await roles_admin.seed_presets(SYSTEM) == 0
    names = {role.code: role.name for role in await roles_admin.list_all(SYSTEM)}
    assert names["courier"] == "Водитель"


async def test_a_role_without_the_right_is_refused_and_the_refusal_written_down(crew: Crew) -> None:
    anna = await actor_of("anna")
    with pytest.raises(Denied):
        await users.list_all(anna)
    with pytest.raises(Denied):
        await roles_admin.edit(anna, "seller", "x", {})
    assert '"result":"denied"' in "".join(await crew.log())


async def test_two_roles_of_one_person_join(crew: Crew) -> None:
    new = NewUser(login="dina", name=Personal("Дина"), roles=("seller", "accountant"))
    made = await users.create(SYSTEM, new)
    entered = await sign_in.enter(OFFICE, "dina", made.password)
    assert isinstance(entered, SignedIn)
    listed = {user.login: user.roles for user in await users.list_all(SYSTEM)}
    assert listed["dina"] == ("seller", "accountant")


async def test_one_client_costs_once_and_the_day_ends_the_budget(crew: Crew) -> None:
    limits = budgets.Budgets(default=RevealBudget(hour=2, day=3, week=5))
    await policies.set_reveals(SYSTEM, limits)
    anna = await actor_of("anna")
    clients = [uuid4() for _ in range(6)]
    assert [await show(anna, one) for one in clients[:3]] == [2, 1, 0]
    with pytest.raises(Throttled, match="reveal_budget_spent") as refused:
        await show(anna, clients[3])
    assert refused.value.params["seconds"] == 86_400
    assert await _left(anna) == 0
    crew.clock.pass_(minutes=1)
    anna = await actor_of("anna")
    assert await show(anna, clients[0], "owner") == 2
    crew.clock.pass_(days=1)
    anna = await actor_of("anna")
    assert await show(anna, clients[3]) == 1
    assert await show(anna, clients[3]) == 1
    assert await show(anna, clients[4]) == 0
    with pytest.raises(Throttled):
        await show(anna, clients[5])


async def test_a_role_may_have_a_budget_of_its_own(crew: Crew) -> None:
    limits = budgets.Budgets(
        default=RevealBudget(hour=1, day=1), roles={"seller": RevealBudget(hour=9, day=9, week=9)}
    )
    await policies.set_reveals(SYSTEM, limits)
    assert await show(await actor_of("anna"), uuid4()) == 8
    boss = await actor_of("boss")
    assert await show(boss, uuid4()) == 0
    with pytest.raises(Throttled):
        await show(boss, uuid4())


async def test_limits_out_of_their_range_are_refused(crew: Crew) -> None:
    with pytest.raises(Invalid) as refused:
        await policies.set_sign_in(SYSTEM, SignInPolicy(idle_minutes=0, factor="some"))
    assert refused.value.fields == {"idle_minutes": "limit_range", "factor": "choice_unknown"}
    with pytest.raises(Invalid):
        await policies.set_reveals(SYSTEM, budgets.Budgets(default=RevealBudget(day=600)))


async def test_a_role_may_rest_longer_when_the_box_says_so(crew: Crew) -> None:
    await policies.set_sign_in(SYSTEM, SignInPolicy(role_idle_minutes={"seller": 60}))
    entered = await sign_in.enter(OFFICE, "anna", Personal(PASSWORDS["anna"]))
    assert isinstance(entered, SignedIn)
    await sessions.actor_of(entered.token)
    crew.clock.pass_(minutes=59)
    assert await sessions.actor_of(entered.token) is not None
