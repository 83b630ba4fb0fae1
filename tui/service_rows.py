"""Words of the console for services: how each stands, and what was not taken."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.web import plugin_words
from tui import plugin_rows, words
from tui.parts import Page, Row, plain
from tui.texts import N_, _, language, ngettext

MARKS: Final = {"ok": "ok", "warn": "warn", "bad": "bad"}


SHOPS: Final = {
    "unconnected": ("off", N_("не подключён"), ""),
    "first": ("run", N_("ждёт первого обмена"), N_("Введите ключ в модуль магазина.")),
    "silent": ("warn", N_("молчит"), N_("Проверьте модуль в панели магазина.")),
    "catalogue": ("warn", N_("обмен идёт"), N_("Каталог не прочитан: отчёт на странице магазина.")),
    "ok": ("ok", N_("обмен идёт"), ""),
}
"""How a shop's exchange goes → mark, word, what to do."""


def exchanges(every: Sequence[Mapping[str, Any]], clock: words.Clock, order: int) -> Page:
    """Exchanges of the journal, the newest first; of one order where its number is given."""
    rows = [plugin_rows.entry(one, clock) for one in every]
    if order and rows:
        return Page("ok", _("Обмены по заказу № %(number)s.") % {"number": order}, rows)
    if order:
        text = _("О заказе № %(number)s обменов не было.") % {"number": order}
        return Page("off", text, rows)
    if rows:
        text = _("Последние обмены. По номеру записи её найдёт и другая сторона.")
        return Page("ok", text, rows)
    text = _("Обменов ещё не было. Здесь будет, что плагины передали и получили.")
    return Page("off", text, rows)


def page(
    every: Sequence[Mapping[str, Any]], shops: Sequence[Mapping[str, Any]], clock: words.Clock
) -> Page:
    """Services and shops, the worst on top."""
    rows = [_service(one, clock) for one in every] + [_shop(one, clock) for one in shops]
    rows.sort(key=lambda row: ("bad", "warn", "run", "ok", "off").index(row.mark))
    if not rows:
        return Page("off", _("Служб ещё нет: они подключаются плагинами."), [])
    dead = sum(int(one["dead"]) for one in every)
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


def _shop(one: Mapping[str, Any], clock: words.Clock) -> Row:
    mark, text, more = SHOPS[str(one["state"])]
    called = f"{_('Магазин')}: {one['name']}"
    lines = [plain(called), *([_(more)] if more else [])]
    if one["used_at"]:
        lines.append(_("Последний обмен: %(when)s.") % {"when": clock.short(one["used_at"])})
    cells = (plain(called), "", _(text))
    return Row(mark, cells, "\n".join(lines), f"shop/{one['code']}", {})


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
