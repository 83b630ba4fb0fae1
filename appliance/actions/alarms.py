"""Telling the administrators by letter what is red, once for each cause and again every day."""

from collections.abc import Sequence

from appliance.actions._gate import action
from appliance.domain.alarms import Alarms, Said, after, is_due
from appliance.domain.letters import LetterContent
from appliance.roles import Permission
from appliance.storage import alarms, letters, settings
from appliance.storage.letters import NewLetter
from appliance.storage.tx import Tx

_KEY = "health_alarms"


@action(Permission.HOUSE, quiet=True)
async def report(tx: Tx, red: Sequence[str], said: Said) -> int:
    """Note which lines are red; write to every administrator if that is due. How many letters.

    Without a mail account, or anybody with an address, nothing counts as told: it goes out when
    there is one.

    Args:
        tx: of the house.
        red: codes of all red lines.
        said: the letter about all of them.
    """
    known = await settings.get(_KEY, Alarms)
    people: list[tuple[str, str]] = []
    if is_due(known, red, tx.now) and (await letters.account()).is_set:
        people = await alarms.administrators(tx)
    for address, name in people:
        content = LetterContent(to=address, name=name, subject=said.subject, text=said.text)
        await letters.add(tx, NewLetter(kind="alarm", content=content))
    fresh = after(known, red, tx.now, told=bool(people))
    if fresh != known:
        await settings.put(_KEY, fresh)
    return len(people)
