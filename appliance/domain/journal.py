"""The log for people: what was asked for, and one line of it in words of the house."""

from datetime import datetime

import msgspec


class LogQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entries; empty means any.

    Attributes:
        before: place in the log; the page begins right below.
        who: login, or `system`, `console`, `anonymous`, `api_key`.
        deed: full name, or the noun alone (`orders`); several with commas.
        thing: `order 4815`: type and number, or the type alone.
        since, until: aware; `until` excluded.
        result: `done`, `refused`, or the code of a refusal.
    """

    before: int | None = None
    who: str = ""
    deed: str = ""
    thing: str = ""
    since: datetime | None = None
    until: datetime | None = None
    result: str = ""
    limit: int = 50


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. No client's name: numbers and names of fields only.

    Attributes:
        seq: place in the log.
        who: a colleague's name; empty for others.
        number: of the colleague or key; 0: none.
        kind: of the actor.
        thing_number: the record's number for people; 0: it has none, or it is gone.
        people: how many people's data were opened or written.
        fields: names of the fields opened or written.
        anchored: kept outside the box.
    """

    seq: int
    at: datetime
    kind: str
    number: int
    who: str
    deed: str
    result: str
    thing: str = ""
    thing_number: int = 0
    thing_id: str = ""
    people: int = 0
    fields: tuple[str, ...] = ()
    session: str = ""
    origin: str = ""
    purpose: str = ""
    anchored: bool = False
