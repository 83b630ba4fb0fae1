"""Invented data for trying a box out."""

import os
from typing import Annotated

from appliance.boot import demo
from appliance.cli.answers import Common, about

DEFAULTS = Common()


def fill(
    *,
    customers: Annotated[int, about("сколько клиентов")] = 1000,
    orders: Annotated[int, about("сколько заказов")] = 1000,
    seed: Annotated[int, about("то же число — те же данные")] = 1,
    common: Common = DEFAULTS,
) -> None:
    """Fill an empty box by the bulk path. The box must not run meanwhile."""
    config = common.load()
    os.umask(0o077)
    demo.fill(config, customers=customers, orders=orders, seed=seed)
    common.answer({"customers": customers, "orders": orders})
