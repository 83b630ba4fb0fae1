"""What the box may ask of a plugin while a page waits: one line of `ASKS` per question.

Both sides of the wire use it. Questions carry ids, codes, weights and sums, never a person: a
plugin that needs one asks the box for him by `core.order`, so that the hand-over is written down.
But for hints, which carry what is being typed: see `hints`.
"""

from typing import Final, Literal, NamedTuple

import msgspec

from appliance.plugin_api import (
    client_messages,
    fulfilments,
    handing,
    hints,
    parcels,
    postings,
    screens,
)

Provided = Literal[
    "market", "carrier", "papers", "courier", "warehouse", "payments", "receipts", "messages",
    "hints", "screens", "look",
]  # fmt: skip
"""What a plugin may be to the box, as `provides` of its manifest says; `papers` and `courier` are
what some carriers do besides; `look`: it hears the wish to read one record again at the service,
whatever the record's kind."""


class Ask(NamedTuple):
    """One question.

    Attributes:
        asked, answers: messages, msgpack over the wire.
        seconds: that the page waits for an answer; then the plugin is said to be silent.
        provides: who can be asked: plugins whose manifest names it.
        needs: permission without which a plugin is not asked.
    """

    asked: type[msgspec.Struct]
    answers: type[msgspec.Struct]
    seconds: float
    provides: Provided
    needs: str = ""


ASKS: Final[dict[str, Ask]] = {
    "carrier.quote": Ask(parcels.QuoteAsked, parcels.Offers, 3.0, "carrier"),
    "market.reasons": Ask(postings.ReasonsAsked, postings.Reasons, 6.0, "market"),
    "carrier.points": Ask(parcels.PointsAsked, parcels.Points, 10.0, "carrier"),
    "carrier.papers": Ask(handing.PapersAsked, handing.Papers, 40.0, "papers"),
    "carrier.courier": Ask(handing.CourierAsked, handing.CourierCalled, 20.0, "courier"),
    "warehouse.states": Ask(fulfilments.StatesAsked, fulfilments.States, 8.0, "warehouse"),
    "messages.cost": Ask(client_messages.CostAsked, client_messages.Cost, 3.0, "messages"),
    "screen.deed": Ask(screens.DeedAsked, screens.DeedDone, 20.0, "screens"),
    "hints.party": Ask(hints.PartyAsked, hints.Parties, 2.0, "hints", "typed.read"),
    "hints.bank": Ask(hints.BankAsked, hints.Banks, 2.0, "hints", "typed.read"),
    "hints.address": Ask(hints.AddressAsked, hints.Addresses, 2.0, "hints", "typed.read"),
}
"""Name of a question → what it is. The structs of a subject lie in its own file beside this one;
whoever adds a line names it in `docs/plugins.md`; a test asks for that."""
