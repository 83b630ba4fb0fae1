"""Which rows of an owned table the actor's grant lets through."""

from appliance.domain.access import NOBODY
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
        case Scope.BRANCH if tx.actor.department is not None:
            return (
                f"{column} IN (SELECT b.id FROM users b WHERE b.id = {{}} "
                "OR b.department_id = {} OR b.department_id IN (SELECT n.id FROM department n "
                "JOIN department m ON m.branch_id = n.branch_id WHERE m.id = {}))",
                (tx.actor.id, tx.actor.department, tx.actor.department),
            )
        case Scope.BRANCH | Scope.DEPARTMENT | Scope.OWN:
            return f"{column} = {{}}", (tx.actor.id,)
        case _:
            return "1 = 0", ()


def visible_order(tx: Tx) -> Fragment:
    """Condition on `orders o`: by who leads it; a branch sees its shops' queue besides.

    A program with a key of one shop sees that shop's only, as everywhere below.
    """
    return _with_queue(tx, tx.grant.scope, "o", ("o.manager_id IS NULL", ()))


def visible_order_under(tx: Tx, permission: str) -> Fragment:
    """`visible_order` by another permission of the actor."""
    grant = tx.actor.grants.get(permission)
    scope = Scope.NONE if grant is None else grant.scope
    return _with_queue(tx, scope, "o", ("o.manager_id IS NULL", ()))


def visible_tally(tx: Tx) -> Fragment:
    """The same on `order_tally t`, where nobody has an id."""
    return _with_queue(tx, tx.grant.scope, "t", ("t.manager_id = {}", (NOBODY,)))


def _with_queue(tx: Tx, scope: Scope, table: str, nobody: Fragment) -> Fragment:
    led, args = _within(tx, scope, f"{table}.manager_id")
    queue, queue_args = _of_the_branch(tx, scope, table, nobody)
    if queue:
        led, args = f"({led} OR {queue})", (*args, *queue_args)
    return _and_shop(tx, table, led, args)


def _and_shop(tx: Tx, table: str, text: str, args: tuple[object, ...]) -> Fragment:
    shop, shop_args = in_shop(tx, f"{table}.shop")
    return (f"{text} AND {shop}", (*args, *shop_args)) if tx.actor.shop else (text, args)


def visible_deal(tx: Tx) -> Fragment:
    """Condition on `deal d`: by who leads it."""
    return _and_shop(tx, "d", *_within(tx, tx.grant.scope, "d.manager_id"))


def in_shop_task(tx: Tx) -> Fragment:
    """Condition on `task t` for a shop's key: about its own orders and clients, or about nobody."""
    if not tx.actor.shop:
        return "1 = 1", ()
    return (
        "(t.order_id IS NULL OR t.order_id IN (SELECT id FROM orders WHERE shop = {})) AND "
        "(t.order_id IS NOT NULL OR t.customer_id IS NULL OR t.customer_id IN "
        "(SELECT id FROM customer WHERE shop = {}))",
        (tx.actor.shop, tx.actor.shop),
    )


def _of_the_branch(tx: Tx, scope: Scope, table: str, nobody: Fragment) -> Fragment:
    """What nobody leads of the branch's own shops; empty where the scope is no branch."""
    if scope is not Scope.BRANCH or tx.actor.department is None:
        return "", ()
    return (
        f"({nobody[0]} AND {table}.shop IN (SELECT q.code FROM shop q "
        "JOIN department m ON m.branch_id = q.branch_id WHERE m.id = {}))",
        (*nobody[1], tx.actor.department),
    )


def visible_place(tx: Tx, column: str) -> Fragment:
    """Condition on a warehouse's id: a branch works in its own warehouses only."""
    if tx.grant.scope is not Scope.BRANCH:
        return "1 = 1", ()
    return (
        f"{column} IN (SELECT w.id FROM warehouse w "
        "JOIN department m ON m.branch_id = w.branch_id WHERE m.id = {})",
        (tx.actor.department,),
    )


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


def _clients(tx: Tx, scope: Scope, *, blocked: bool = False) -> Fragment:
    led, args = _within(tx, scope, "c.owner_id")
    queue, queue_args = _of_the_branch(tx, scope, "c", ("c.owner_id IS NULL", ()))
    if queue:
        led, args = f"({led} OR {queue})", (*args, *queue_args)
    return (led, args) if blocked else (f"{led} AND c.state <> 'blocked'", args)


def visible_client(tx: Tx, *, blocked: bool = False) -> Fragment:
    """Condition on `customer c`: by who leads the client, and by the key's shop.

    Whoever is blocked at his own demand (152-FZ, article 21) is nobody's: he is in no list, find,
    export or job. `blocked` lets him through for a page that says only that he is.
    """
    scope, scope_args = _clients(tx, tx.grant.scope, blocked=blocked)
    shop, shop_args = shops_client(tx)
    return f"{scope} AND {shop}", (*scope_args, *shop_args)


def visible_client_under(tx: Tx, permission: str) -> Fragment:
    """`visible_client` by another permission of the actor: for an action that links to a client."""
    grant = tx.actor.grants.get(permission)
    scope, scope_args = _clients(tx, Scope.NONE if grant is None else grant.scope)
    shop, shop_args = shops_client(tx)
    return f"{scope} AND {shop}", (*scope_args, *shop_args)
