"""Connecting a shop: its key, its settings, what it did so far. The wizard and the list."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import msgspec

from appliance.actions._actors import forgets_actors, needs_step_up
from appliance.actions._gate import action
from appliance.actions.api_keys import LETTERS, hashed
from appliance.domain.access import Actor
from appliance.domain.catalogue_runs import Run
from appliance.domain.modules import ShopModule
from appliance.domain.personal import Personal
from appliance.domain.references import ReferenceKind, Shop
from appliance.domain.shops import PERIODS, STEPS, Cms, ShopLink, Step, Uploads
from appliance.domain.users import NewApiKey
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import FIRST_SCOPES, Permission
from appliance.storage import (
    api_keys,
    branches,
    catalogue_runs,
    departments,
    market_accounts,
    pipelines,
    references,
    shop_links,
    shop_uploads,
)
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

KEY_LENGTH: Final = 32
"""PrestaShop's module refuses a key of any other length."""
TAKEN: Final = frozenset({"new", "runs"})
"""Words that stand in addresses where a shop's code does."""
QUIET: Final = timedelta(days=2)
"""A shop that says nothing for so long has stopped, or has no trade."""
LONGEST_NAME: Final = 200
LONGEST_ADDRESS: Final = 2000


class KeyState(msgspec.Struct, frozen=True, kw_only=True):
    """A shop's key and what was heard of it; `number` 0: it has none that works."""

    number: int = 0
    made_at: datetime | None = None
    used_at: datetime | None = None


class ShopState(msgspec.Struct, frozen=True, kw_only=True):
    """A shop with how its connection stands."""

    shop: Shop
    key: KeyState
    module: ShopModule
    branch: str
    runs: tuple[Run, ...]
    uploads: Uploads

    def standing(self, now: datetime) -> str:
        """How the exchange goes: `unconnected`, `first` (awaited), `silent`, `catalogue` or `ok`.

        `catalogue`: it goes, but the shop's catalogue could not be read last.
        """
        used = self.key.used_at
        if not self.key.number:
            return "unconnected"
        if used is None:
            return "first"
        if now - used > QUIET:
            return "silent"
        return "catalogue" if self.runs and self.runs[0].error else "ok"


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What the wizard chooses from, by code or number; names of colleagues come from the desk."""

    branches: Mapping[str, str]
    departments: Mapping[str, str]
    pipelines: Mapping[str, str]
    price_types: Mapping[str, str]


class NewShop(msgspec.Struct, frozen=True, kw_only=True):
    """A shop as the wizard's first step gives it."""

    code: str
    name: str
    url: str
    cms: str


@action(Permission.KEY_MANAGE, reads=True, quiet=True)
async def list_all(tx: Tx, *, own: bool = False) -> tuple[ShopState, ...]:
    """Every shop, with its key and the last reading of its catalogue.

    Args:
        tx: the transaction.
        own: without those of marketplaces, which connect by their plugins and have no key.
    """
    foreign = {one.shop for one in (await market_accounts.every()).values()} if own else set[str]()
    shops = (await references.lists()).shops
    return tuple([await _state(shop, 1) for code, shop in shops.items() if code not in foreign])


@action(Permission.KEY_MANAGE, reads=True, quiet=True)
async def open_one(tx: Tx, code: str) -> tuple[ShopState, Choices]:
    """A shop and what can be chosen for it.

    Raises:
        NotFound: `shop_not_found`.
    """
    lists = await references.lists()
    shop = _known(lists, code)
    screen = await branches.screen()
    price_types = lists.of(ReferenceKind.PRICE_TYPE).values()
    return await _state(shop, 5), Choices(
        branches={one.code: one.name for one in screen.branches},
        departments={one.code: one.name for one in await departments.list_all()},
        pipelines={
            one.code: one.name for one in (await pipelines.funnels()).pipelines if one.active
        },
        price_types={one.code: one.name for one in price_types if one.active},
    )


async def _state(shop: Shop, runs: int) -> ShopState:
    key = KeyState()
    if shop.link.key:
        found = await shop_links.key_of(shop.link.key)
        if found is not None:
            key = KeyState(number=found.number, made_at=found.made_at, used_at=found.used_at)
    return ShopState(
        shop=shop,
        key=key,
        module=await shop_links.module_of(shop.code),
        branch=await shop_links.branch_of(shop.code),
        runs=tuple(await catalogue_runs.newest(shop.code, runs)),
        uploads=await shop_uploads.of_shop(shop.code),
    )


