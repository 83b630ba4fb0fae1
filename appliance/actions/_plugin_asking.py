"""A plugin as an actor, and whom it may be handed: steps of `plugin_calls`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from appliance.domain.access import Actor, ActorKind, Origin
from appliance.domain.grants import Access, Grant, Scope
from appliance.domain.privacy import LegalBasis, Purpose
from appliance.errors import Denied, Invalid
from appliance.plugin_api.calls import MOST_ORDERS, PERMISSIONS, PURPOSES
from appliance.roles import Permission
from appliance.storage import disclosures, purposes
from appliance.storage.disclosures import HandOver
from appliance.storage.tx import Tx

PREFIX: Final = "plugin:"
_SERVED: Final = frozenset(name for behind in PERMISSIONS.values() for name in behind)
"""Permissions of the box that stand behind some question; no plugin has any other."""


def actor_id(plugin: str) -> UUID:
    """The same in every box and after every update: changes are known by it as a plugin's own."""
    return uuid5(NAMESPACE_URL, f"{PREFIX}{plugin}")


def actor_of(
    plugin: str, permissions: Iterable[str], personal: Iterable[tuple[str, str]] = ()
) -> Actor:
    """Who a plugin is in the box.

    Args:
        plugin: its name.
        permissions: of `calls.PERMISSIONS`, as approved.
        personal: (`customer.phone`, purpose) as approved.
    """
    asked = {name for one in permissions for name in PERMISSIONS.get(one, (one,))} & _SERVED
    grants = {name: Grant(Scope.ALL) for name in (*sorted(asked), Permission.PLUGIN.value)}
    return Actor(
        ActorKind.PLUGIN,
        actor_id(plugin),
        grants,
        origin=Origin.NONE,
        name=PREFIX + plugin,
        handover=frozenset((field.removeprefix("customer."), why) for field, why in personal),
    )


def plugin_of(tx: Tx) -> str:
    """The plugin that acts.

    Raises:
        Denied: somebody else does.
    """
    if tx.actor.kind is not ActorKind.PLUGIN:
        raise Denied("plugin_only")
    return tx.actor.name.removeprefix(PREFIX)


def not_too_many(ids: Sequence[object], most: int = MOST_ORDERS) -> None:
    """Raises: Invalid: `batch_too_long`."""
    if len(ids) > most:
        raise Invalid("batch_too_long", most=most)


def open_fields(tx: Tx, asked: Sequence[str], purpose: str) -> tuple[str, ...]:
    """Let the body open just these personal fields.

    Returns:
        their names as a grant knows them.

    Raises:
        Denied: `field_not_granted` for this purpose.
    """
    plugin_of(tx)
    names = tuple(dict.fromkeys(one.removeprefix("customer.") for one in asked))
    for name in names:
        if (name, purpose) not in tx.actor.handover or purpose not in PURPOSES:
            raise Denied("field_not_granted", f"{name} for {purpose}")
    tx.grant = Grant(tx.grant.scope, dict.fromkeys(names, Access.VISIBLE))
    tx.purpose = f"handover.{purpose}"
    return names


def close_fields(tx: Tx) -> None:
    """Let it open none any more."""
    tx.grant = Grant(tx.grant.scope)


def ground_of(held: Sequence[Purpose], purpose: str, now: datetime) -> LegalBasis | None:
    """On what ground a person's data may go out for this; None: on none."""
    wanted = PURPOSES[purpose]
    for one in held:
        if one.code.value == wanted and (one.until is None or one.until > now):
            return one.basis
    return None


async def grounds(tx: Tx, customers: Iterable[UUID], purpose: str) -> Mapping[UUID, LegalBasis]:
    """Of which of these clients data may go out, and on what ground.

    A consent that was taken back, and a purpose whose term has ended, is no ground.
    """
    ids = tuple(set(customers))
    if not ids:
        return {}
    held = await purposes.of_customers(ids)
    found = {one: ground_of(held.get(one, ()), purpose, tx.now) for one in ids}
    return {one: basis for one, basis in found.items() if basis is not None}


async def hand_over(
    tx: Tx, people: Iterable[tuple[UUID, UUID | None, LegalBasis]], fields: Sequence[str], why: str
) -> None:
    """Write down who was handed out: one row each, in the transaction that read them.

    Args:
        tx: of the plugin.
        people: client, order, ground.
        fields: personal fields.
        why: purpose.

    Raises:
        Throttled: `plugin_budget_spent`: nothing was handed out.
    """
    rows = [
        HandOver(
            plugin=plugin_of(tx),
            customer_id=customer_id,
            order_id=order_id,
            fields=",".join(fields),
            purpose=why,
            basis=basis.value,
        )
        for customer_id, order_id, basis in people
    ]
    await disclosures.spend(tx, plugin_of(tx), len(rows))
    await disclosures.note(tx, rows)
