"""Sections whose work is not in this release yet: the place, and an honest sentence."""

from tui.parts import Page
from tui.section import Section
from tui.texts import N_, _


class Plugins(Section):
    """Плагины."""

    NAME, HEADING, SHORT = "plugins", N_("Плагины"), N_("Плагины")

    async def fetch(self) -> Page:
        return Page("off", _("Плагинов нет. Они появятся в одном из следующих выпусков."))
