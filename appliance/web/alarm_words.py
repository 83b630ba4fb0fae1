"""The letter that says what is red, in the language of the box."""

from collections.abc import Mapping, Sequence
from typing import Final

from appliance.domain.alarms import Said
from appliance.domain.formats import Language
from appliance.domain.health import Line
from appliance.web import texts
from appliance.web.shell import N_

SUBJECT: Final = N_("Коробка «%(name)s»: срочное, дел: %(count)s")
HEAD: Final = N_("Коробка %(address)s просит внимания:")
FOOT: Final = N_(
    "Подробнее и с кнопками: korobka console, раздел «Состояние». Пока не исправлено, письмо "
    "приходит раз в сутки; исправленное больше не напоминает о себе."
)
RED: Final[Mapping[str, tuple[str, str]]] = {
    "terms.near": (
        N_("Запросы людей о данных: срок подходит"),
        N_("Ответьте, продлите или утвердите: страница /privacy, korobka subject list."),
    ),
    "terms.late": (
        N_("Запросы людей о данных: срок прошёл"),
        N_("Ответьте или утвердите сегодня: страница /privacy, korobka subject list."),
    ),
    "hands.wait": (
        N_("Второй человек: коллега-администратор ждёт согласия"),
        N_("Спросите его самого, затем решите: страница /admin/hands, korobka agreements list."),
    ),
    "approvals.wait": (
        N_("Второй человек: уничтожение данных ждёт решения"),
        N_("Прочитайте и решите: страница /privacy, korobka subject list."),
    ),
    "keys.lost": (
        N_("Ключи людей: пропал ключ, которого никто не уничтожал"),
        N_("Что делать, сказано на странице запроса: /privacy, korobka subject list."),
    ),
    "queue.dead": (
        N_("Очередь: есть неотправленное"),
        N_("Отправьте снова или уберите: korobka outbox list."),
    ),
    "backups.unproven": (
        N_("Копии: ни одна не доказана"),
        N_("Докажите последнюю: korobka backup drill."),
    ),
    "backups.refuted": (
        N_("Копии: последняя проверка не прошла"),
        N_("Посмотрите почему: korobka backup list; сделайте новую и докажите её."),
    ),
    "backups.late": (
        N_("Копии: давно не доказаны"),
        N_("Посмотрите почему: korobka backup list, затем korobka backup drill."),
    ),
    "disk.full": (
        N_("Диск: место кончается"),
        N_("Освободите место сегодня: скоро коробка перестанет записывать."),
    ),
    "memory.full": (
        N_("Память: почти кончилась"),
        N_("Закройте лишнее на этой машине или добавьте памяти."),
    ),
    "certificate.missing": (
        N_("Сертификат: не читается"),
        N_("Посмотрите: korobka tls show, korobka doctor."),
    ),
    "certificate.over": (
        N_("Сертификат: срок вышел"),
        N_("Обновите: korobka jobs run tls.renew; чужой поставьте заново: korobka tls adopt."),
    ),
    "log.broken": (
        N_("Журнал: проверка нашла подмену или порчу"),
        N_("Ничего не удаляйте. Посмотрите место: korobka audit verify."),
    ),
    "anchor.late": (
        N_("Журнал: отпечаток давно не сохраняли вне коробки"),
        N_("Сохраните: korobka audit anchor-now."),
    ),
    "anchor.never": (
        N_("Журнал: отпечаток ни разу не сохраняли вне коробки"),
        N_("Выберите, куда его отдавать: korobka audit set-anchors."),
    ),
    "clock.back": (
        N_("Часы: переведены назад"),
        N_("Проверьте время на машине: timedatectl."),
    ),
    "release.cut": (
        N_("Обновление: оборвалось на полпути"),
        N_("Доведите до конца: korobka update recover."),
    ),
    "plugins.stopped": (
        N_("Плагины: один из них не работает"),
        N_("Посмотрите причину: korobka plugins list, раздел 5 консоли."),
    ),
    "integrations.refused": (
        N_("Интеграции: служба не принимает ключ доступа"),
        N_("Введите новый ключ: страница «Интеграции», korobka integrations list."),
    ),
    "integrations.dead": (
        N_("Интеграции: служба отказалась принять"),
        N_("Передайте снова или снимите: страница «Интеграции», korobka integrations letters."),
    ),
    "receipts.bare": (
        N_("Деньги без чека: прошло больше суток"),
        N_("Впишите номера чеков своей кассы или пробейте их: «Оплаты» → «Без чека»."),
    ),
    "mail.stuck": (
        N_("Почта: сервер не принимает письма больше суток"),
        N_("Проверьте ящик в «Настройки → Почта»."),
    ),
}
"""Code of a red line → what it is, what to do. One of a newer release goes by its code."""


def letter_of(red: Sequence[Line], name: str, address: str, language: Language) -> Said:
    """Put red lines into a letter.

    Args:
        red: the lines.
        name: of the box.
        address: of the staff's door.
        language: of the letter.
    """
    words = texts.catalogue(language).gettext
    parts = [words(HEAD) % {"address": address}, ""]
    for line in red:
        what, remedy = RED.get(line.code, (line.code, ""))
        parts.append(f"!! {words(what)}")
        if remedy:
            parts.append(f"   {words(remedy)}")
    parts += ["", words(FOOT)]
    subject = words(SUBJECT) % {"name": name, "count": len(red)}
    return Said(subject=subject, text="\n".join(parts))
