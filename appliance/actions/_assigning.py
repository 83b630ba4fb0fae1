"""Who gets an order that comes in: a step of placing it."""

import secrets
from collections.abc import Mapping, Sequence
from uuid import UUID

from appliance.domain.access import ActorKind
from appliance.domain.assignment import (
    Assigned,
    Candidate,
    Facts,
    Reason,
    Rule,
    Spreading,
    claimed,
    spread_to,
)
from appliance.domain.grants import Scope
from appliance.domain.orders import UNSET, OrderDraft
from appliance.domain.references import ReferenceKind
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import assignment_rules, counters, shop_links, staff, tally
from appliance.storage.customers import Known
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

OTHERS = Rule(name="")
"""Stands for the box's own setting: all sellers."""
_LAST = frozenset({Spreading.QUEUE, Spreading.NOBODY})


async def assign(tx: Tx, lists: Lists, draft: OrderDraft, known: Known | None) -> Assigned:
    """Who becomes responsible, and why: claims first, then the rules, then the box's setting.

    Raises:
        Invalid: `manager_unknown`: the order names a colleague who is not.
    """
    named: UUID | None = None
    if draft.manager_number:
        named = await staff.id_of(draft.manager_number)
        if named is None:
            raise Invalid("manager_unknown", fields={"managerId": "manager_unknown"})
    owner = None if known is None else known.owner_id
    found = claimed(owner, named, _creator(tx))
    if found is not None:
        return found
    rules = await assignment_rules.rules()
    found = await _by_rules(lists, rules, draft, known) if rules else None
    return found or await _of_shop(lists, draft.shop)


async def _of_shop(lists: Lists, shop: str) -> Assigned:
    """Whom the shop's connection names, else as the box is set."""
    known = lists.shops.get(shop)
    if known is not None and known.link.manager:
        named = await shop_links.active_colleague(known.link.manager)
        if named is not None:
            return Assigned(named, Reason.SHOP)
    return await _by(lists, OTHERS, lists.assignment, shop)


async def _by_rules(
    lists: Lists, rules: Sequence[Rule], draft: OrderDraft, known: Known | None
) -> Assigned | None:
    facts = await _facts(lists, draft, known, rules)
    for rule in rules:
        if rule.lets_through(facts):
            found = await _by(lists, rule, rule.way, draft.shop)
            if found.manager is not None or rule.way in _LAST:
                return found
    return None


async def _by(lists: Lists, rule: Rule, way: Spreading, shop: str) -> Assigned:
    if way in _LAST:
        return spread_to(way, [], 0, rule=rule.name)
    people = await assignment_rules.pool(rule, shop)
    loads: Mapping[UUID, int] = {}
    turn = 0
    if way is Spreading.LEAST_LOADED:
        loads = await tally.load_of([one[0] for one in people], lists.in_process())
    elif way is Spreading.ROUND_ROBIN and people:
        turn = await counters.draw(f"assignment:{rule.number}" if rule.number else "assignment") - 1
    return spread_to(way, _candidates(people, loads), turn, secrets.randbelow(2**32), rule.name)


def _candidates(people: Sequence[tuple[UUID, int]], loads: Mapping[UUID, int]) -> list[Candidate]:
    return [Candidate(user_id, number, loads.get(user_id, 0)) for user_id, number in people]


def _creator(tx: Tx) -> UUID | None:
    """Who writes the order down, if he sees only his own."""
    view = tx.actor.grants.get(Permission.ORDER_VIEW)
    own = view is not None and view.scope is Scope.OWN
    return tx.actor.id if tx.actor.kind is ActorKind.USER and own else None


async def _facts(
    lists: Lists, draft: OrderDraft, known: Known | None, rules: Sequence[Rule]
) -> Facts:
    """Only what some rule asks for is looked up."""
    vip, before = draft.customer.vip, 0
    if known is not None:
        vip, before = await assignment_rules.client_facts(known.id)
    total = sum(
        0
        if line.price is UNSET or line.quantity_milli is UNSET
        else line.price * line.quantity_milli // 1000
        for line in draft.lines
    )
    groups = any(rule.categories for rule in rules)
    branches = any(rule.branches for rule in rules)
    return Facts(
        shop=draft.shop,
        order_type=lists.default(ReferenceKind.ORDER_TYPE)
        if draft.order_type is UNSET
        else draft.order_type,
        vip=vip,
        orders_before=before,
        total=total,
        categories=await assignment_rules.categories_of(draft.shop, draft.lines)
        if groups
        else frozenset(),
        branch=await assignment_rules.branch_of(draft.shop) if branches else "",
    )


async def tried(lists: Lists, count: int) -> list[tuple[int, UUID | None, Assigned]]:
    """What the rules would do with the newest orders, one after another: (order, now, then).

    Nothing is written: turns begin at nought, and loads grow by what is dealt out here.
    """
    rules = [*await assignment_rules.rules(), OTHERS]
    pools: dict[tuple[int, str], list[tuple[UUID, int]]] = {}
    loads: dict[UUID, int] = {}
    turns: dict[int, int] = {}
    found: list[tuple[int, UUID | None, Assigned]] = []
    for number, manager, owner, facts in await assignment_rules.last_orders(count):
        decided = claimed(owner, None)
        for rule in rules:
            if decided is not None or not rule.lets_through(facts):
                continue
            place = (rule.number, facts.shop)
            if place not in pools:
                people = pools[place] = await assignment_rules.pool(rule, facts.shop)
                fresh = [one[0] for one in people if one[0] not in loads]
                loads |= {**dict.fromkeys(fresh, 0), **await _loads(lists, fresh)}
            way = rule.way if rule.number else lists.assignment
            turn = turns[rule.number] = turns.get(rule.number, -1) + 1
            candidates = _candidates(pools[place], loads)
            given = spread_to(way, candidates, turn, secrets.randbelow(2**32), rule.name)
            last = rule is OTHERS or way in _LAST
            decided = given if given.manager is not None or last else None
        decided = decided or Assigned(None, Reason.NOBODY)
        if decided.manager is not None:
            loads[decided.manager] = loads.get(decided.manager, 0) + 1
        found.append((number, manager, decided))
    return found


async def _loads(lists: Lists, people: Sequence[UUID]) -> dict[UUID, int]:
    return await tally.load_of(people, lists.in_process()) if people else {}
