"""Registers of a pack for an inspection, out of rows that carry no client's name."""

from typing import Final

from appliance.domain.packs import MOST_ROWS, Register
from appliance.storage import roles_store, users
from appliance.storage.statements import fetch
from appliance.storage.tx import Tx

_PLAIN: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    (
        "requests",
        ("№", "Клиент №", "Что просит", "Пришёл", "Срок", "Продлён, раб. дней", "Состояние",
         "Записал №", "Уничтожено", "Закрыт", "№ в реестре уничтожений"),
        "SELECT number, customer_number, kind, received_on, due_on, extended, state, asked_number,"
        " erased_at, closed_at, ledger FROM subject_request ORDER BY number DESC LIMIT {}",
    ),
    (
        "holds",
        ("Клиент №", "Цель", "Закон", "До", "Поставил №", "Когда", "Снял №", "Снято"),
        "SELECT c.number, h.purpose, h.law, h.until, h.set_by, h.set_at, h.lifted_by, h.lifted_at"
        " FROM legal_hold h JOIN customer c ON c.id = h.customer_id"
        " ORDER BY h.set_at DESC LIMIT {}",
    ),
    (
        "disclosures",
        ("Когда", "Кому (плагин)", "Клиент №", "Поля", "Цель", "Основание"),
        "SELECT d.at, d.plugin, c.number, d.fields, d.purpose, d.basis FROM disclosure d"
        " LEFT JOIN customer c ON c.id = d.customer_id ORDER BY d.at DESC LIMIT {}",
    ),
    (
        "exports",
        ("№", "Что", "Состояние", "Кто №", "Когда", "Вид", "Людей", "Байт"),
        "SELECT number, kind, state, made_by_number, made_at, form, people, size FROM data_export"
        " ORDER BY number DESC LIMIT {}",
    ),
    (
        "copies",
        ("№", "Что", "Итог", "Копия", "Кто №", "Начата", "Закончена", "Байт", "Мест", "Не приняли",
         "Причина"),
        "SELECT number, kind, state, stamp, by_number, began_at, ended_at, size, targets,"
        " failed_targets, code FROM copy_run ORDER BY number DESC LIMIT {}",
    ),
    (
        "consents",
        ("Клиент №", "Цель", "Текст", "Версия", "Как", "Дано", "Отозвано"),
        "SELECT c.number, s.purpose, s.text_code, s.text_version, s.channel, s.given_at,"
        " s.withdrawn_at FROM consent s JOIN customer c ON c.id = s.customer_id"
        " ORDER BY s.given_at DESC LIMIT {}",
    ),
    (
        "consent-texts",
        ("Код", "Версия", "Цель", "Текст", "Записан"),
        "SELECT code, version, purpose, text, created_at FROM consent_text"
        " ORDER BY code, version LIMIT {}",
    ),
    (
        "purposes",
        ("Цель", "Основание", "Клиентов"),
        "SELECT code, basis, COUNT(DISTINCT customer_id) FROM purpose WHERE until IS NULL"
        " GROUP BY code, basis ORDER BY code, basis LIMIT {}",
    ),
)  # fmt: skip


async def registers(tx: Tx) -> list[Register]:
    """Every register, the newest rows of each."""
    found = [await _people(tx), await _rights()]
    for name, heads, statement in _PLAIN:
        rows = await fetch(statement, MOST_ROWS + 1)
        found.append(Register(name, heads, rows[:MOST_ROWS], len(rows) > MOST_ROWS))
    return found


async def _people(tx: Tx) -> Register:
    heads = ("№", "Имя для входа", "Сотрудник", "Роли", "Работает", "Второй фактор", "Заведён")
    rows = [
        (
            one.number,
            one.login,
            one.name.reveal(),
            ", ".join(one.roles),
            one.active,
            one.factor,
            one.created_at,
        )
        for one in await users.list_all(tx)
    ]
    return Register("people", heads, rows)


async def _rights() -> Register:
    heads = ("Роль", "Название", "Право", "Чьи записи", "Поля")
    rows = [
        (
            role.code,
            role.name,
            permission,
            grant.scope,
            ", ".join(f"{field}: {how}" for field, how in sorted(grant.fields.items())),
        )
        for role in await roles_store.list_all()
        for permission, grant in sorted(role.grants.items())
    ]
    return Register("rights", heads, rows)
