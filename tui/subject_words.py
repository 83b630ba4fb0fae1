"""Requests of people and acts in words: rows, verdict, what a destruction will do."""

import textwrap
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from tui import words
from tui.parts import Row, mark, plain
from tui.texts import N_, _, ngettext

KINDS: Final[Mapping[str, str]] = {
    "access": N_("что вы храните"),
    "rectify": N_("исправить"),
    "block": N_("закрыть на время"),
    "marketing": N_("не присылать рекламу"),
    "authority": N_("запрос надзора"),
    "withdraw": N_("отзыв согласия"),
    "erase": N_("уничтожить"),
    "unlawful": N_("взято незаконно"),
    "surplus": N_("взято лишнее"),
    "purpose_end": N_("цель достигнута"),
}
"""Kind of a request → what is asked for, in the order they are offered."""

DESTROYS: Final = frozenset({"withdraw", "erase", "unlawful", "surplus", "purpose_end"})
BLOCKS: Final = DESTROYS | {"rectify", "block"}
ENDED: Final = frozenset({"closed", "refused"})
AT_REST: Final = ENDED | {"waiting", "held"}
"""States in which the law's term does not run."""

KEPT: Final[Mapping[str, str]] = {
    "name": N_("имя"),
    "tax_id": N_("реквизиты"),
    "payment": N_("кто платил"),
    "contacts": N_("телефоны и почта"),
    "order_contact": N_("получатели заказов"),
    "address": N_("адреса доставки"),
    "consent": N_("согласия"),
}
"""Categories that a law may keep."""
NEAR: Final = timedelta(days=3)
"""What is left of a term when it turns red."""

BESIDE: Final = 52
"""Columns beside a name of 18 in a dialog of 80."""

_WAITS: Final[Mapping[str, str]] = {
    "copies": N_("старые ключи ещё лежат в копиях: закроем, когда сделаются три новые"),
    "act": N_("акт ещё не записан"),
    "subscribers": N_("плагины ещё не подтвердили, что удалили своё"),
}

Request = Mapping[str, Any]


def title(one: Request) -> str:
    """How a request is called."""
    return _("ПД-%(number)s") % {"number": one["number"]}


def left(one: Request, today: date) -> timedelta:
    """What is left of the term."""
    return date.fromisoformat(one["due_on"]) - today


def state_of(one: Request, act: int, today: date) -> str:
    """Its mark: red when the term is near or over, yellow when somebody has to decide."""
    if one.get("is_lost"):
        return "bad"
    if one["state"] in ENDED:
        return "ok" if act else "off"
    if one["state"] in {"waiting", "held"}:
        return "run" if one["state"] == "waiting" else "off"
    if left(one, today) <= NEAR:
        return "bad"
    return "run" if one["state"] in {"cooling", "erasing"} else "warn"


def where(one: Request, act: int, clock: words.Clock) -> str:
    """Where it stands, short enough for a column."""
    if act and one["state"] in {"closed", "waiting"}:
        return _("акт № %(number)s") % {"number": act}
    if one["state"] == "cooling":
        until = clock.now + timedelta(seconds=one["cooling_left"])
        return _("пауза до %(when)s") % {"when": f"{until.astimezone(clock.zone):%d.%m}"}
    if one["state"] == "blocked" and one["kind"] in DESTROYS:
        given = sum(bool(a["stands"]) for a in one["approvals"])
        return _("ждёт второго") if given else _("ждёт решения")
    return {
        "open": _("ждёт ответа"),
        "blocked": _("человек закрыт"),
        "erasing": _("уничтожается"),
        "waiting": _("ждёт копий"),
        "held": _("хранится"),
        "closed": _("закрыт"),
        "refused": _("отказано"),
    }.get(str(one["state"]), str(one["state"]))


def due(one: Request, clock: words.Clock) -> str:
    """The column of the term."""
    if one["state"] == "held" and one["holds"]:
        return _("до %(when)s") % {"when": _date(str(one["holds"][0]["until"]))}
    ended = one["closed_at"] or (one["erased_at"] if one["state"] == "waiting" else None)
    if ended:
        return _("сделано %(when)s") % {"when": _day(ended[:10])}
    return _("до %(when)s") % {"when": _day(one["due_on"])}


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d.%m}"


def row(one: Request, act: int, people: Mapping[str, str], clock: words.Clock) -> Row:
    """A request as a row with its explanation."""
    today = clock.now.astimezone(clock.zone).date()
    kind = _(KINDS.get(str(one["kind"]), str(one["kind"])))
    cells = (title(one), kind, due(one, clock), where(one, act, clock))
    about = "\n".join(_about(one, act, people, clock, today))
    return Row(state_of(one, act, today), cells, about, str(one["number"]), {**one, "act": act})


