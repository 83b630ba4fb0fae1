"""Questions to running plugins that a page waits for, each with its own limit of time.

A door asks BETWEEN two actions, never inside one: a transaction waits for nobody outside.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from appliance.errors import HouseError, Unavailable
from appliance.plugin_api import asks, messages
from appliance.plugin_api.calls import pack, unpack
from appliance.plugin_api.codes import code_of
from appliance.plugin_host.keeper import Keeper


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What one of several that were asked said.

    Attributes:
        plugin: its name.
        answer: None where it refused or said nothing.
        refusal: `plugin_off`, `plugin_starting`, `plugin_silent` or `plugin_refused`; empty where
            it answered.
        why: the plugin's own code, of `plugin_refused`.
    """

    plugin: str
    answer: Any = None
    refusal: str = ""
    why: str = ""


class Questions:
    """Asks plugins that are switched on."""

    def __init__(self, keeper: Callable[[], Keeper]) -> None:
        """Args: keeper: of their processes, as it is when something is asked."""
        self._keeper = keeper

    def providing(self, what: asks.Provided) -> tuple[str, ...]:
        """Names of the plugins that are switched on and are this to the box."""
        keeper = self._keeper()
        found = ((name, keeper.enabled(name)) for name in keeper.running)
        return tuple(name for name, one in found if one and what in one.manifest.provides)

    def asked_by(self, name: str) -> tuple[str, ...]:
        """Plugins that can be asked this: they provide it and were granted what it needs."""
        ask, keeper = asks.ASKS[name], self._keeper()
        found = ((one, keeper.enabled(one)) for one in self.providing(ask.provides))
        return tuple(one for one, on in found if on and ask.needs in {"", *on.permissions})

    async def ask(self, plugin: str, name: str, asked: msgspec.Struct) -> Any:
        """Ask one plugin.

        Args:
            plugin: its name.
            name: of the question, see `asks.ASKS`.
            asked: its message.

        Returns:
            the struct that the question's line of `ASKS` names.

        Raises:
            Unavailable: `plugin_off`: it is not up, or does not answer such questions;
                `plugin_starting`: it will be up in a moment; `plugin_silent`: it took longer than
                the question allows; `plugin_refused` with `why`, the plugin's own code.
        """
        ask = asks.ASKS[name]
        if plugin not in self.asked_by(name):
            raise Unavailable("plugin_off", plugin=plugin)
        said = await self._said(plugin, name, pack(asked), ask.seconds)
        if said.code:
            raise Unavailable("plugin_refused", plugin=plugin, why=code_of(said.code))
        try:
            return unpack(said.body, ask.answers)
        except msgspec.DecodeError:
            raise Unavailable("plugin_refused", plugin=plugin, why="answer_garbled") from None

    async def ask_all(
        self, name: str, asked: msgspec.Struct, among: Sequence[str] | None = None
    ) -> list[Heard]:
        """Ask every plugin that can be asked this, at once: one that is slow holds up nobody.

        Args:
            name: of the question.
            asked: its message.
            among: these alone; None: all that provide it.

        Returns:
            what each said, by name.
        """
        names = self.asked_by(name)
        wanted = sorted(one for one in names if among is None or one in among)
        return list(await asyncio.gather(*(self._heard(one, name, asked) for one in wanted)))

    async def _heard(self, plugin: str, name: str, asked: msgspec.Struct) -> Heard:
        try:
            return Heard(plugin=plugin, answer=await self.ask(plugin, name, asked))
        except HouseError as error:
            why = error.params.get("why", "")
            return Heard(plugin=plugin, refusal=error.code, why=str(why))

    async def _said(self, plugin: str, name: str, body: bytes, seconds: float) -> messages.Said:
        """Wait no longer than the page does; who goes on afterwards is ended behind its back."""
        asking = asyncio.ensure_future(self._keeper().question(plugin, name, body, seconds))
        asking.add_done_callback(_read)
        done, _ = await asyncio.wait({asking}, timeout=seconds)
        if not done:
            raise Unavailable("plugin_silent", plugin=plugin)
        try:
            return asking.result()
        except Unavailable as error:
            raise Unavailable(self._refusal(plugin, error.code), plugin=plugin) from None

    def _refusal(self, plugin: str, code: str) -> str:
        if code == "plugin_overdue":
            return "plugin_silent"
        return "plugin_starting" if self._keeper().is_starting(plugin) else "plugin_off"


def _read(asking: "asyncio.Future[messages.Said]") -> None:
    """Nobody waits for it any more, and nobody is to be told that nobody looked."""
    if not asking.cancelled():
        asking.exception()
