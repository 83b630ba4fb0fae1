"""Words of the section «Плагины»: a plugin, its rights, its settings and exchanges as text."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.domain.plugins import PersonalUse, Rights
from appliance.web import plugin_words
from tui import words
from tui.parts import Row, mark, plain
from tui.texts import _, language, ngettext

MARKS: Final = {"ok": "ok", "warn": "warn", "bad": "bad", "info": "run", "grey": "off"}


def of(texts: Mapping[str, str]) -> str:
    """A text in the reader's language."""
    return str(texts.get(language(), ""))


def title(one: Mapping[str, Any]) -> str:
    """What a plugin calls itself."""
    return of(one["title"])


def row(one: Mapping[str, Any]) -> Row:
    """A plugin in the list, explained."""
    state = _state(one)
    why = plugin_words.trouble(one["reason"], language()) if _is_bad(one) else ""
    lines = [plain(of(one["about"]))]
    if why:
        lines.append(f"[$error]{plain(why)}[/]")
    if one["state"] in {"found", "offered", "waiting_approval"}:
        lines.append(_("Прочесть, что просит, и разрешить: Y/Н."))
    lines.append(_brief(one))
    if one["memory"]:
        facts = {"memory": max(1, one["memory"] >> 20), "restarts": one["restarts"]}
        lines.append(_("Память %(memory)d МБ, перезапусков %(restarts)d.") % facts)
    cells = (plain(title(one)), one["version"], state.text)
    return Row(MARKS[state.tone], cells, "\n".join(lines), one["name"], one)