def _about(
    one: Request, act: int, people: Mapping[str, str], clock: words.Clock, today: date
) -> list[str]:
    said = [_head(one, today), _lost(one)]
    keeps = one["found"].get("kept_of")
    if keeps:
        said.append(
            _("Остальное уничтожено по ПД-%(number)s; это хранится отдельно: %(what)s.")
            % {"number": keeps, "what": _named(one["found"]["cells"])}
        )
    elif one["state"] in {"blocked", "cooling"}:
        since = _day(str(one["blocked_at"])[:10])
        said.append(
            _("Человек закрыт с %(when)s: не ищется, не показывается, не выгружается.")
            % {"when": since}
        )
    if one["state"] in {"open", "blocked", "cooling"} and one["kind"] in DESTROYS:
        said += _agreed(one, people, clock)
    if one["holds"]:
        hold = one["holds"][0]
        values = {"law": plain(str(hold["law"])), "when": _date(str(hold["until"]))}
        said.append(_("Хранить до %(when)s велит закон: %(law)s.") % values)
    if one["found"].get("kept_in"):
        said.append(
            _("По закону осталось: %(what)s. Конец — по ПД-%(number)s.")
            % {"number": one["found"]["kept_in"], "what": _named(one["found"]["kept"])}
        )
    if one["state"] == "waiting":
        waits = [_(_WAITS.get(str(why), str(why))) for why in one["waits_for"]]
        said.append(
            "; ".join(waits) or _("Закроем, когда старых ключей не будет ни в одной копии.")
        )
    if act:
        said.append(_("Акт № %(number)s составлен. Сохранить: P/З.") % {"number": act})
    return [line for line in said if line]


def _lost(one: Request) -> str:
    """What to do where the key is gone and nobody destroyed it."""
    if not one.get("is_lost"):
        return ""
    what = (
        _("В день конца запрос закроется сам, реестр скажет, что ключ утрачен.")
        if one["found"].get("kept_of")
        else _("Утвердите как обычно: реестр скажет, что ключ утрачен.")
    )
    said = _("Ключа нет в хранилище, и никто его не уничтожал: данные не открыть.")
    find = _("Запишите происшествие; копии прошлых дней не удаляйте: ключ может быть в них.")
    return f"[$error b]{said}[/] {find} {what}"


def _head(one: Request, today: date) -> str:
    client = _("Клиент № %(number)s.") % {"number": one["customer"]}
    if one["state"] in AT_REST:
        return client
    days = left(one, today).days
    if days < 0:
        late = ngettext("Срок прошёл %(num)d день назад.", "Срок прошёл %(num)d дней назад.", -days)
        return f"[$error b]{late % {'num': -days}}[/] {client}"
    rest = ngettext("Остался %(num)d день.", "Осталось %(num)d дней.", days)
    norm = _("152-ФЗ, %(norm)s.") % {"norm": one["norm"]}
    return f"{rest % {'num': days}} {norm} {client}"


def _agreed(one: Request, people: Mapping[str, str], clock: words.Clock) -> list[str]:
    """Who agreed, and who has to."""
    given = [a for a in one["approvals"] if a["stands"]]
    said = [
        _("Утверждено: %(who)s, %(when)s.")
        % {"who": who(a, people), "when": clock.short(str(a["at"]))}
        for a in given
    ]
    if one["state"] == "cooling" and not one["found"].get("kept_of"):
        said.append(_("Пока идёт пауза, можно передумать: U/Г."))
    elif one["state"] == "blocked":
        said.append(need(one) + " " + _("Прочитать и решить: Y/Н."))
    return [" ".join(said)] if said else []


def who(given: Mapping[str, Any], people: Mapping[str, str]) -> str:
    """Who agreed."""
    if given["code"]:
        return _("код восстановления")
    return plain(people.get(str(given["by"])) or _("сотрудник № %(n)s") % {"n": given["by"]})


def lacking(one: Request) -> tuple[int, bool]:
    """How many people have still to agree, and whether the recovery code has to."""
    given = [a for a in one["approvals"] if a["stands"]]
    agreed = sum(not a["code"] for a in given)
    has_code = any(a["code"] for a in given)
    return max(int(one["needed"]) - agreed, 0), bool(one["code_needed"]) and not has_code


def need(one: Request) -> str:
    """Whose word is missing."""
    persons, code = lacking(one)
    said: list[str] = []
    if persons:
        text = ngettext("Нужен ещё %(num)d человек", "Нужны ещё %(num)d человек", persons)
        said.append(text % {"num": persons})
    if code:
        said.append(_("нужен код с листка") if persons else _("Нужен код с листка"))
    return ", ".join(said) + "." if said else ""


