"""What plugins with several accounts do alike: choose one, ask each, try each."""

from collections.abc import Awaitable, Callable, Sequence

from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import Finding
from appliance.plugin_api.messages import Account
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_api.parcels import Offer, Offers


def account_for(core: Core, code: str, shop: str) -> Account:
    """The account that a record names; for a new one that of its shop, else one for all shops.

    Which shop an account is for stands in its setting `shop`; empty: for all.

    Raises:
        Pause: it is off, or there is none: what is for it waits.
    """
    if code:
        return core.account_of(code)
    known = core.accounts()
    for wanted in (shop, ""):
        for one in known:
            if str(one.settings.get("shop") or "") == wanted:
                return one
    return known[0] if known else core.account_of("main")


async def quoted(core: Core, ask: Callable[[Account], Awaitable[Offers]]) -> Offers:
    """Prices of every account; the first trouble where none has any."""
    found: list[Offer] = []
    trouble = ""
    for account in core.accounts():
        try:
            said = await ask(account)
        except (Pause, Permanent, Retry) as error:
            trouble = trouble or _code_of(error)
            continue
        found += said.offers
        trouble = trouble or said.trouble
    return Offers(offers=tuple(found), trouble="" if found else trouble or "no_account")


async def tried(
    core: Core, wanted: str, *checks: Callable[[Account], Awaitable[Sequence[Finding]]]
) -> list[Finding]:
    """What the checks find at each account (`wanted`: at one); one that cannot ask says why."""
    found: list[Finding] = []
    for one in core.accounts():
        if wanted not in ("", one.code):
            continue
        for check in checks:
            try:
                found += await check(one)
            except (Pause, Permanent, Retry) as error:
                found.append(Finding(code=_code_of(error), is_good=False, account=one.code))
    return found or [Finding(code="no_account", is_good=False)]


def _code_of(error: Pause | Permanent | Retry) -> str:
    return error.code if isinstance(error, Pause) else str(error)