def verdict(every: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The sentence on top."""
    if not every:
        return "off", _("Плагинов нет. Плагин приходит одним файлом: N/Т.")
    bad = sum(_is_bad(one) for one in every)
    wait = sum(one["state"] in {"found", "waiting_approval"} for one in every)
    if bad:
        text = ngettext(
            "Не работает %(num)d плагин: причина под списком.",
            "Не работают %(num)d плагинов: причина под списком.",
            bad,
        )
        return "bad", text % {"num": bad}
    if wait:
        text = ngettext(
            "Ждёт вашего разрешения: %(num)d плагин.",
            "Ждут вашего разрешения: %(num)d плагинов.",
            wait,
        )
        return "warn", text % {"num": wait}
    runs = sum(one["state"] == "running" for one in every)
    return "ok", _("Плагинов %(all)d, работает %(runs)d.") % {"all": len(every), "runs": runs}


def rights(card: Mapping[str, Any]) -> str:
    """Everything a plugin asks for, a line each; what is new stands out."""
    is_given = card["given"] is not None
    return _listed(_rights(card["asked"]), _rights(card["wider"]), is_given=is_given)


def _listed(every: Rights, wider: Rights, *, is_given: bool) -> str:
    said = plugin_words.asked(every, wider, None, language())
    fresh = said.wider if is_given else frozenset[str]()

    def line(code: str, text: str) -> str:
        new = f" [$warning b]{_('новое')}[/]" if code in fresh else ""
        return f"· {plain(text)}{new}"

    lines = [line(f"permission:{code}", one.text) for code, one in said.permissions]
    lines += [
        line(f"personal:{code}", f"{_('Личные данные')}: {field}, {purpose}")
        for code, field, purpose in said.personal
    ]
    lines += [line(f"host:{code}", f"{_('Выходит в сеть')}: {place}") for code, place in said.hosts]
    lines += [
        line(f"event:{code}", f"{_('Узнаёт')}: {one.text.lower()}") for code, one in said.events
    ]
    return "\n".join(lines) or _("Ничего: ни данных, ни сети.")


def file(looked: Mapping[str, Any]) -> str:
    """What is in a file: warnings first."""
    lines: list[str] = []
    for code in looked["needs"]:
        need = plugin_words.words("need", str(code), language())
        lines += [f"[$error b]{plain(need.text)}[/]", plain(need.more), ""]
    if looked["was"]:
        turn = {"old": plain(str(looked["was"])), "new": plain(str(looked["version"]))}
        lines.append(_("Обновление: с %(old)s на %(new)s.") % turn)
    elif not looked["needs"]:
        lines.append(_("Файл цел, подпись настоящая."))
    asked = _rights(looked["asked"])
    return "\n".join([*lines, f"{_('Просит')}:", _listed(asked, Rights(), is_given=False)])


def setting(one: Mapping[str, Any]) -> str:
    """A setting with its value, on a line."""
    if one["kind"] == "secret":
        value = _("задан") if one["is_set"] else _("не задан")
    elif one["kind"] == "flag":
        value = _("да") if one["typed"] else _("нет")
    elif one["kind"] == "choice":
        names = {each["value"]: of(each["title"]) for each in one["choices"]}
        value = names.get(one["typed"], "—")
    else:
        value = str(one["typed"]).split("\n", 1)[0] or "—"
    must = " *" if one.get("required") and not one["is_set"] else ""
    return f"{of(one['title'])}{must}: {value}"


def hint(one: Mapping[str, Any]) -> str:
    """What the author says of a setting, and how it is written."""
    lines = [of(one["help"])] if one.get("help") else []
    lines.append(
        {
            "secret": _("Запечатан ключом коробки и не показывается. Пусто — останется прежний."),
            "time": _("Время суток: 09:30."),
            "url": _("Адрес целиком: https://…"),
            "money": _("Рубли: 4590,50."),
            "number": _("Целое число."),
        }.get(str(one["kind"]), _("Пусто — как задумал автор плагина."))
    )
    return "\n".join(lines)


def findings(found: Sequence[Mapping[str, Any]]) -> str:
    """What a plugin says of itself."""
    lines = [f"{mark('ok' if one['is_good'] else 'bad')} {plain(of(one['said']))}" for one in found]
    return "\n".join(lines) or _("Плагин отвечает.")


def entry(one: Mapping[str, Any], clock: words.Clock) -> Row:
    """An exchange of the journal."""
    text = of(one["said"])
    if str(one["code"]).startswith(plugin_words.OURS):
        text = plugin_words.said(None, one["code"], one["data"], language())
    state = {"ok": "ok", "warn": "warn", "bad": "bad"}.get(str(one["state"]), "off")
    about = f"{plain(text)}\n{plain(str(one['plugin']))}"
    if one["object_number"]:
        about += f", № {one['object_number']}"
    cells = (str(one["number"]), clock.short(one["at"]), text)
    if one.get("repeats"):
        about += "\n" + _("Повторить: A/Ф.")
    return Row(state, cells, about, str(one["number"]), one)


def _state(one: Mapping[str, Any]) -> plugin_words.Words:
    code = str(one["state"])
    if code == "running" and one["process"]:
        code = str(one["process"])
    return plugin_words.words("state", code, language())


def _is_bad(one: Mapping[str, Any]) -> bool:
    return one["state"] in {"broken", "quarantined"}


def _brief(card: Mapping[str, Any]) -> str:
    """Rights on a line or two."""
    said = plugin_words.asked(_rights(card["asked"]), Rights(), None, language())
    parts = [one.text.lower() for _code, one in said.permissions]
    if said.personal:
        fields = ", ".join(dict.fromkeys(field for _code, field, _why in said.personal))
        parts.append(f"{_('личные данные')}: {fields}")
    if said.hosts:
        parts.append(_("выходит в сеть"))
    asked = "; ".join(parts) or _("ничего")
    return plain(f"{_('Просит')}: {asked}.")


def _rights(raw: Mapping[str, Any]) -> Rights:
    return Rights(
        permissions=tuple(raw["permissions"]),
        events=tuple(raw["events"]),
        hosts=tuple(raw["hosts"]),
        personal=tuple(PersonalUse(one["field"], one["purpose"]) for one in raw["personal"]),
    )
