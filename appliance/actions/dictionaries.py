"""Lists that an administrator keeps: ways to pay and to deliver, rules of statuses, discounts."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from appliance.actions import _frame
from appliance.actions._gate import action
from appliance.domain.desk import Frame
from appliance.domain.folding import to_latin
from appliance.domain.references import APART, Reference, ReferenceKind
from appliance.domain.statuses import RuleEvent, StatusRule
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import order_rules, references, roles_store
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

KEPT: Final = (
    ReferenceKind.PAYMENT_TYPE,
    ReferenceKind.DELIVERY_TYPE,
    ReferenceKind.ORDER_METHOD,
    ReferenceKind.PRODUCT_STATUS,
)
"""Lists that have a page."""
STEP: Final = 10
LONGEST: Final = 64
LONGEST_NAME: Final = 100
MOST_COST: Final = 10**11
WHOLE_MILLI: Final = 100_000


class DictionaryScreen(msgspec.Struct, frozen=True, kw_only=True):
    """One list, entries that are off too."""

    entries: tuple[Reference, ...]
    frame: Frame


class RulesScreen(msgspec.Struct, frozen=True, kw_only=True):
    """Every rule, those that are off too; an event without one has none."""

    rules: Mapping[RuleEvent, tuple[StatusRule, bool]]
    frame: Frame


class RoleLimit(msgspec.Struct, frozen=True, kw_only=True):
    """The most a role may take off by hand, thousandths of a percent."""

    code: str
    name: str
    most_milli: int


class LimitsScreen(msgspec.Struct, frozen=True, kw_only=True):
    """Roles that may sell, with their limits."""

    limits: tuple[RoleLimit, ...]
    frame: Frame


@action(Permission.REFERENCE_EDIT, reads=True, quiet=True)
async def screen(tx: Tx, kind: ReferenceKind) -> DictionaryScreen:
    """One list in its order."""
    lists = await references.lists()
    return DictionaryScreen(entries=tuple(lists.of(kind).values()), frame=await _frame.frame_of(tx))


@action(Permission.REFERENCE_EDIT)
async def put(
    tx: Tx,
    kind: ReferenceKind,
    code: str,
    name: str,
    *,
    cost: int | None = None,
    active: bool = True,
    is_default: bool = False,
) -> str:
    """Add an entry (an empty code is made of the name) or change one; give its code.

    Args:
        tx: of the actor.
        kind: which list.
        code: of a known entry, or empty.
        name: for people.
        cost: what a way of delivery costs the buyer by itself, kopecks; None leaves it.
        active: it can be chosen.
        is_default: an order begins with it, in place of the one before.

    Raises:
        NotFound: `reference_not_found`: a code nobody knows.
        Invalid: `name_missing`, `name_taken`, `amount_out_of_range`, `default_off`, by field.
    """
    lists = await references.lists()
    known = lists.of(kind).get(code)
    if code and known is None:
        raise NotFound("reference_not_found")
    name = " ".join(name.split())
    fields: dict[str, str] = {}
    if not name or len(name) > LONGEST_NAME:
        fields["name"] = "name_missing"
    elif any(one.name == name and one.code != code for one in lists.of(kind).values()):
        fields["name"] = "name_taken"
    if cost is not None and not 0 <= cost <= MOST_COST:
        fields["cost"] = "amount_out_of_range"
    if not active and (is_default or (known is not None and known.is_default)):
        fields["off"] = "default_off"
    if fields:
        raise Invalid(fields=fields)
    base = known or Reference(number=0, code=_code_of(lists, kind, name), name=name)
    entry = msgspec.structs.replace(
        base,
        name=name,
        active=active,
        is_default=is_default or base.is_default,
        position=base.position if known is not None else _last(lists, kind) + STEP,
        extra=base.extra if cost is None else {**base.extra, "defaultCost": cost / 100},
    )
    await references.set_entry(kind, known, entry)
    tx.object_type = "reference"
    tx.payload = {"kind": kind.value, "code": entry.code}
    return entry.code


def _last(lists: Lists, kind: ReferenceKind) -> int:
    return max((one.position for one in lists.of(kind).values()), default=0)


def _code_of(lists: Lists, kind: ReferenceKind, name: str) -> str:
    """A code that nobody has: the name in Latin letters."""
    spelled = to_latin(name.lower().replace("ё", "е"))[0]
    plain = "".join(one if one.isascii() and one.isalnum() else "-" for one in spelled)
    stem = "-".join(part for part in plain.split("-") if part)[: LONGEST - 4] or "own"
    taken = set(lists.of(kind))
    if kind in APART:
        taken |= set(lists.statuses).union(*(lists.of(one) for one in APART))
    code, at = stem, 2
    while code in taken:
        code, at = f"{stem}-{at}", at + 1
    return code


@action(Permission.REFERENCE_EDIT)
async def move(tx: Tx, kind: ReferenceKind, code: str, step: int) -> None:
    """Put an entry one place earlier (-1) or later (1).

    Raises:
        NotFound: `reference_not_found`.
    """
    lists = await references.lists()
    order = list(lists.of(kind))
    if code not in order:
        raise NotFound("reference_not_found")
    place = order.index(code)
    order.insert(min(max(place + step, 0), len(order) - 1), order.pop(place))
    await references.set_order(kind, order)
    tx.object_type = "reference"
    tx.payload = {"kind": kind.value, "code": code}


@action(Permission.REFERENCE_EDIT, reads=True, quiet=True)
async def rules(tx: Tx) -> RulesScreen:
    """Where orders go by themselves."""
    return RulesScreen(rules=await order_rules.every(), frame=await _frame.frame_of(tx))


@action(Permission.REFERENCE_EDIT)
async def put_rules(tx: Tx, wanted: Mapping[RuleEvent, tuple[StatusRule, bool]]) -> None:
    """Store where orders go by themselves: event → its rule and whether it is on.

    Raises:
        Invalid: `status_unknown`, by `<event>.target`; `rule_empty`, by `<event>.source`, for a
            rule that is on and starts nowhere.
    """
    fields = _wrong_rules(await references.lists(), wanted)
    if fields:
        raise Invalid(fields=fields)
    for event, (rule, active) in wanted.items():
        if not rule.target:
            continue
        sources = tuple(one for one in rule.sources if one != rule.target)
        await order_rules.put(event, StatusRule(rule.target, sources), active=active)
    await references.touch()
    tx.object_type = "status_rule"
    tx.payload = {event.value: rule.target for event, (rule, active) in wanted.items() if active}


def _wrong_rules(
    lists: Lists, wanted: Mapping[RuleEvent, tuple[StatusRule, bool]]
) -> dict[str, str]:
    fields: dict[str, str] = {}
    for event, (rule, active) in wanted.items():
        known = lists.statuses.get(rule.target)
        if not rule.target and not active:
            continue
        if known is None or not known.active:
            fields[f"{event.value}.target"] = "status_unknown"
        if not rule.sources and active:
            fields[f"{event.value}.source"] = "rule_empty"
        elif any(one not in lists.statuses for one in rule.sources):
            fields[f"{event.value}.source"] = "status_unknown"
    return fields


@action(Permission.ROLE_MANAGE, reads=True, quiet=True)
async def limits(tx: Tx) -> LimitsScreen:
    """How much whoever holds a role may take off by hand."""
    return LimitsScreen(limits=await _limits(), frame=await _frame.frame_of(tx))


async def _limits() -> tuple[RoleLimit, ...]:
    """Of the roles that change orders: the others take nothing off."""
    most = await roles_store.discount_limits()
    sells = {Permission.ORDER_CREATE.value, Permission.ORDER_EDIT.value}
    return tuple(
        RoleLimit(code=role.code, name=role.name, most_milli=most.get(role.code, 0))
        for role in await roles_store.list_all()
        if sells & set(role.grants)
    )


@action(Permission.ROLE_MANAGE)
async def put_limits(tx: Tx, wanted: Sequence[tuple[str, int]]) -> None:
    """Set limits: (code of the role, thousandths of a percent).

    Raises:
        Invalid: `percent_too_large`, by the role's code.
        Conflict: `role_gone`: a role that is not there any more, or sells nothing now.
    """
    fields = {code: "percent_too_large" for code, most in wanted if not 0 <= most <= WHOLE_MILLI}
    if fields:
        raise Invalid(fields=fields)
    was = {one.code: one.most_milli for one in await _limits()}
    if any(code not in was for code, _ in wanted):
        raise Conflict("role_gone")
    changed = {code: most for code, most in wanted if was[code] != most}
    for code, most in changed.items():
        await roles_store.set_most_discount(code, most)
    tx.object_type = "role"
    tx.payload = {code: {"old": was[code], "new": most} for code, most in changed.items()}
