"""What people read about the exchange: every document and every refusal, in their own words."""

from appliance.plugin_api.core import Core
from plugins.exchange_1c import shelves
from plugins.exchange_1c.protocol import Answer, Command
from plugins.exchange_1c.shelves import File, Part, Shelves

SHORT = 110
"""Letters of a file's name or of a list of codes in a line."""


class Journal:
    """Writes lines of the plugin's journal."""

    def __init__(self, core: Core, store: Shelves) -> None:
        self._core, self._store = core, store

    async def imported(self, file: File, part: Part) -> None:
        """How a document of a catalogue ended."""
        name = (part.entry or file.name)[:SHORT]
        if part.own_import:
            await self._core.journal("import_own", direction="in", file=name)
        if part.state == shelves.APPLIED:
            await self._core.journal(
                "import_done",
                direction="in",
                file=name,
                created=part.created,
                changed=part.changed,
                same=part.same,
                waiting=part.waiting,
                skipped=part.skipped,
            )
        elif part.state == shelves.HELD:
            await self._core.journal(
                "import_held",
                direction="in",
                state="warn",
                file=name,
                guards=part.guards[:SHORT],
            )
        elif part.state == shelves.FAILED:
            await self._core.journal(
                "import_failed",
                direction="in",
                state="bad",
                file=name,
                why=part.code,
                offset=part.offset,
            )

    async def refused(self, command: Command, answer: Answer) -> int:
        """1C was refused something; the reference number of the line."""
        said = answer.body.decode("utf-8", "replace").partition("\n")[2]
        return await self._core.journal(
            "request_refused",
            direction="in",
            state="bad",
            mode=f"{command.type} {command.mode}"[:SHORT],
            why=said[:SHORT],
        )
