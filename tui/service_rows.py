"""Words of the console for services: how each stands, and what was not taken."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.web import plugin_words
from tui import plugin_rows, words
from tui.parts import Page, Row, plain
from tui.texts import _, language, ngettext

MARKS: Final = {"ok": "ok", "warn": "warn", "bad": "bad"}


def page(every: Sequence[Mapping[str, Any]], clock: words.Clock) -> Page:
    """Services, the worst on top."""
    rows = [_service(one, clock) for one in every]
    rows.sort(key=lambda row: ("bad", "warn", "run", "ok", "off").index(row.mark))
    if not rows:
        return Page("off", _("Служб ещё нет: они подключаются плагинами."), [])
    dead = sum({one["plugin"]["name"]: int(one["dead"]) for one in every}.values())
    if dead:
        text = ngettext(
            "Служба не приняла %(num)d передачу: D/В.",
            "Службы не приняли передач: %(num)d. Посмотреть: D/В.",
            dead,
        )
        return Page("bad", text % {"num": dead}, rows)
    mark = rows[0].mark
    verdict = {
        "bad": _("Со службой беда: что делать, сказано под списком."),
        "warn": _("Служба не отвечает; всё для неё подождёт и пойдёт само."),
    }.get(mark, _("Обмен идёт."))
    return Page(mark if mark in {"bad", "warn"} else "ok", verdict, rows)


def _service(one: Mapping[str, Any], clock: words.Clock) -> Row:
    plugin, standing = one["plugin"], one["standing"]
    state = plugin_words.words("state", str(plugin["process"] or plugin["state"]), language())
    mark, text, more = plugin_rows.MARKS[state.tone], state.text, ""
    code = str(standing["code"])
    if not one["used"]:
        mark, text = "off", _("выключено")
    elif plugin["state"] == "running" and code not in {"", "up"}:
        mark = MARKS.get(str(standing["state"]), "warn")
        data = {"account": standing["account"], "status": standing["status"]}
        more = plugin_words.said(None, f"vendor.{code}", data, language())
        text = more.split("(", 1)[0].strip()
    title = plugin_rows.title(plugin)
    called = f"{title}: {one['account_title']}" if one["account_title"] else title
    lines = [plain(called), *([plain(more)] if more else [])]
    if plugin["last_at"]:
        lines.append(_("Последний обмен: %(when)s.") % {"when": clock.short(plugin["last_at"])})
    if standing["key_until"]:
        lines.append(_("Ключ действует до %(day)s.") % {"day": str(standing["key_until"])[:10]})
    if one["dead"]:
        untaken = _("Не принято: %(num)s. Посмотреть: D/В.") % {"num": one["dead"]}
        lines.append(f"[$error]{untaken}[/]")
    data = {"name": plugin["name"], "account": one["account"]}
    cells = (plain(called), str(one["waiting"] or ""), plain(text))
    return Row(mark, cells, "\n".join(lines), f"{plugin['name']}/{one['account']}", data)


def letters(every: Sequence[Mapping[str, Any]], clock: words.Clock) -> Page:
    """What was not taken, oldest first."""
    rows = [_letter(one, clock) for one in every]
    if not rows:
        return Page("ok", _("Всё принято."), [])
    return Page(
        "bad", _("Следующие дела о том же ждут: передайте снова A/Ф или снимите X/Ч."), rows
    )


def _letter(one: Mapping[str, Any], clock: words.Clock) -> Row:
    about = f"{one['kind'] or one['event']} {one['deed']}".strip()
    if one["order_number"]:
        about += f" № {one['order_number']}"
    why = plugin_words.trouble(str(one["error"]), language())
    cells = (clock.short(one["at"]), plain(about), plain(why))
    return Row("bad", cells, f"{plain(str(one['plugin']))}: {plain(why)}", str(one["id"]), one)
