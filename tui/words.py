"""Words for what the box says of itself: codes and numbers in, sentences out."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from appliance.domain import formats
from tui.texts import N_, _, language, ngettext


class Words(NamedTuple):
    """What a line of health is called, and what stands below it when it is not well.

    Attributes:
        what: its name.
        now: how it stands; places for values.
        threat, remedy: what it threatens and what to do; empty where all is well.
    """

    what: str
    now: str
    threat: str = ""
    remedy: str = ""


HEALTH: Final[Mapping[str, Words]] = {
    "services.fine": Words(N_("Службы"), N_("работают %(since_span)s")),
    "sealed.shut": Words(
        N_("Личные данные"),
        N_("закрыты"),
        N_("сотрудники не могут работать."),
        N_("нажмите E/У и введите фразу или код с листка."),
    ),
    "queue.fine": Words(N_("Очередь"), N_("ждут отправки: %(count)s, отказов нет")),
    "queue.late": Words(
        N_("Очередь"),
        N_("%(count)s ждут, старшее — %(minutes)s мин"),
        N_("письма и сообщения уходят с опозданием."),
        N_("нажмите E/У и посмотрите, что не уходит и почему."),
    ),
    "queue.dead": Words(
        N_("Очередь"),
        N_("не отправлено: %(count)s"),
        N_("об этих событиях никто не узнает."),
        N_("нажмите E/У: отправьте снова или уберите из очереди."),
    ),
    "terms.fine": Words(N_("Запросы людей"), N_("в работе: %(count)s, ближайший срок %(day)s")),
    "terms.near": Words(
        N_("Запросы людей"),
        N_("срок подходит: %(near)s, ближайший %(day)s"),
        N_("за пропущенный срок штрафуют."),
        N_("раздел «Персональные данные»: ответьте, продлите или утвердите."),
    ),
    "terms.late": Words(
        N_("Запросы людей"),
        N_("срок прошёл: %(late)s"),
        N_("закон нарушен, штраф растёт с каждым днём."),
        N_("раздел «Персональные данные»: ответьте или утвердите сегодня."),
    ),
    "hands.wait": Words(
        N_("Второй человек"),
        N_("ждут согласия: %(count)s"),
        N_("коллега не может менять ключи и места копий."),
        N_("раздел «Ключи», Y/Н: спросите его самого и решите."),
    ),
    "approvals.wait": Words(
        N_("Уничтожение"),
        N_("ждёт решения: %(count)s"),
        N_("до решения двоих ничего не уничтожится, а срок идёт."),
        N_("раздел «Персональные данные», Y/Н: прочитайте и решите."),
    ),
    "keys.lost": Words(
        N_("Ключи людей"),
        N_("пропало: %(count)s"),
        N_("данные по запросу не открыть: ключа нет в хранилище, и никто его не уничтожал."),
        N_("раздел «Персональные данные», красный запрос: там сказано, что делать."),
    ),
    "receipts.bare": Words(
        N_("Деньги без чека"),
        N_("платежей: %(count)s"),
        N_("54-ФЗ требует чек на каждый; за день без него штрафуют."),
        N_("в браузере: «Оплаты» → «Без чека» (/money/receipts), впишите номера чеков."),
    ),
    "mail.off": Words(N_("Почта"), N_("ящик не задан, письма не уходят")),
    "mail.fine": Words(N_("Почта"), N_("сервер принимает письма")),
    "mail.waits": Words(
        N_("Почта"),
        N_("сервер не принимает с %(at_moment)s"),
        N_("письма ждут; ничего не пропало."),
        N_("подождите; не прошло — проверьте ящик в браузере: «Настройки», «Почта»."),
    ),
    "mail.stuck": Words(
        N_("Почта"),
        N_("сервер не принимает с %(at_moment)s"),
        N_("письма покупателям и ваши напоминания не уходят больше суток."),
        N_("проверьте ящик в браузере: «Настройки», «Почта»."),
    ),
    "plugins.fine": Words(N_("Плагины"), N_("разрешено: %(count)s, все на ходу")),
    "plugins.waiting": Words(
        N_("Плагины"),
        N_("ждут разрешения: %(count)s"),
        N_("до этого они не работают и ничего не видят."),
        N_("нажмите E/У, прочтите права плагина и разрешите: Y/Н."),
    ),
    "plugins.stopped": Words(
        N_("Плагины"),
        N_("не работает %(name)s"),
        N_("обмен с этой службой стоит; события подождут."),
        N_("нажмите E/У: причина под списком, O/Щ вернёт его в работу."),
    ),
    "integrations.refused": Words(
        N_("Интеграции"),
        N_("%(name)s (%(account)s): ключ не принят"),
        N_("обмен с этой службой стоит; всё для неё подождёт."),
        N_("нажмите E/У, откройте настройки плагина и введите новый ключ."),
    ),
    "integrations.silent": Words(
        N_("Интеграции"),
        N_("%(name)s (%(account)s) не отвечает больше часа"),
        N_("всё для этой службы ждёт и пойдёт само."),
        N_("подождите; не прошло — проверьте связь в разделе «Плагины»: V/М."),
    ),
    "integrations.key": Words(
        N_("Интеграции"),
        N_("%(name)s (%(account)s): ключу осталось дней: %(days)s"),
        N_("потом служба перестанет принимать запросы."),
        N_("выпустите новый ключ в кабинете службы и введите его в настройках."),
    ),
    "integrations.dead": Words(
        N_("Интеграции"),
        N_("службы не приняли: %(count)s"),
        N_("следующие дела о том же ждут за ними."),
        N_("korobka integrations letters: передайте снова или снимите."),
    ),
    "chores.fine": Words(N_("Задания"), N_("%(count)s по расписанию, сбоев нет")),
    "chores.failed": Words(
        N_("Задания"),
        N_("сбой: %(chore)s"),
        N_("эта работа сейчас не делается."),
        N_("нажмите E/У: увидите причину и сможете запустить ещё раз."),
    ),
    "chores.late": Words(
        N_("Задания"),
        N_("опаздывает: %(chore)s"),
        N_("эта работа сейчас не делается."),
        N_("нажмите E/У и запустите её. Не пошла? Перезапустите коробку."),
    ),
    "backups.none": Words(
        N_("Копии"),
        N_("ещё не настроены"),
        N_("сломается диск — пропадёт всё."),
        N_("настройте копии в разделе 3 и положите их вне коробки."),
    ),
    "backups.fine": Words(N_("Копии"), N_("последняя доказана %(at_moment)s")),
    "backups.refuted": Words(
        N_("Копии"),
        N_("последняя проверка не прошла, доказана %(at_moment)s"),
        N_("новые копии могут не открыться."),
        N_("раздел 3: там причина; сделайте новую и проверьте: N/Т, D/В."),
    ),
    "backups.near": Words(
        N_("Копии"),
        N_("доказаны, но ключи к ним лежат только на этом диске"),
        N_("сгорит диск — копии в другом месте не откроются."),
        N_("раздел 3, M/Ь: добавьте место на другом диске или сервере, куда идут и ключи."),
    ),
    "backups.unproven": Words(
        N_("Копии"),
        N_("ни одна ещё не доказана"),
        N_("открывается ли копия, узнают тогда, когда она нужна."),
        N_("раздел 3, D/В: коробка поднимет копию отдельно и сверит."),
    ),
    "backups.late": Words(
        N_("Копии"),
        N_("доказаны давно: %(at_moment)s"),
        N_("прошло больше 36 часов: две ночи учения не было."),
        N_("посмотрите почему: korobka backup list, затем korobka backup drill"),
    ),
    "backups.failed": Words(
        N_("Копии"),
        N_("последняя не вышла, доказана %(at_moment)s"),
        N_("то, что сделано с тех пор, есть только на этом диске."),
        N_("раздел 3: там причина; устранили — N/Т сделает новую."),
    ),
    "database.fine": Words(N_("База и поиск"), N_("%(size)s; карточек: %(names)s")),
    "database.building": Words(N_("База и поиск"), N_("поиск строится, карточек: %(names)s")),
    "disk.fine": Words(N_("Диск"), N_("занято %(percent)s %%, свободно %(free)s")),
    "disk.tight": Words(
        N_("Диск"),
        N_("занято %(percent)s %%, свободно %(free)s"),
        N_("когда место кончится, коробка перестанет записывать."),
        N_("уберите с диска лишнее или поставьте больший: время ещё есть."),
    ),
    "disk.full": Words(
        N_("Диск"),
        N_("занято %(percent)s %%, свободно %(free)s"),
        N_("вот-вот коробка перестанет записывать новое."),
        N_("освободите место сегодня: старые копии и файлы вне коробки."),
    ),
    "memory.fine": Words(N_("Память"), N_("занято %(percent)s %%")),
    "memory.tight": Words(
        N_("Память"),
        N_("занято %(percent)s %%"),
        N_("страницы будут открываться медленнее."),
        N_("закройте на этой машине лишние программы."),
    ),
    "memory.full": Words(
        N_("Память"),
        N_("занято %(percent)s %%"),
        N_("система может остановить коробку."),
        N_("закройте лишние программы или добавьте памяти."),
    ),
    "certificate.fine": Words(N_("Сертификат"), N_("до %(until_day)s, ещё %(days)s дн.")),
    "certificate.soon": Words(
        N_("Сертификат"),
        N_("кончится %(until_day)s, через %(days)s дн."),
        N_("браузеры начнут пугать сотрудников."),
        N_("свой сертификат коробка обновит сама: E/У. Принесённый замените: korobka tls adopt."),
    ),
    "certificate.over": Words(
        N_("Сертификат"),
        N_("кончился %(until_day)s"),
        N_("браузеры не пускают сотрудников в коробку."),
        N_("нажмите E/У. Принесённый сертификат замените: korobka tls adopt."),
    ),
    "certificate.missing": Words(
        N_("Сертификат"),
        N_("не читается"),
        N_("в коробку нельзя войти из браузера."),
        N_("перезапустите коробку: она выпустит его заново."),
    ),
    "log.fine": Words(N_("Журнал"), N_("цел до записи %(size)s, %(at_moment)s")),
    "log.unchecked": Words(N_("Журнал"), N_("первая проверка — ночью")),
    "log.broken": Words(
        N_("Журнал"),
        N_("подделан: запись %(first_bad)s"),
        N_("с этой записи журналу нельзя верить."),
        N_("сохраните диск как есть и позовите владельца: раздел 6, V/М."),
    ),
    "anchor.fine": Words(N_("Заверение журнала"), N_("%(at_moment)s")),
    "anchor.none": Words(
        N_("Заверение журнала"),
        N_("отпечаток вне коробки не хранится"),
        N_("кто владеет машиной, мог бы переписать журнал целиком."),
        N_("раздел 6, G/П, затем S/Ы: выберите, куда отдавать отпечаток."),
    ),
    "anchor.never": Words(
        N_("Заверение журнала"),
        N_("не заверялся ни разу"),
        N_("кто владеет машиной, может переписать журнал целиком."),
        N_("раздел 6, G/П, затем S/Ы: выберите, куда отдавать отпечаток."),
    ),
    "anchor.old": Words(
        N_("Заверение журнала"),
        N_("давно: %(at_moment)s"),
        N_("записи с тех пор подтверждает только сама коробка."),
        N_("раздел 6, A/Ф заверит сейчас; G/П покажет, что мешает."),
    ),
    "anchor.late": Words(
        N_("Заверение журнала"),
        N_("больше трёх дней: %(at_moment)s"),
        N_("записи с тех пор можно подменить незаметно."),
        N_("раздел 6, A/Ф заверит сейчас; G/П покажет, что мешает."),
    ),
    "release.fine": Words(N_("Версия"), N_("работает %(version)s")),
    "release.updating": Words(N_("Версия"), N_("ставится %(version)s")),
    "release.cut": Words(
        N_("Версия"),
        N_("обновление до %(version)s оборвалось"),
        N_("коробка может остаться на полпути между версиями."),
        N_("доведите до конца: korobka update recover"),
    ),
    "release.returned": Words(
        N_("Версия"),
        N_("%(was)s: обновление до %(version)s вернулось %(at_moment)s"),
        N_("работает прежняя версия, данные целы."),
        N_("раздел «Обновление»: там шаг и причина; устранили — обновите снова."),
    ),
    "clock.fine": Words(N_("Часы"), N_("идут ровно, %(now_moment)s")),
    "clock.back": Words(
        N_("Часы"),
        N_("отстают на %(seconds)s с"),
        N_("записи и сроки встанут не в те дни."),
        N_("поставьте на машине верное время и включите его сверку."),
    ),
}

CHORES: Final[Mapping[str, str]] = {
    "health.alarm": N_("письма о срочном"),
    "users.hand_over": N_("передача дел"),
    "backups.tick": N_("копии по расписанию"),
    "catalogues.plan": N_("выгрузки товаров"),
    "catalogues.sweep": N_("уборка выгрузок товаров"),
    "payments.settle": N_("сверка оплат по ссылкам"),
    "plugins.sweep": N_("уборка после плагинов"),
    "index.snapshot": N_("снимок поиска"),
    "tls.renew": N_("обновление сертификата"),
    "sessions.sweep": N_("уборка сеансов"),
    "guesses.sweep": N_("уборка попыток входа"),
    "deliveries.purge": N_("уборка очереди"),
    "tasks.remind": N_("напоминания о задачах"),
    "clients.remind": N_("даты клиентов"),
    "reports.settle": N_("подсчёт отчётов"),
    "orders.alarms": N_("тревоги по заказам"),
    "notices.purge": N_("уборка уведомлений"),
    "files.sweep": N_("уборка файлов"),
    "acts.sweep": N_("сроки актов"),
    "acts.write": N_("акты об уничтожении"),
    "exports.sweep": N_("уборка выгрузок"),
    "imports.sweep": N_("уборка загрузок"),
    "keys.sweep": N_("уборка ключей"),
    "bulk.sweep": N_("уборка общих правок"),
    "deeds.sweep": N_("уборка отмен"),
    "audit.anchor": N_("заверение журнала"),
    "audit.check": N_("проверка журнала"),
    "updates.note": N_("запись обновлений в журнал"),
    "restores.sweep": N_("уборка после восстановлений"),
    "migrations.sweep": N_("уборка прежних баз"),
    "duplicates.scan": N_("поиск двойников"),
    "duplicates.keys": N_("ключи двойников"),
    "subjects.destroy": N_("уничтожение данных"),
    "subjects.remind": N_("напоминание о сроках"),
    "subjects.reconcile": N_("сверка уничтоженных"),
}
"""Chores by kind; one that is not here goes by its kind."""


class Clock(NamedTuple):
    """The time and the zone that moments are written for."""

    now: datetime
    zone: ZoneInfo

    def moment(self, iso: str | None) -> str:
        """A time of an answer in words: «сегодня 14:05»."""
        if not iso:
            return _("ещё нет")
        return spaced(formats.moment(datetime.fromisoformat(iso), self.now, self.zone, language()))

    def short(self, iso: str | None) -> str:
        """The same for a column."""
        if not iso:
            return _("ещё нет")
        moment = datetime.fromisoformat(iso)
        return spaced(formats.moment_short(moment, self.now, self.zone, language()))

    def since(self, iso: str) -> str:
        """How long ago."""
        return spaced(formats.span(self.now - datetime.fromisoformat(iso), language()))


def spaced(text: str) -> str:
    """Plain spaces: the text console has no glyph for others."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def chore(kind: str) -> str:
    """The name of a chore."""
    return _(CHORES[kind]) if kind in CHORES else kind


