"""What people read about the exchange: every document and every refusal, in their own words."""

from typing import Any

from appliance.plugin_api.core import Core
from plugins.exchange_1c import shelves
from plugins.exchange_1c.protocol import Answer, Command
from plugins.exchange_1c.shelves import File, Part

SHORT = 110
"""Letters of a file's name."""
SILENT = frozenset({"too_often"})
"""Refusals that are not written down each time: who guesses passwords would fill the journal."""


class Journal:
    """Writes lines of the plugin's journal."""

    def __init__(self, core: Core, account: str = "") -> None:
        self._core = core
        self._base: dict[str, Any] = {"base": account} if account else {}

    async def imported(self, file: File, part: Part) -> None:
        """How a document of a catalogue ended."""
        name = (part.entry or file.name)[:SHORT]
        if part.own_import:
            await self._core.journal("import_own", direction="in", file=name, **self._base)
        if part.state == shelves.APPLIED:
            await self._done(name, part)
        elif part.state == shelves.HELD:
            for guard in part.guards.split() or ["preview"]:
                await self._core.journal(
                    f"held_{guard}",
                    direction="in",
                    state="warn",
                    file=name,
                    run=part.run,
                    created=part.created,
                    changed=part.changed,
                    **self._base,
                )
        elif part.state == shelves.FAILED:
            await self._core.journal(
                f"failed_{part.code}",
                direction="in",
                state="bad",
                file=name,
                offset=max(part.offset, 0),
                **self._base,
            )

    async def _done(self, name: str, part: Part) -> None:
        await self._core.journal(
            "import_done",
            direction="in",
            file=name,
            run=part.run,
            created=part.created,
            changed=part.changed,
            same=part.same,
            waiting=part.waiting,
            skipped=part.skipped,
            **self._base,
        )
        notes = part.notes.splitlines()
        if notes:
            what, _, own = notes[0].partition(" ")
            await self._core.journal(
                "notes",
                direction="in",
                state="warn",
                file=name,
                run=part.run,
                count=len(notes),
                what=what,
                id=own[:SHORT],
                **self._base,
            )

    async def refused(self, command: Command, answer: Answer) -> int:
        """1C was refused something; the reference number of the line, 0 where none is written."""
        if answer.code in SILENT:
            return 0
        told: dict[str, Any] = {"mode": f"{command.type} {command.mode}"[:SHORT]}
        told.update(answer.numbers)
        told.update(self._base)
        return await self._core.journal(
            f"refused_{answer.code}", direction="in", state="bad", **told
        )

    async def decided(self, code: str, run: int, **numbers: int) -> None:
        """What a person decided about a run was done."""
        told: dict[str, Any] = {"run": run, **numbers, **self._base}
        await self._core.journal(code, **told)

    async def photos(self, kept: int, refused: int) -> None:
        """Pictures were brought; those that could not be are counted."""
        await self._core.journal(
            "photos_brought",
            direction="in",
            state="warn" if refused else "ok",
            count=kept,
            refused=refused,
            **self._base,
        )
