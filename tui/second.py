"""A second person for keys and places of copies: what waits, agreeing to it, taking it back."""

import re
from contextlib import suppress
from typing import Any, Final

from appliance.errors import HouseError
from tui import app as frame
from tui import words
from tui.box import Box, Deed
from tui.dialogs import Dialog, Pick, Question
from tui.entrance import SignIn
from tui.parts import cells_of, plain
from tui.section import Section
from tui.texts import N_, _

DEEDS: Final = {
    "slots": N_("Способы открыть"),
    "copies": N_("Места копий"),
    "pack": N_("Пакет для проверки"),
    "hands": N_("Правило второго человека"),
}

SLOT: Final = re.compile(r"slot (\d+) removed")
CHANGES: Final = {
    "passphrase added": N_("добавить фразу"),
    "key file added": N_("добавить файл-ключ"),
    "recovery code drawn": N_("новый код восстановления"),
}
"""As the log calls a change of slots → its words."""


async def waiting(box: Box) -> int:
    """How many askings nobody agreed to yet; none for who may not look."""
    with suppress(HouseError):
        found = cells_of((await box.ask("/agreements/list"))["agreements"])
        return sum(not one["agreed_at"] for one in found)
    return 0


async def decide(section: Section) -> None:
    """Choose what waits, read it, agree in one's own name or take it back."""
    house = section.house
    found = await house.patiently(lambda: house.box.ask("/agreements/list"))
    asked = [one for one in cells_of(found["agreements"]) if not one["agreed_at"]]
    if not asked:
        house.hint(_("Никто не ждёт второго человека."))
        return
    choices = [(str(one["number"]), _title(one)) for one in asked]
    chosen = await house.push_screen_wait(Pick(_("Кто-то просит согласия"), choices))
    one = next((each for each in asked if str(each["number"]) == chosen), None)
    if one is None:
        return
    clock = words.Clock(frame.now(), house.zone)
    text = _(
        "Что: %(what)s\nКто просит: сотрудник № %(by)s, %(when)s\n\n"
        "Спросите его самого, он ли это. Потом войдите под своим именем."
    ) % {
        "what": plain(_title(one)),
        "by": one["asked_number"],
        "when": clock.moment(str(one["asked_at"])),
    }
    buttons = {"yes": _("Согласиться"), "refuse": _("Отказать"), "no": _("Ничего не делать (Esc)")}
    question = Question(_("Нужен второй человек"), text, buttons=buttons, safe="no")
    reply = await house.push_screen_wait(Dialog(question))
    number = int(one["number"])
    if reply.button == "refuse":
        command = f"korobka agreements refuse {number}"
        said = _("Просьба снята.")
        await section.act(Deed("/agreements/refuse", command, said, {"number": number}))
    elif reply.button == "yes":
        if not (await house.push_screen_wait(SignIn(house.box))).button:
            return
        command = f"korobka agreements agree {number} --as ИМЯ"
        said = _("Вы согласились: он может повторить.")
        await section.act(Deed("/agreements/agree", command, said, {"number": number}))


def _title(one: dict[str, Any]) -> str:
    deed, what = str(one["deed"]), str(one["about"])
    gone = SLOT.fullmatch(what)
    about = _("убрать № %(id)s") % {"id": gone[1]} if gone else _(CHANGES.get(what, what))
    return f"№ {one['number']}  {_(DEEDS.get(deed, deed))}: {about}"
