"""Requests of people in words, for pages: rows, facts, steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from appliance.domain import formats
from appliance.domain.desk import Codes
from appliance.domain.holds import wanted
from appliance.domain.privacy import PurposeCode
from appliance.domain.subjects import (
    ENDED,
    NEAR,
    RULE,
    ApprovalView,
    RequestKind,
    RequestState,
    RequestView,
)
from appliance.web.screens import Reader
from appliance.web.shell import N_

KINDS: Final[Mapping[RequestKind, str]] = {
    RequestKind.ERASE: N_("Уничтожить данные"),
    RequestKind.WITHDRAW: N_("Отзыв согласия"),
    RequestKind.ACCESS: N_("Что вы обо мне храните"),
    RequestKind.RECTIFY: N_("Исправить данные"),
    RequestKind.BLOCK: N_("Закрыть на время проверки"),
    RequestKind.MARKETING: N_("Не присылать рекламу"),
    RequestKind.AUTHORITY: N_("Запрос надзора"),
    RequestKind.UNLAWFUL: N_("Данные взяты незаконно"),
    RequestKind.SURPLUS: N_("Взято лишнее"),
    RequestKind.PURPOSE_END: N_("Цель достигнута"),
}
"""In the order they are offered: what is asked most often first."""

_WHERE: Final[Mapping[RequestState, tuple[str, str]]] = {
    RequestState.OPEN: (N_("ждёт ответа"), "warn"),
    RequestState.BLOCKED: (N_("человек закрыт"), "warn"),
    RequestState.COOLING: (N_("идёт пауза"), "info"),
    RequestState.ERASING: (N_("уничтожается"), "info"),
    RequestState.WAITING: (N_("ждёт копий"), "info"),
    RequestState.HELD: (N_("хранится по закону"), "grey"),
    RequestState.CLOSED: (N_("закрыт"), "ok"),
    RequestState.REFUSED: (N_("отказано"), "grey"),
}

PURPOSES: Final[Mapping[PurposeCode, str]] = {
    PurposeCode.ACCOUNTING: N_("Бухгалтерский и налоговый учёт"),
    PurposeCode.ORDER: N_("Споры по договору"),
    PurposeCode.MAILING: N_("Доказать согласие на рекламу"),
    PurposeCode.CALLBACK: N_("Доказать согласие на звонок"),
}
"""What a law keeps data for."""

KEPT: Final[Mapping[str, str]] = {
    "name": N_("имя"),
    "tax_id": N_("реквизиты"),
    "payment": N_("кто платил"),
    "contacts": N_("телефоны и почта"),
    "order_contact": N_("получатели заказов"),
    "address": N_("адреса доставки"),
    "consent": N_("согласия"),
}
"""Categories that a law may keep, as pages call them."""

_AT_REST: Final = (*ENDED, RequestState.WAITING, RequestState.HELD)
"""States in which the law's term does not run."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list; `late`: the term is near or over."""

    number: int
    href: str
    kind: str
    client: int
    due: str
    late: bool
    where: str
    tone: str


def line(reader: Reader, one: RequestView) -> Line:
    """A request as a row."""
    is_going = one.state not in _AT_REST
    where, tone = _where(reader, one)
    return Line(
        number=one.number,
        href=f"/privacy/{one.number}",
        kind=reader._(KINDS[one.kind]),
        client=one.customer_number,
        due=formats.day_words(one.due_on, reader.language) if is_going else "",
        late=is_going and one.due_on - reader.today <= NEAR,
        where=where,
        tone=tone,
    )


def _where(reader: Reader, one: RequestView) -> tuple[str, str]:
    if one.is_lost:
        return reader._("пропал ключ"), "bad"
    if one.state is RequestState.BLOCKED and RULE[one.kind].destroys:
        given = any(a.stands for a in one.approvals)
        return (reader._("ждёт второго") if given else reader._("ждёт решения")), "warn"
    text, tone = _WHERE[one.state]
    return reader._(text), tone


def term(reader: Reader, one: RequestView) -> str:
    """How much of the term is left, with its norm."""
    if one.state in _AT_REST:
        return ""
    days = (one.due_on - reader.today).days
    day = formats.day_words(one.due_on, reader.language)
    if days < 0:
        late = reader.ngettext("просрочено на %(num)s день", "просрочено на %(num)s дней", -days)
        return f"{day}, {late}"
    left = reader.ngettext("остался %(num)s день", "осталось %(num)s дней", days)
    return f"{day}, {left}"


