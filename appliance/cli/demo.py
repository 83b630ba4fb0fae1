"""A box of invented people to look around in, and invented data for an empty one."""

import os
import sys
from pathlib import Path
from typing import Annotated

from appliance.boot import demo
from appliance.cli.answers import Common, about
from appliance.cli.texts import translate
from appliance.config import DEFAULT_PORT, Box, Config, Server, Unlock, checks

DEFAULTS = Common()

Customers = Annotated[int, about("сколько клиентов")]
Orders = Annotated[int, about("сколько заказов")]
Seed = Annotated[int, about("то же число — те же данные")]


def load(
    *, customers: Customers = 1000, orders: Orders = 1000, seed: Seed = 1, common: Common = DEFAULTS
) -> None:
    """Fill an empty box by the bulk path. The box must not run meanwhile."""
    config = common.load()
    os.umask(0o077)
    demo.fill(config, customers=customers, orders=orders, seed=seed)
    common.answer({"customers": customers, "orders": orders})


def make(
    folder: Path,
    /,
    *,
    customers: Customers = 1000,
    orders: Orders = 1000,
    seed: Seed = 1,
    listen: Annotated[str, about("адрес, на котором отвечать")] = "127.0.0.1",
    port: Annotated[int, about("порт")] = DEFAULT_PORT,
    development: Annotated[
        bool, about("показать /_kit и перечитывать шаблоны", negative=())
    ] = False,
    common: Common = DEFAULTS,
) -> None:
    """Make `FOLDER/data` with its key file beside it, people of every role, clients and orders."""
    home = folder.absolute()
    config = Config(
        data=home / "data",
        box=Box(),
        server=Server(listen=listen, port=port, development=development),
        unlock=Unlock(mode="key-file", key_file=home / "box.key"),
    )
    os.umask(0o077)
    checks.make_folder(config.data)
    made = demo.make(
        config, customers=customers, orders=orders, seed=seed, progress=_told(quiet=common.json)
    )
    common.answer(
        {
            "address": config.address,
            "data": str(config.data),
            "logins": [demo.ADMIN, *(login for login, _, _ in demo.STAFF)],
            "password": made.password,
            "api_key": made.key,
            "recovery_code": made.recovery_code,
            "fingerprint": made.fingerprint,
        }
    )


def _told(*, quiet: bool) -> demo.Progress:
    names = {"customers": translate("клиентов"), "orders": translate("заказов")}

    def told(what: str, done: int) -> None:
        if not quiet and done % 5000 == 0:
            print(f"  {names[what]}: {done}", file=sys.stderr)

    return told
