"""Hints while a colleague types: companies and banks by number, addresses."""

from appliance.plugin_api.core import Core
from appliance.plugin_api.hints import (
    AddressAsked,
    Addresses,
    BankAsked,
    Banks,
    Parties,
    PartyAsked,
)
from appliance.plugin_api.hooks import Answers, Finding, hookimpl
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from plugins.hints_dadata.client import CHECK_SECONDS, Client

client = Client()
KNOWN = "044525000"


@hookimpl
def register_answers(answer: Answers) -> None:
    answer("hints.party", party)
    answer("hints.bank", bank)
    answer("hints.address", address)


@hookimpl
async def diagnose(core: Core) -> list[Finding]:
    """Ask for a bank whose number everybody knows: the Bank of Russia's own head office."""
    try:
        found = await client.banks(core, KNOWN, CHECK_SECONDS)
    except (Pause, Permanent, Retry) as error:
        code = str(error) if isinstance(error, Permanent) else "silent"
        return [Finding(code=code, is_good=False)]
    return [Finding(code="works" if found else "empty", is_good=bool(found))]


async def party(asked: PartyAsked, core: Core) -> Parties:
    """Who has this number."""
    return Parties(parties=tuple(await client.parties(core, asked.number.reveal())))


async def bank(asked: BankAsked, core: Core) -> Banks:
    """The bank of this number."""
    return Banks(banks=tuple(await client.banks(core, asked.number)))


async def address(asked: AddressAsked, core: Core) -> Addresses:
    """How this address may go on."""
    return Addresses(addresses=tuple(await client.addresses(core, asked.text.reveal())))