def facts(reader: Reader, one: RequestView) -> list[tuple[str, str]]:
    """What was found and what becomes of it."""
    found, _ = one.found, reader._
    values = reader.ngettext("%(num)s запись", "%(num)s записей", sum(found.cells.values()))
    files = reader.ngettext("%(num)s файл", "%(num)s файлов", found.files) if found.files else ""
    gone = ", ".join(part for part in (values, files) if part)
    kept = [
        reader.ngettext("%(num)s заказ", "%(num)s заказов", found.orders) if found.orders else "",
        reader.ngettext("%(num)s сделка", "%(num)s сделок", found.deals) if found.deals else "",
        _("суммы и склад, без имени"),
    ]
    rows = [(_("Найдено"), gone)]
    if RULE[one.kind].destroys:
        if not found.kept_of:
            rows.append((_("Останется"), ", ".join(part for part in kept if part)))
        if by_law := kept_by_law(reader, one):
            rows.append((_("По закону останется"), by_law))
        if found.open_orders:
            undone = reader.ngettext("%(num)s ещё не выполнен", "%(num)s ещё не выполнены",
                                     found.open_orders)  # fmt: skip
            rows.append((_("Заказы в работе"), undone))
    return rows


def kept_by_law(reader: Reader, one: RequestView) -> str:
    """Which categories a law keeps, or will keep when all else is destroyed; empty: none."""
    found = one.found
    if found.kept_of:
        return ""
    codes = found.kept if found.kept_in else wanted(one.holds) & found.cells.keys()
    if one.erased_at is not None and not found.kept_in:
        codes = ()
    return ", ".join(reader._(name) for code, name in KEPT.items() if code in codes)


def steps(reader: Reader, one: RequestView, codes: Codes) -> list[tuple[str, str]]:
    """Who did what, and what comes: time and words."""
    _ = reader._
    who = _name(codes, one.asked_by, reader)
    rows = [(_moment(reader, one.asked_at), _("Записано: %(who)s") % {"who": who})]
    if one.found.kept_of:
        said = _("Остальное уничтожено по ПД-%(number)s") % {"number": one.found.kept_of}
        rows = [(_moment(reader, one.asked_at), said)]
    elif one.blocked_at is not None:
        rows.append((_moment(reader, one.blocked_at), _("Человек закрыт от показа и выгрузки")))
    rows += [
        (_moment(reader, given.at), _agreed(reader, given, codes))
        for given in one.approvals
        if given.stands
    ]
    if one.cooling_left is not None:
        until = reader.now + timedelta(seconds=one.cooling_left)
        end = (
            _("Кончится пауза, и хранимое уничтожится")
            if one.found.kept_of
            else _("Кончится пауза, до этого можно передумать")
        )
        rows.append((_moment(reader, until), end))
    if one.erased_at is not None:
        rows.append((_moment(reader, one.erased_at), _("Данные уничтожены")))
        if one.found.kept_in:
            said = _("Оставленное по закону — ПД-%(number)s") % {"number": one.found.kept_in}
            rows.append((_moment(reader, one.erased_at), said))
    if one.closed_at is not None:
        rows.append((_moment(reader, one.closed_at), _("Запрос закрыт")))
    return rows


def _moment(reader: Reader, at: datetime) -> str:
    return formats.moment(at, reader.now, reader.zone, reader.language)


def _name(codes: Codes, number: int, reader: Reader) -> str:
    return codes.name_of(number) or reader._("программа")


def _agreed(reader: Reader, given: ApprovalView, codes: Codes) -> str:
    if given.code:
        return reader._("Утверждено кодом восстановления")
    return reader._("Утверждено: %(who)s") % {"who": _name(codes, given.by, reader)}


def lost(reader: Reader, one: RequestView) -> list[str]:
    """What to do where the key is gone and nobody destroyed it; empty: it is there."""
    if not one.is_lost:
        return []
    _ = reader._
    return [
        _("Запишите это как происшествие."),
        _("Не удаляйте копий прошлых дней: ключ может быть в них. Посмотреть можно, восстановив "
          "такую копию на другой машине."),
        _("Ждать больше нечего: в назначенный день запрос закроется сам, а реестр скажет, что "
          "ключ утрачен.")
        if one.found.kept_of
        else _("Решайте как обычно: после паузы реестр скажет, что ключ утрачен, и человека не "
               "вернёт ни одна копия."),
    ]  # fmt: skip


def needed(reader: Reader, one: RequestView) -> tuple[str, bool]:
    """Whose word is missing, in words; whether it is the recovery code's turn."""
    given = [a for a in one.approvals if a.stands]
    persons = max(one.needed - sum(not a.code for a in given), 0)
    code = one.code_needed and not any(a.code for a in given)
    if persons:
        text = reader.ngettext("Нужен ещё %(num)s человек", "Нужны ещё %(num)s человек", persons)
        return text, False
    return (reader._("Нужен код восстановления с листка"), True) if code else ("", False)
