"""Which rows of an owned table the actor's grant lets through."""

from appliance.domain.grants import Scope
from appliance.storage.tx import Tx

Fragment = tuple[str, tuple[object, ...]]


def visible(tx: Tx, column: str) -> Fragment:
    """Condition on the owning user's column, with its values, to be joined by AND.

    Every statement that reads rows of an owned table carries it; there is no other filter for
    scope anywhere.
    """
    return _within(tx, tx.grant.scope, column)


def visible_under(tx: Tx, permission: str, column: str) -> Fragment:
    """The same by another permission of the actor: for records that an action only links to."""
    grant = tx.actor.grants.get(permission)
    return _within(tx, Scope.NONE if grant is None else grant.scope, column)


def _within(tx: Tx, scope: Scope, column: str) -> Fragment:
    match scope:
        case Scope.ALL:
            return "1 = 1", ()
        case Scope.DEPARTMENT if tx.actor.department is not None:
            return (
                f"{column} IN (SELECT id FROM users WHERE department_id = {{}})",
                (tx.actor.department,),
            )
        case Scope.DEPARTMENT | Scope.OWN:
            return f"{column} = {{}}", (tx.actor.id,)
        case _:
            return "1 = 0", ()


def in_shop(tx: Tx, column: str) -> Fragment:
    """Condition that keeps a program with a key of one shop to that shop's rows.

    Stands beside `visible` wherever rows belong to shops; for everybody else it lets all through.
    """
    if not tx.actor.shop:
        return "1 = 1", ()
    return f"{column} = {{}}", (tx.actor.shop,)


def shops_client(tx: Tx) -> Fragment:
    """Condition on `customer c` that keeps a shop's key to those it may know.

    Its own clients, those that belong to no shop, and whoever ordered from it: a buyer whom another
    shop brought first is one client, and his number stands in this shop's orders.
    """
    if not tx.actor.shop:
        return "1 = 1", ()
    return (
        "(c.shop IN ({}, '') OR EXISTS (SELECT 1 FROM orders bought "
        "WHERE bought.customer_id = c.id AND bought.shop = {}))",
        (tx.actor.shop, tx.actor.shop),
    )


def visible_client(tx: Tx) -> Fragment:
    """Condition on `customer c`: by who leads the client, and by the key's shop."""
    scope, scope_args = visible(tx, "c.owner_id")
    shop, shop_args = shops_client(tx)
    return f"{scope} AND {shop}", (*scope_args, *shop_args)


def visible_client_under(tx: Tx, permission: str) -> Fragment:
    """`visible_client` by another permission of the actor: for an action that links to a client."""
    scope, scope_args = visible_under(tx, permission, "c.owner_id")
    shop, shop_args = shops_client(tx)
    return f"{scope} AND {shop}", (*scope_args, *shop_args)
