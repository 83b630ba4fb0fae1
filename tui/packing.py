"""A pack for an inspection, from the console: for whom, into which folder, by two people."""

import asyncio
from pathlib import Path

from appliance.cli.saving import save_pack
from tui.dialogs import Dialog, Field, Question
from tui.parts import plain
from tui.section import Section
from tui.texts import _


async def make(section: Section) -> None:
    """Ask for whom and where, have it made, save it."""
    house = section.house
    fields = (
        Field("receiver", _("Кому передаём"), hint=_("орган, имя, должность")),
        Field("folder", _("Папка"), str(Path.home())),
    )
    text = _(
        "Реестры, права сотрудников, запросы и акты, копии, состав программы.\n"
        "Клиенты — только номерами. Нужен второй человек: раздел 4, Y/Н."
    )
    buttons = {"yes": _("Собрать"), "no": _("Не собирать (Esc)")}
    question = Question(_("Пакет для проверки"), text, fields, buttons)
    reply = await house.push_screen_wait(Dialog(question))
    if reply.button != "yes":
        return
    body = {"receiver": reply.typed["receiver"].strip()}
    answer = await house.patiently(lambda: house.box.ask("/subjects/pack", body))
    place = reply.typed["folder"].strip()
    path = await asyncio.to_thread(save_pack, str(answer["zip"]), place)
    told = _("Лежит в %(folder)s") % {"folder": plain(path)}
    house.ran(told, f"korobka subject pack --receiver-file - --out {place}")
