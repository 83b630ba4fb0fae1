"""A stopped box of invented people, and its copying done in this process."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from appliance.boot import demo, first_start
from appliance.boot.house import OpenHouse, open_house
from appliance.config import Config, Server, Unlock
from appliance.storage.statements import fetch
from appliance.vault.vault import Vault
from backups.make import make
from backups.orders import Made, MakeOrder
from backups.restoring import Asked, Done, restore

T = TypeVar("T")
PASSWORD = "старый клён шумит во дворе"
START = datetime(2026, 2, 1, 9, tzinfo=UTC)


def quiet(step: str, done: int, total: int) -> None:
    """Nobody looks."""


@dataclass
class Scene:
    """A box, its paper, the folder for its copies."""

    config: Config
    code: str
    copies: Path
    hours: int = 0

    def order(self, **other: object) -> MakeOrder:
        """What the server would ask for, an hour after the last time."""
        self.hours += 1
        stamp = f"{START + timedelta(hours=self.hours):%Y%m%dT%H%M%SZ}"
        with_vault = self.vault()
        try:
            asked = {
                "data": self.config.data,
                "stamp": stamp,
                "version": "0.1.0",
                "recovery": with_vault.age_recipient(),
                "drill": with_vault.drill_identity()[1],
                "public_key": with_vault.checkpoint_public_key().hex(),
                "targets": (str(self.copies),),
            }
        finally:
            with_vault.close()
        return MakeOrder(**{**asked, **other})

    def make(self, **other: object) -> Made:
        """A copy, signed by the box's own key."""
        order, vault = self.order(**other), self.vault()
        try:
            return make(order, lambda text: vault.sign_document(text.encode()).hex(), quiet)
        finally:
            vault.close()

    def vault(self) -> Vault:
        """The box's keys, open."""
        vault = Vault.load(self.config.data)
        vault.unlock_with_code(self.code)
        return vault

    def restore(self, copy: str = "", code: str = "", into: Path | None = None) -> Done:
        """By the paper alone."""
        asked = Asked(copy, code or self.code, self.copies, into, None if into else self.config)
        return restore(asked, quiet)

    def opened(self, look: Callable[[OpenHouse], Awaitable[T]], data: Path | None = None) -> T:
        """Open the box as its server does, look, close."""

        async def run() -> T:
            config = self.config
            if data is not None:
                config = Config(data=data, unlock=Unlock(mode="passphrase"))
            house = await open_house(config)
            try:
                if not house.vault.is_open:
                    house.vault.unlock_with_code(self.code)
                    await house.unlocked()
                return await look(house)
            finally:
                await house.close()

        return asyncio.run(run())


def born(home: Path, *, customers: int = 30) -> Scene:
    """A new box with invented people in it."""
    data, copies = home / "data", home / "usb"
    data.mkdir(mode=0o700, parents=True)
    copies.mkdir()
    config = Config(
        data=data,
        server=Server(port=1, kind="uvicorn"),
        unlock=Unlock(mode="key-file", key_file=home / "key"),
    )
    made = first_start.init(config, admin_login="boss", admin_password=PASSWORD, passphrase=None)
    demo.fill(config, customers=customers, orders=customers, seed=7)
    return Scene(config, made.recovery_code, copies)


async def people(house: OpenHouse) -> list[tuple[Any, ...]]:
    """Every client's row as it lies there: id, subject, cell."""
    return [
        tuple(row)
        for row in await house.database.read(
            lambda: fetch("SELECT id, subject_id, person FROM customer ORDER BY number")
        )
    ]
