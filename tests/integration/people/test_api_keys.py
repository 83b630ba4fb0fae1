"""Programs: known by a key of 32 characters, bound to one shop."""

from collections.abc import Sequence
from typing import Any

import pytest
from litestar import Request, get, post

from appliance.actions import api_keys
from appliance.actions._actors import forget_actors
from appliance.domain.access import Origin
from appliance.domain.users import NewApiKey
from appliance.errors import Invalid, NotFound
from appliance.http.app import Parts, make_app
from tests.integration.people.conftest import BOTH, SYSTEM, Crew
from tests.integration.people.doors import Browser

pytestmark = BOTH


async def make(crew: Crew, *scopes: str, **more: Any) -> api_keys.NewKey:
    new = NewApiKey(
        name="Сайт", shop=more.pop("shop", ""), scopes=scopes or ("order_read",), **more
    )
    return await api_keys.create(SYSTEM, new)


@get("/api/v5/who")
async def who(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {"key": request.user.number, "may": sorted(request.user.grants)}


@post("/api/v5/take", status_code=200)
async def take(request: Request[Any, Any, Any]) -> dict[str, Any]:
    form = await request.form()
    return {"key": request.user.number, "order": form.get("order", "")}


@pytest.fixture
def door(crew: Crew) -> Browser:
    parts = Parts(handlers=[who, take], is_sealed=lambda: not crew.vault.is_open)
    return Browser(make_app("outer", parts), "203.0.113.5")


async def test_a_key_is_taken_from_header_query_and_form(crew: Crew, door: Browser) -> None:
    made = await make(crew)
    key = made.key.reveal()
    assert len(key) == 32
    by_header = await door.get("/api/v5/who", headers={"x-api-key": key})
    assert by_header.json() == {"key": made.number, "may": ["feed.read", "order.view"]}
    assert (await door.get(f"/api/v5/who?apiKey={key}")).status_code == 200
    by_form = await door.http.post("/api/v5/take", data={"apiKey": key, "order": "{}"})
    assert by_form.json() == {"key": made.number, "order": "{}"}


async def test_a_key_is_stored_as_its_hash_only(crew: Crew) -> None:
    key = (await make(crew)).key.reveal()
    assert key not in repr(await crew.rows("SELECT * FROM api_key"))
    assert key not in "".join(await crew.log())


@pytest.mark.parametrize(
    ("key", "code"),
    [("", "api_key_missing"), ("x" * 32, "api_key_wrong"), ("short", "api_key_wrong")],
)
async def test_a_missing_or_wrong_key_opens_nothing(door: Browser, key: str, code: str) -> None:
    answer = await door.get("/api/v5/who", headers={"x-api-key": key} if key else {})
    assert (answer.status_code, answer.json()["code"]) == (401, code)


async def test_a_revoked_key_is_void_at_once(crew: Crew, door: Browser) -> None:
    made = await make(crew)
    headers = {"x-api-key": made.key.reveal()}
    assert (await door.get("/api/v5/who", headers=headers)).status_code == 200
    await api_keys.revoke(SYSTEM, made.number)
    assert (await door.get("/api/v5/who", headers=headers)).status_code == 401


async def test_a_key_ends_at_its_date_even_while_it_is_remembered(
    crew: Crew, door: Browser
) -> None:
    from datetime import timedelta  # noqa: PLC0415 - only here

    made = await make(crew, expires_at=crew.clock() + timedelta(hours=1))
    headers = {"x-api-key": made.key.reveal()}
    assert (await door.get("/api/v5/who", headers=headers)).status_code == 200
    crew.clock.pass_(hours=1)
    assert (await door.get("/api/v5/who", headers=headers)).status_code == 401
    forget_actors()
    assert (await door.get("/api/v5/who", headers=headers)).status_code == 401


async def test_a_key_belongs_to_its_shop(crew: Crew) -> None:
    shops = await crew.rows("SELECT code FROM shop")
    code = str(shops[0][0]) if shops else await add_shop(crew)
    made = await make(crew, shop=code)
    actor = await api_keys.actor_of(made.key.reveal(), Origin.OUTER)
    assert actor is not None and (actor.shop, actor.origin) == (code, Origin.OUTER)
    with pytest.raises(NotFound, match="shop_not_found"):
        await make(crew, shop="no-such-shop")


async def add_shop(crew: Crew) -> str:
    from appliance.storage.statements import insert  # noqa: PLC0415 - only here
    from appliance.storage.tables import ShopRow  # noqa: PLC0415 - only here

    async def body() -> None:
        await insert(ShopRow, code="lamp", number=1, name="Лампа")

    await crew.database.write(body)
    return "lamp"


@pytest.mark.parametrize(
    ("scopes", "code"), [((), "scope_missing"), (("order_read", "king"), "scope_unknown")]
)
async def test_a_key_without_known_scopes_is_not_made(
    crew: Crew, scopes: Sequence[str], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await api_keys.create(SYSTEM, NewApiKey(name="Сайт", shop="", scopes=tuple(scopes)))
    assert refused.value.fields == {"scopes": code}
