"""Shop modules tell who they are; nothing of it is used by the box but what their kind needs."""

from appliance.actions._gate import action
from appliance.domain.access import ActorKind
from appliance.domain.modules import WITHOUT_FILTER, ShopModule
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.storage import api_keys, settings
from appliance.storage.tx import Tx


def _key(tx: Tx, code: str) -> str:
    return f"module.{tx.actor.shop}.{code}"


@action(Permission.REFERENCE_EDIT)
async def put(tx: Tx, module: ShopModule) -> None:
    """Keep what a module says of itself; said again it replaces what was there.

    A kind of module that would take its own changes for news is not told them any more.
    """
    await settings.put(_key(tx, module.code), module)
    if module.code.startswith(WITHOUT_FILTER) and tx.actor.kind is ActorKind.API_KEY:
        await api_keys.hide_own(tx.actor.id)


@action(Permission.REFERENCE_VIEW, reads=True, quiet=True)
async def get(tx: Tx, code: str) -> ShopModule:
    """One module of the key's shop.

    Raises:
        NotFound: `module_not_found`.
    """
    found = await settings.get(_key(tx, code), ShopModule)
    if not found.code:
        raise NotFound("module_not_found")
    return found