def _known(lists: Lists, code: str) -> Shop:
    shop = lists.shops.get(code)
    if shop is None:
        raise NotFound("shop_not_found")
    return shop


@action(Permission.KEY_MANAGE)
async def put(tx: Tx, new: NewShop, *, known: bool) -> None:
    """Begin a connection: a new shop, or one that is there already.

    Raises:
        Conflict: `shop_exists`.
        NotFound: `shop_not_found`.
        Invalid: by field: `code_invalid`, `name_missing`, `title_long`, `address_unreadable`,
            `code_unknown`.
    """
    lists = await references.lists()
    if known:
        shop = _known(lists, new.code)
    elif new.code in lists.shops:
        raise Conflict("shop_exists")
    else:
        shop = Shop(number=0, code=new.code, name=new.name)
    _check_shop(new)
    await references.set_shop(
        msgspec.structs.replace(shop, name=new.name.strip(), url=new.url.strip())
    )
    link = msgspec.structs.replace(shop.link, cms=new.cms)
    await references.set_link(new.code, _gone_on(link, Step.SHOP))
    tx.payload = {"shop": new.code, "cms": new.cms}


def _check_shop(new: NewShop) -> None:
    fields: dict[str, str] = {}
    if (
        new.code in TAKEN
        or not new.code
        or len(new.code) > 64
        or not all(c.isalnum() or c in "-_." for c in new.code)
    ):
        fields["code"] = "code_invalid"
    if not new.name.strip():
        fields["name"] = "name_missing"
    elif len(new.name) > LONGEST_NAME:
        fields["name"] = "title_long"
    if new.url.strip() and not _is_address(new.url.strip()):
        fields["url"] = "address_unreadable"
    if new.cms not in set(Cms):
        fields["cms"] = "code_unknown"
    if fields:
        raise Invalid(fields=fields)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    good = parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0
    return good and parts.username is None and len(text) <= LONGEST_ADDRESS


def _gone_on(link: ShopLink, done: Step) -> ShopLink:
    """The link with the wizard behind a step; going back in it loses nothing."""
    if link.is_done:
        return link
    following = STEPS.index(done) + 1
    before = STEPS.index(Step(link.step)) if link.step else 0
    return msgspec.structs.replace(link, step=STEPS[max(following, before)].value)


async def make_key(actor: Actor, code: str) -> Personal[str]:
    """Make the shop's key and end the one before; it is shown this once.

    Raises:
        NotFound: `shop_not_found`.
        Denied: `step_up_needed`.
    """
    key = "".join(secrets.choice(LETTERS) for _ in range(KEY_LENGTH))
    await add_key(actor, code, hashed(key))
    return Personal(key)


@forgets_actors
@action(Permission.KEY_MANAGE)
async def add_key(tx: Tx, code: str, key_hash: bytes) -> int:
    """Write the shop's key, of which only the hash comes here; its number. Raises as `make_key`."""
    needs_step_up(tx)
    shop = _known(await references.lists(), code)
    if shop.link.key:
        await api_keys.revoke(shop.link.key, tx.now)
    new = NewApiKey(name=shop.name, shop=code, scopes=FIRST_SCOPES)
    number = await api_keys.add(new, key_hash, tx.now)
    link = msgspec.structs.replace(shop.link, key=number)
    await references.set_link(code, _gone_on(link, Step.KEY))
    tx.object_type = "api_key"
    tx.payload = {"number": number, "shop": code, "scopes": list(FIRST_SCOPES)}
    return number


@action(Permission.KEY_MANAGE)
async def pass_check(tx: Tx, code: str) -> None:
    """Go on behind the check of the connection, heard of the shop or not.

    Raises:
        NotFound: `shop_not_found`.
    """
    shop = _known(await references.lists(), code)
    await references.set_link(code, _gone_on(shop.link, Step.CHECK))


class CatalogueSet(msgspec.Struct, frozen=True, kw_only=True):
    """What the catalogue step sets; see `ShopLink`."""

    url: str
    lan: bool = False
    every: int = 0
    takes_prices: bool = True
    takes_stock: bool = False
    warehouse: str = ""
    price_type: str = "base"


