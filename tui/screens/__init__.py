"""Sections in the order of the digits."""

from tui.screens.health import Health
from tui.screens.later import Backups, Plugins, Subjects, Update
from tui.screens.people import People
from tui.section import Section

SECTIONS: list[type[Section]] = [Health, People, Backups, Plugins, Subjects, Update]