def health(code: str, values: Mapping[str, Any], clock: Clock) -> tuple[str, str, str]:
    """Name, state and explanation (markup) of a judged line."""
    known = HEALTH.get(code)
    if known is None:  # of a newer box
        return code, "", ""
    known_values = _shown(values, clock)
    about = ""
    if known.threat:
        about = (
            f"[b]{_('Чем грозит:')}[/] {_(known.threat)}\n"
            f"[b]{_('Что делать:')}[/] {_(known.remedy)}"
        )
    return _(known.what), _(known.now) % known_values, about


def _day(clock: Clock, iso: str) -> str:
    return f"{datetime.fromisoformat(iso).astimezone(clock.zone):%d.%m.%Y}"


_WAYS: Final[Mapping[str, tuple[str, Callable[[Clock, Any], str]]]] = {
    "since": ("since_span", Clock.since),
    "until": ("until_day", _day),
    "at": ("at_moment", Clock.moment),
    "now": ("now_moment", Clock.moment),
    "kind": ("chore", lambda _clock, kind: chore(kind)),
    "free": ("free", lambda _clock, count: spaced(formats.size(count, language()))),
    "bytes": ("size", lambda _clock, count: spaced(formats.size(count, language()))),
    "names": ("names", lambda _clock, count: spaced(formats.number(count, language()))),
}


def _shown(values: Mapping[str, Any], clock: Clock) -> dict[str, object]:
    shown: dict[str, object] = dict(values)
    for name, value in values.items():
        if name in _WAYS:
            place, way = _WAYS[name]
            shown[place] = way(clock, value)
    return shown


def verdict(lines: list[dict[str, Any]]) -> tuple[str, str]:
    """The state of all lines together, and the sentence for it."""
    bad = sum(one["state"] == "bad" for one in lines)
    warn = sum(one["state"] == "warn" for one in lines)
    if bad:
        words = ngettext(
            "Коробка работает. Срочное: %(num)d дело",
            "Коробка работает. Срочное: %(num)d дел",
            bad,
        )
        return "bad", words % {"num": bad} + _tail(warn)
    if warn:
        words = ngettext(
            "Коробка работает. На сегодня: %(num)d дело.",
            "Коробка работает. На сегодня: %(num)d дел.",
            warn,
        )
        return "warn", words % {"num": warn}
    return "ok", _("Коробка работает, всё в порядке.")


def _tail(warn: int) -> str:
    return _(", ещё на сегодня: %(num)d.") % {"num": warn} if warn else "."