@action(Permission.KEY_MANAGE)
async def set_catalogue(tx: Tx, code: str, wanted: CatalogueSet) -> None:
    """Say where the catalogue is, how often it is read and what is taken of it.

    Raises:
        NotFound: `shop_not_found`.
        Invalid: by field: `address_unreadable`, `code_unknown`.
    """
    lists = await references.lists()
    shop = _known(lists, code)
    fields: dict[str, str] = {}
    if wanted.url and not _is_address(wanted.url):
        fields["yml_url"] = "address_unreadable"
    if wanted.every not in PERIODS:
        fields["every"] = "code_unknown"
    if wanted.warehouse and wanted.warehouse not in lists.warehouses:
        fields["warehouse"] = "code_unknown"
    if wanted.price_type not in lists.of(ReferenceKind.PRICE_TYPE):
        fields["price_type"] = "code_unknown"
    if fields:
        raise Invalid(fields=fields)
    await references.set_shop(
        msgspec.structs.replace(shop, yml_url=wanted.url, load_from_yml=bool(wanted.url))
    )
    link = msgspec.structs.replace(
        shop.link,
        lan=wanted.lan,
        every=wanted.every if wanted.url else 0,
        takes_prices=wanted.takes_prices,
        takes_stock=wanted.takes_stock,
        warehouse=wanted.warehouse,
        price_type=wanted.price_type,
    )
    await references.set_link(code, _gone_on(link, Step.CATALOGUE))
    tx.payload = {"shop": code, "lan": wanted.lan, "every": wanted.every}


class OrderDefaults(msgspec.Struct, frozen=True, kw_only=True):
    """What the step of defaults sets; see `ShopLink`. `branch`: who sees the orders; empty: all."""

    status: str = ""
    order_method: str = ""
    order_type: str = ""
    manager: int = 0
    pipeline: str = ""
    notify: str = ""
    branch: str = ""


@action(Permission.KEY_MANAGE)
async def set_defaults(tx: Tx, code: str, wanted: OrderDefaults) -> None:
    """Say what orders of the shop begin with, who gets them, who sees them, who is told.

    Raises:
        NotFound: `shop_not_found`.
        Invalid: by field: `code_unknown`, `manager_unknown`.
    """
    lists = await references.lists()
    shop = _known(lists, code)
    fields = await _unknown(lists, wanted)
    if fields:
        raise Invalid(fields=fields)
    link = msgspec.structs.replace(
        shop.link,
        status=wanted.status,
        order_method=wanted.order_method,
        order_type=wanted.order_type,
        manager=wanted.manager,
        pipeline=wanted.pipeline,
        notify=wanted.notify,
    )
    await shop_links.set_branch(code, wanted.branch)
    await references.set_link(code, _gone_on(link, Step.DEFAULTS))
    tx.payload = {"shop": code, "branch": wanted.branch, "notify": wanted.notify}


async def _unknown(lists: Lists, wanted: OrderDefaults) -> dict[str, str]:
    places = frozenset(one.code for one in (await branches.screen()).branches)
    groups = frozenset(one.code for one in await departments.list_all())
    known: tuple[tuple[str, str, Mapping[str, object] | frozenset[str]], ...] = (
        ("status", wanted.status, lists.statuses),
        ("order_method", wanted.order_method, lists.of(ReferenceKind.ORDER_METHOD)),
        ("order_type", wanted.order_type, lists.of(ReferenceKind.ORDER_TYPE)),
        ("notify", wanted.notify, groups),
        ("branch", wanted.branch, places),
    )
    fields = {name: "code_unknown" for name, code, codes in known if code and code not in codes}
    if wanted.manager and await shop_links.active_colleague(wanted.manager) is None:
        fields["manager"] = "manager_unknown"
    if wanted.pipeline and (await pipelines.funnels()).pipeline(wanted.pipeline) is None:
        fields["pipeline"] = "code_unknown"
    return fields


@action(Permission.KEY_MANAGE)
async def finish(tx: Tx, code: str) -> None:
    """End the wizard; the shop's page shows how the connection stands from now on.

    Raises:
        NotFound: `shop_not_found`.
    """
    shop = _known(await references.lists(), code)
    await references.set_link(code, msgspec.structs.replace(shop.link, step="done"))
    tx.payload = {"shop": code}