def verdict(requests: Sequence[Request], today: date) -> tuple[str, str]:
    """The state of all requests together, and the sentence for it."""
    open_ = [one for one in requests if one["state"] not in AT_REST]
    if not requests:
        return "ok", _("Запросов нет. Придёт — запишите в тот же день: N/Т.")
    if not open_:
        return "ok", _("Ни один запрос не ждёт.")
    rest = min(left(one, today) for one in open_)
    near = sum(left(one, today) <= NEAR for one in open_)
    count = ngettext("Ждёт %(num)d запрос.", "Ждут %(num)d запросов.", len(open_))
    said = count % {"num": len(open_)}
    if rest.days < 0:
        late = ngettext("Просрочено на %(num)d день!", "Просрочено на %(num)d дней!", -rest.days)
        return "bad", f"{said} {late % {'num': -rest.days}}"
    soonest = ngettext("До срока %(num)d день.", "До срока %(num)d дней.", rest.days)
    return "bad" if near else "warn", f"{said} {soonest % {'num': rest.days}}"


def consequences(one: Request, people: Mapping[str, str], clock: words.Clock) -> str:
    """What a destruction takes, what stays, what has been decided: before somebody agrees."""
    found = one["found"]
    facts = (
        (_("Не прочтёт никто"), gone(found)),
        (_("Останется"), stays(found)),
        (_("По закону"), _held(one)),
    )
    lines = [_hanging(name, text) for name, text in facts]
    steps: list[str] = [""]
    for given in (a for a in one["approvals"] if a["stands"]):
        when = clock.short(str(given["at"]))
        steps.append(f"{mark('ok')} {_('утверждено'):<12}{who(given, people)}, {when}")
    steps.append(f"{mark('run')} {_('сейчас'):<12}{need(one)}")
    pause = ngettext("%(num)d час, можно передумать", "%(num)d часов, можно передумать",
                     int(one["pause_hours"])) % {"num": int(one["pause_hours"])}  # fmt: skip
    steps.append(f"{mark('off')} {_('пауза'):<12}{pause}: U/Г")
    end = _("потом вернуть нельзя никому и ничем")
    steps.append(f"{mark('off')} {_('конец'):<12}{end}")
    return "\n".join([*lines, *steps, ""])


def _hanging(name: str, text: str) -> str:
    """A fact whose further lines stand under its first; one with marks is left to the screen."""
    parts = [text] if "[" in text else textwrap.wrap(text, BESIDE)
    return f"[$text-2]{name:<18}[/]" + f"\n{'':<18}".join(parts)


def gone(found: Mapping[str, Any]) -> str:
    """What nobody reads any more."""
    head = _("имя, телефоны, почта, адреса, заметки")
    values = ngettext("%(num)d запись", "%(num)d записей", int(found["values"]))
    said = f"{head}: {values % {'num': int(found['values'])}}"
    if found["files"]:
        files = ngettext("%(num)d файл", "%(num)d файлов", int(found["files"]))
        said += f", {files % {'num': int(found['files'])}}"
    return said + ". " + _("В копиях тоже.")


def stays(found: Mapping[str, Any]) -> str:
    """What is kept without a name."""
    parts: list[str] = []
    if found["orders"]:
        orders = ngettext("%(num)d заказ", "%(num)d заказов", int(found["orders"]))
        parts.append(orders % {"num": int(found["orders"])})
    if found["deals"]:
        deals = ngettext("%(num)d сделка", "%(num)d сделок", int(found["deals"]))
        parts.append(deals % {"num": int(found["deals"])})
    said = ", ".join([*parts, _("суммы и склад, без имени")])
    if found["open_orders"]:
        undone = ngettext("%(num)d ещё не выполнен!", "%(num)d ещё не выполнены!",
                          int(found["open_orders"]))  # fmt: skip
        said += f" [$warning b]{undone % {'num': int(found['open_orders'])}}[/]"
    return said


def _held(one: Request) -> str:
    if not one["holds"]:
        return _("ничего не хранить")
    hold = one["holds"][0]
    codes = {code for each in one["holds"] for code in each.get("keeps", ())}
    what = _named({code: 1 for code in codes if code in one["found"]["cells"]})
    when = _("до %(when)s") % {"when": _date(str(hold["until"]))}
    return f"{what or _('ничего')}, {when} ({plain(str(hold['law']))})"


def _named(codes: Mapping[str, Any]) -> str:
    """What a law keeps, in words."""
    return ", ".join(_(name) for code, name in KEPT.items() if code in codes)


def _date(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d.%m.%Y}"


def act_row(one: Mapping[str, Any], clock: words.Clock) -> Row:
    """An act as a row."""
    is_closed = one["state"] == "closed"
    until = datetime.fromisoformat(str(one["keep_until"])).astimezone(clock.zone)
    cells = (
        _("№ %(number)s") % {"number": one["number"]},
        _("ПД-%(number)s") % {"number": one["request"]},
        clock.short(str(one["made_at"])),
        f"{until:%d.%m.%Y}",
    )
    said = (
        _("Ключа этого человека нет больше нигде.")
        if is_closed
        else _("Ждёт, пока старые ключи уйдут из копий: тогда закроется сам.")
    )
    about = f"{said}\n{_('Сохранить PDF, JSON и выгрузку с доказательствами в папку: P/З.')}"
    return Row("ok" if is_closed else "run", cells, about, str(one["number"]), dict(one))
