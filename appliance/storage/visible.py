"""Which rows of an owned table the actor's grant lets through."""

from appliance.domain.grants import Scope
from appliance.storage.tx import Tx

Fragment = tuple[str, tuple[object, ...]]


def visible(tx: Tx, column: str) -> Fragment:
    """Condition on the owning user's column, with its values, to be joined by AND.

    Every statement that reads rows of an owned table carries it; there is no other filter for
    scope anywhere.
    """
    match tx.grant.scope:
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


def within_reach(tx: Tx, owner: str, shop: str) -> Fragment:
    """Both conditions at once, for tables whose rows have an owner and a shop."""
    scope, scope_args = visible(tx, owner)
    own, own_args = in_shop(tx, shop)
    return f"{scope} AND {own}", (*scope_args, *own_args)
