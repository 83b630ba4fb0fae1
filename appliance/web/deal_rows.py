"""Cards of the board and rows of the list of deals, with every text written out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from appliance.domain import fields as kinds
from appliance.domain import formats
from appliance.domain.deals import DealColumn, DealRow, DealState, DealTally, Funnels, Stage
from appliance.domain.desk import Codes
from appliance.domain.personal import Personal
from appliance.web import order_rows
from appliance.web.rendering import initials, waiting
from appliance.web.screens import Reader, tone_of

PATIENCE: Final = (timedelta(days=7), timedelta(days=14))
"""How long a deal may stand at a stage before its age turns amber, then red."""
LOOKS: Final = {"open": ("accent", "half"), "won": ("ok", "check"), "lost": ("grey", "cross")}


@dataclass(frozen=True, slots=True)
class Card:
    """One deal; `client` is a name, or a plain word for why there is none (`client_note`)."""

    number: int
    version: int
    href: str
    peek: str
    kopecks: int
    client: Personal[str] | str
    client_note: str
    mark: str
    title: Personal[str] | str
    amount: str
    stage: str
    tone: str
    shape: str
    due: str
    due_tone: str
    age: str
    age_tone: str
    created: str
    order: str
    reason: str
    manager: str
    manager_name: str
    manager_initials: str
    manager_tone: int
    closed: bool
    made: Mapping[str, Personal[str] | str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the board."""

    number: int
    name: str
    invoice: bool
    count: str
    amount: str
    age: str
    cards: list[Card]
    more: str


def card(reader: Reader, one: DealRow, known: Funnels, codes: Codes, query: str = "") -> Card:
    """Write out one deal."""
    language, today = reader.language, reader.today
    suffix = f"?{query}" if query else ""
    client, note, mark = order_rows.client_cell(reader, one.customer)
    stage = known.stage(one.stage_id)
    tone, shape = LOOKS[one.state.value]
    due = due_tone = ""
    if one.expected_on is not None:
        due = formats.day_short(one.expected_on, today, language)
        if one.state is DealState.OPEN:
            due_tone = (
                "bad" if one.expected_on < today else "warn" if one.expected_on == today else ""
            )
    name = codes.name_of(one.manager_number)
    open_ = one.state is DealState.OPEN
    return Card(
        number=one.number,
        version=one.version,
        href=f"/deals/{one.number}{suffix}",
        peek=f"/deals/{one.number}/peek{suffix}",
        kopecks=one.amount,
        client=client,
        client_note=note,
        mark=mark,
        title=one.title if one.title else reader._("сделка № %(number)d") % {"number": one.number},
        amount=formats.money(one.amount, language),
        stage=stage.name,
        tone=tone,
        shape=shape,
        due=due,
        due_tone=due_tone,
        age=formats.span(reader.now - one.stage_at, language),
        age_tone=waiting(one.stage_at, reader.now, *PATIENCE) if open_ else "",
        created=formats.moment_short(one.created_at, reader.now, reader.zone, language),
        order="" if one.order_number is None else formats.order_number(one.order_number),
        reason=known.reason(one.reason_id),
        manager=name.partition(" ")[0],
        manager_name=name,
        manager_initials=initials(name),
        manager_tone=tone_of(one.manager_number),
        closed=not open_,
        made={
            value.field.history: kinds.words(value, reader.zone, language) for value in one.custom
        },
    )


def cards(
    reader: Reader, found: Sequence[DealRow], known: Funnels, codes: Codes, query: str
) -> list[Card]:
    """Write out many."""
    return [card(reader, one, known, codes, query) for one in found]


def column(reader: Reader, one: DealColumn, known: Funnels, codes: Codes, query: str) -> Column:
    """Write out a column; `more` is the address of its next cards."""
    and_ = f"&{query}" if query else ""
    return Column(
        number=one.stage.number,
        name=one.stage.name,
        invoice=one.stage.kind.value == "invoice",
        count=formats.number(one.tally.deals, reader.language),
        amount=formats.money(one.tally.amount, reader.language) if one.tally.deals else "",
        age=mean_age(reader, one.tally),
        cards=cards(reader, one.rows, known, codes, query),
        more=""
        if one.after is None
        else f"/deals/column?stage={one.stage.number}&after={one.after}{and_}",
    )


def mean_age(reader: Reader, tally: DealTally) -> str:
    """How long the deals of a column stand there, on average."""
    if not tally.deals:
        return ""
    length = formats.span(timedelta(seconds=tally.mean_age), reader.language)
    return reader._("в среднем %(time)s") % {"time": length}


def end(reader: Reader, stage: Stage, tally: DealTally, href: str) -> dict[str, object]:
    """One of the places where deals end, under the board."""
    return {
        "number": stage.number,
        "name": stage.name,
        "won": stage.state is DealState.WON,
        "count": formats.number(tally.deals, reader.language),
        "amount": formats.money(tally.amount, reader.language) if tally.deals else "",
        "href": href,
    }
