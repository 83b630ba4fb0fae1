"""Sections in the order of the digits."""

from tui.screens.audit import Audit
from tui.screens.copies import Copies
from tui.screens.health import Health
from tui.screens.keyring import Keyring
from tui.screens.people import People
from tui.screens.plugins import Plugins
from tui.screens.subjects import Subjects
from tui.screens.update import Update
from tui.section import Section

SECTIONS: list[type[Section]] = [
    *(Health, People, Copies, Keyring),
    *(Plugins, Audit, Subjects, Update),
]
