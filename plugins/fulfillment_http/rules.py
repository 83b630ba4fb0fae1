"""The rules of the contract, one function each; its docstring is what people read.

A rule that does not hold raises `Wrong`, one that cannot be checked here `Skip`.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

import msgspec

from plugins.fulfillment_http import contract as c
from plugins.fulfillment_http.probing import Probe, Skip, Wrong

GS: Final = "\x1d"
CODE: Final = f"010460123456789021abCd!{GS}91EE10{GS}92dGVzdA=="
"""A marking code with its separators, as a scanner reads it."""


def _hold(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise Wrong(otherwise)


def wrong_key(probe: Probe) -> None:
    """A wrong key is refused with 401."""
    probe.trouble(probe.ask("GET", "/orders/none", key="no such key"), 401, "unauthorized")


def unknown_sku(probe: Probe) -> None:
    """An order naming an unknown good is refused with 422 sku_unknown."""
    answer = probe.create(probe.given())
    probe.trouble(answer, 422, "sku_unknown")


def sku_upsert(probe: Probe) -> None:
    """A good may be told of again and again."""
    good = c.SkuGiven(name="Проверка", barcodes=("4601234567890",), needs_marking=True)
    for _ in range(2):
        probe.status(probe.ask("PUT", f"/skus/{quote(probe.sku)}", good), 200, 201, 204)


def idempotent(probe: Probe) -> None:
    """The same order twice is one order; the same key with another body is 409."""
    given = probe.given(recipient=c.Recipient(name="Проверкина Вера", address="Тестовая ул., 1"))
    first = probe.read(probe.create(given), c.OrderTold, 201)
    again = probe.read(probe.create(given), c.OrderTold, 200)
    _hold(first.id == again.id, "the repetition made a second order")
    other = msgspec.structs.replace(given, notes="another body")
    probe.trouble(probe.create(other), 409, "key_reused")


def readable(probe: Probe) -> None:
    """An order can be read; one that is not there is 404."""
    number = probe.fresh()
    told = probe.order(number)
    _hold(told.order_no == number, "GET gives another order")
    _hold([one.line for one in told.lines] == [1], "lines do not carry the shop's numbers")
    probe.trouble(probe.ask("GET", f"/orders/none-{probe.run}"), 404, "not_found")


def changeable(probe: Probe) -> None:
    """An order can be changed before it is picked."""
    number = probe.fresh()
    more = c.OrderChange(
        lines=(c.LineGiven(line=1, sku=probe.sku, name="Проверка", quantity=3),), notes="осторожно"
    )
    told = probe.read(probe.ask("PATCH", f"/orders/{number}", more), c.OrderTold, 200)
    _hold(told.lines[0].quantity == 3, "the change of lines was not taken over")


def label(probe: Probe) -> None:
    """A label can follow the order."""
    number = probe.fresh()
    answer = probe.ask(
        "PUT",
        f"/orders/{number}/label",
        content=b"%PDF-1.4\n%%EOF\n",
        headers={"content-type": "application/pdf"},
    )
    probe.status(answer, 200, 204)


def log(probe: Probe) -> None:
    """The log has no holes, keeps its order and never changes."""
    before = probe.events(0, 1).last
    numbers = [probe.fresh() for _ in range(3)]
    after = before
    pages: list[c.Event] = []
    while page := probe.events(after, 2).events:
        _hold(len(page) <= 2, "`limit` is not kept")
        pages += page
        after = page[-1].seq
    seqs = [one.seq for one in pages]
    _hold(seqs == list(range(before + 1, before + 1 + len(seqs))), f"holes or disorder: {seqs}")
    told = [one.order_no for one in pages if one.status in {"accepted", "reserved"}]
    _hold(set(numbers) <= set(told), "an order that was accepted is not in the log")
    _hold(len({one.event_id for one in pages}) == len(pages), "`event_id` repeats")
    again = probe.events(before, 500).events
    _hold([one.event_id for one in again] == [one.event_id for one in pages], "the log changes")


def listed(probe: Probe) -> None:
    """Orders are listed by when they changed."""
    number = probe.fresh()
    since = probe.order(number).updated_at.isoformat()
    answer = probe.ask("GET", "/orders", params={"changed_since": since})
    page = probe.read(answer, c.OrdersTold, 200)
    _hold(number in {one.order_no for one in page.orders}, "a changed order is not listed")


def stock(probe: Probe) -> None:
    """Stock adds up and a cancelled order frees it."""
    probe.counted(100)
    number = probe.fresh(quantity=4)
    row = probe.stock()
    if row is None:
        raise Wrong("a good that was counted is not in /stock")
    free = c.milli(row.on_hand) - c.milli(row.reserved) - c.milli(row.quarantine)
    _hold(c.milli(row.available) == free, "available is not on_hand − reserved − quarantine")
    probe.ask("POST", f"/orders/{number}/cancel")
    after = probe.stock()
    freed = c.milli(after.available) - c.milli(row.available) if after else 0
    _hold(freed == 4000, "a cancelled order's goods are not free again, or were never set aside")


def cancel(probe: Probe) -> None:
    """An order can be cancelled, twice with the same answer."""
    number = probe.fresh()
    for _ in range(2):
        told = probe.read(probe.ask("POST", f"/orders/{number}/cancel"), c.CancelTold, 200)
        _hold(told.result == "cancelled", f"{told.result} for an order nobody has touched")
    _hold(probe.order(number).status == "cancelled", "it says cancelled and is not")


def late(probe: Probe) -> None:
    """A picked order is not changed, a packed one not cancelled."""
    probe.counted(100)
    number = probe.fresh()
    probe.deed(number, "pick")
    change = c.OrderChange(notes="поздно")
    told = probe.trouble(probe.ask("PATCH", f"/orders/{number}", change), 409, "too_late")
    _hold(told.status == "picking", "the refusal does not say where the order stands")
    probe.deed(number, "pack")
    end = probe.read(probe.ask("POST", f"/orders/{number}/cancel"), c.CancelTold, 200)
    _hold(end.result == "too_late", "a packed order was cancelled")
    _hold(probe.order(number).status == "packed", "a late cancel moved the order")


def shortage(probe: Probe) -> None:
    """A shortage is told with its quantity."""
    probe.counted(100)
    before = probe.events(0, 1).last
    number = probe.fresh()
    line = c.LineTold(line=1, sku=probe.sku, short=1)
    probe.deed(number, "shortage", c.SandboxDeed(lines=(line,), reason="not_found_on_shelf"))
    told = [one for one in probe.events_of(number, before) if one.status == "shortage"]
    _hold(bool(told), "the shortage is not in the log")
    _hold(told[0].lines[0].short == 1, "the log does not say how much is missing")


def codes(probe: Probe) -> None:
    """Marking codes come back as they are, separators included."""
    probe.counted(100)
    before = probe.events(0, 1).last
    number = probe.fresh(quantity=1)
    probe.deed(number, "pick")
    line = c.LineTold(line=1, sku=probe.sku, quantity=1, codes=(CODE,))
    probe.deed(number, "pack", c.SandboxDeed(lines=(line,)))
    told = [one for one in probe.events_of(number, before) if one.status == "packed"]
    found = [code for one in told for part in one.lines for code in part.codes]
    _hold(found == [CODE], f"the marking code came back changed: {found!r}")


def parts(probe: Probe) -> None:
    """An order may be shipped in parts, each with its own track."""
    probe.counted(100)
    before = probe.events(0, 1).last
    number = probe.fresh(quantity=2)
    for deed in ("pick", "pack"):
        probe.deed(number, deed)
    line = c.LineTold(line=1, sku=probe.sku, quantity=1)
    for track in ("T-1", "T-2"):
        probe.deed(number, "ship", c.SandboxDeed(lines=(line,), tracking=track))
    told = [one for one in probe.events_of(number, before) if one.status == "shipped"]
    amounts = [part.quantity for one in told for part in one.lines]
    _hold(amounts == [1, 1], f"two parts of one piece came as {amounts}")
    _hold([one.tracking for one in told] == ["T-1", "T-2"], "tracks of the parts are lost")
    _hold(probe.order(number).lines[0].shipped == 2, "the order does not say what is shipped")


def back(probe: Probe) -> None:
    """Returns are told by line."""
    probe.counted(100)
    number = probe.fresh(quantity=2)
    for deed in ("pick", "pack", "ship", "return_arrive"):
        probe.deed(number, deed)
    line = c.LineTold(line=1, sku=probe.sku, quantity=1, condition="good")
    told = probe.deed(number, "return_check", c.SandboxDeed(lines=(line,)))
    _hold(told.lines[0].returned == 1, "the order does not say what came back")


def pushes(probe: Probe) -> None:
    """Pushes are signed, and repeated until a 2xx."""
    if probe.listener is None:
        raise Skip("no address to push to: --listen")
    number = probe.fresh()
    taken = probe.listener.wait(number.encode())
    _hold(not probe.listener.bad, f"a push was not believed: {probe.listener.bad[:1]}")
    _hold(taken, "no push, or none after a 500")


Rule = Callable[[Probe], None]
RULES: Final[tuple[Rule, ...]] = (
    wrong_key,
    unknown_sku,
    sku_upsert,
    idempotent,
    readable,
    changeable,
    label,
    log,
    listed,
    cancel,
    stock,
    late,
    shortage,
    codes,
    parts,
    back,
    pushes,
)
"""In this order: the second is asked before its good is told of."""
