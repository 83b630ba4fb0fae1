"""Журнал, second list: what was kept of the log outside the box, and the choice of the ways."""

from typing import TYPE_CHECKING, Any, Final

from appliance.domain import formats
from tui import words
from tui.box import Answer, Deed
from tui.dialogs import Dialog, Field, Question
from tui.parts import Page, Row, cells_of, plain
from tui.texts import N_, _, language, sentence

if TYPE_CHECKING:
    from tui.app import ConsoleApp

COLUMNS: Final = ((N_("Когда"), 13), (N_("Куда"), 23), (N_("До записи"), 10), (N_("Итог"), 8))

KINDS: Final = {"file": N_("в папку"), "mail": N_("письмом"), "paper": N_("на лист")}
STATES: Final = {
    "done": ("ok", N_("есть")),
    "waiting": ("run", N_("в пути")),
    "failed": ("bad", N_("нет")),
}


def page(seen: Answer, clock: words.Clock) -> Page:
    """Every keeping, the newest first, and by which ways it goes."""
    rules = seen["rules"]
    ways = [_(KINDS[name]) for name in KINDS if rules[name]]
    rows = [_row(one, clock) for one in cells_of(seen["anchors"])]
    done = [one for one in cells_of(seen["anchors"]) if one["state"] == "done"]
    note = _("Пути: %(ways)s. Каждый день с 08:00.") % {"ways": ", ".join(ways) or _("нет")}
    if rules["file"] and not seen["places"]:
        note = _("Папки вне коробки нет: в разделе 3 задайте, куда класть копии.")
    if not done:
        return Page("warn", _("Отпечатков вне коробки ещё нет. Заверить сейчас: A/Ф."), rows, note)
    said = _("Последний отпечаток вне коробки: %(when)s.")
    return Page("ok", said % {"when": clock.moment(done[0]["done_at"])}, rows, note)


def _row(one: dict[str, Any], clock: words.Clock) -> Row:
    state, said = STATES.get(str(one["state"]), ("off", str(one["state"])))
    place = _(KINDS.get(str(one["kind"]), ""))
    if one["kind"] == "file":
        place = f"{place} {one['place'].rstrip('/').rpartition('/')[2]}"
    size = words.spaced(formats.number(int(one["size"]), language()))
    lines = [_("№ %(number)s: записи 1–%(size)s.") % {"number": one["number"], "size": size}]
    if one["kind"] == "file":
        lines.append(plain(str(one["place"])))
    if one["kind"] == "mail":
        lines.append(_("Адресов: %(num)s.") % {"num": one["place"]})
    if one["code"]:
        lines.append(plain(sentence(str(one["code"]), {"path": one["place"]})))
    cells = (clock.short(one["made_at"]), place, size, _(said))
    return Row(state, cells, "\n".join(lines), str(one["number"]), one)


async def choose(house: "ConsoleApp", rules: dict[str, Any]) -> Deed | None:
    """Ask for the ways; None: nothing is to be changed.

    Fields and not ticks: three answers and the addresses stand on one screen, and what was typed
    stays where something is wrong.
    """
    yes = _("да")
    fields = [
        Field("file", _("В папки копий"), yes if rules["file"] else _("нет"), _("да или нет")),
        Field("to", _("Письмом"), ", ".join(rules["to"]), _("адреса через запятую; пусто — нет")),
        Field("paper", _("На лист"), yes if rules["paper"] else _("нет"), _("да или нет")),
    ]
    text = _(
        "Отпечаток — одна строка, по которой видно любую подмену. Он полезен там, где его не "
        "достанет тот, кто владеет машиной: у бухгалтера, на другом диске, в сейфе."
    )
    buttons = {"yes": _("Записать"), "no": _("Не менять (Esc)")}
    asked = Question(_("Куда отдавать отпечаток журнала"), text, fields, buttons)
    reply = await house.push_screen_wait(Dialog(asked))
    if reply.button != "yes":
        return None
    to = [one.strip() for one in reply.typed["to"].replace(";", ",").split(",") if one.strip()]
    body: dict[str, object] = {
        "file": _is_yes(reply.typed["file"]),
        "mail": bool(to),
        "paper": _is_yes(reply.typed["paper"]),
        "to": to,
    }
    told = _("Записано.")
    return Deed("/audit/set-anchors", _command(body, len(to)), told, body)


def _is_yes(typed: str) -> bool:
    return typed.strip().casefold()[:1] in {"д", "y", "l"}  # «l» is «д» in the other layout


def _command(body: dict[str, object], count: int) -> str:
    """The equal command; addresses are people's and stay out of the log of commands."""
    parts = ["korobka audit set-anchors"]
    parts += [] if body["file"] else ["--no-file"]
    parts += ["--mail …"] * count
    parts += ["--paper"] if body["paper"] else []
    return " ".join(parts)
