"""Every verb: where it is and what it says of itself. Its module is loaded when it is called."""

from typing import NamedTuple


class Verb(NamedTuple):
    """One verb; `where` is `module:function` under `appliance.cli`, or in full with its package."""

    name: str
    where: str
    about: str


class Group(NamedTuple):
    """Verbs under one noun; `app`: a command line of its own, which does something without one."""

    name: str
    about: str
    verbs: tuple[Verb, ...]
    app: str = ""


VERBS = (
    Verb(
        "init",
        "house:init",
        "Завести новую коробку: папку данных, ключи, первого администратора.",
    ),
    Verb("serve", "serving:serve", "Работать в этом окне (так коробку запускает служба)."),
    Verb("migrate", "house:migrate", "Перевести данные на схему этой версии."),
    Verb("start", "commands:start", "Запустить коробку в фоне."),
    Verb("stop", "commands:stop", "Остановить коробку, запущенную в фоне."),
    Verb(
        "unlock",
        "remote:unlock",
        "Открыть запечатанную коробку фразой или кодом восстановления.",
    ),
    Verb("seal", "remote:seal", "Запечатать коробку: забыть ключи до следующего открытия."),
    Verb(
        "status",
        "commands:status",
        "Работает ли коробка, открыта ли, когда кончается сертификат.",
    ),
    Verb(
        "restore",
        "backups.cli:restore",
        "Восстановить коробку из копии кодом с бумаги.",
    ),
    Verb("move", "updates.moving:run", "Переехать с SQLite на PostgreSQL со всеми данными."),
    Verb("doctor", "commands:doctor", "Что мешает коробке работать, с кодами и советами."),
    Verb("console", "console:console", "Открыть консоль администратора на весь экран."),
    Verb("health", "running:health", "Что в порядке, а что нет: строки консоли «Состояние»."),
    Verb("completion", "completion:completion", "Дополнение команд клавишей Tab для bash и zsh."),
    Verb("version", "commands:version", "Версия коробки, Python и SQLite."),
)

GROUPS = (
    Group(
        "setup",
        "Первый запуск по шагам, как в мастере.",
        (
            Verb("show", "setup:show", "Что отвечено и что осталось."),
            Verb("set", "setup:put", "Ответить на шаг: имя=значение."),
            Verb("code", "setup:code", "Новый код восстановления; печатается один раз."),
            Verb("check", "setup:check", "Проверить код с листка: им открывается свежая копия."),
            Verb("trust", "setup:trust", "Записать файлы доверия для компьютеров и телефонов."),
            Verb("try-reach", "setup:try_reach", "Проверить доступ снаружи."),
            Verb("finish", "setup:finish", "Закончить первый запуск."),
        ),
    ),
    Group(
        "keys",
        "Ключи: способы открыть коробку.",
        (
            Verb("identity", "remote:identity", "Получатель резервных копий (age), без секрета."),
            Verb("slots", "remote:slots", "Чем открывается коробка."),
            Verb("add-passphrase", "remote:add_passphrase", "Добавить фразу."),
            Verb("add-key-file", "remote:add_key_file", "Создать ещё один файл-ключ."),
            Verb("remove-slot", "remote:remove_slot", "Убрать способ открытия."),
            Verb(
                "new-recovery-code",
                "keys:new_recovery_code",
                "Новый код восстановления: показать, набрать с бумаги, заменить.",
            ),
            Verb("rotate", "keys:rotate", "Сменить ключи; коробка работает и ищет по-прежнему."),
            Verb("rotations", "keys:rotations", "Как идёт смена ключей."),
        ),
    ),
    Group(
        "tls",
        "Сертификаты дверей.",
        (
            Verb("show", "tls:show", "Какой сертификат у двери и до какого дня."),
            Verb("adopt", "tls:adopt", "Поставить сертификат, который выпустили вам."),
        ),
    ),
    Group(
        "user",
        "Сотрудники, которые входят в коробку.",
        (
            Verb("list", "remote:user_list", "Список."),
            Verb("add", "remote:user_add", "Завести; печатает одноразовый пароль."),
            Verb("set-roles", "remote:user_set_roles", "Сменить роли."),
            Verb("drop-factor", "remote:user_drop_factor", "Снять потерянный второй шаг входа."),
            Verb("disable", "remote:user_disable", "Закрыть вход и все сеансы."),
            Verb("enable", "remote:user_enable", "Снова открыть вход."),
            Verb("reset-password", "remote:user_reset", "Выдать новый одноразовый пароль."),
            Verb("end-sessions", "running:end_sessions", "Завершить все его сеансы."),
            Verb("set-department", "running:set_department", "Сменить отдел; пустой — без отдела."),
            Verb("eyes", "running:eyes", "Что ему можно: права всех его ролей вместе."),
            Verb("link", "leaving:link", "Ссылка на один вход: человек сам задаст пароль."),
            Verb(
                "set-leaving",
                "leaving:set_leaving",
                "Предупредил об уходе: показов вчетверо меньше.",
            ),
            Verb("dismiss", "leaving:dismiss", "Уволить: закрыть вход и передать дела другому."),
            Verb("dismissal", "leaving:dismissal", "Как идёт передача дел."),
            Verb("trail", "leaving:trail", "Что открывал и выгружал: записать в файл."),
            Verb("password", "remote:user_password", "Сменить собственный пароль (с --as)."),
        ),
    ),
    Group(
        "department",
        "Отделы.",
        (
            Verb("list", "running:departments", "Список отделов."),
            Verb("add", "running:add_department", "Завести отдел: код и название."),
        ),
    ),
    Group(
        "role",
        "Роли: кому что можно.",
        (
            Verb("list", "running:roles", "Список ролей с правами."),
            Verb("edit", "running:edit_role", "Записать роль из файла JSON."),
            Verb("remove", "running:remove_role", "Удалить свою роль, которой ни у кого нет."),
        ),
    ),
    Group(
        "outbox",
        "Очередь: что не удалось отправить.",
        (
            Verb("list", "running:dead", "Что не отправлено и почему."),
            Verb("retry", "running:retry", "Отправить снова."),
            Verb("drop", "running:drop", "Убрать из очереди навсегда."),
        ),
    ),
    Group(
        "jobs",
        "Задания по расписанию.",
        (
            Verb("list", "running:jobs", "Когда было и когда будет."),
            Verb("run", "running:run_job", "Запустить за полминуты."),
        ),
    ),
    Group(
        "api-key",
        "Ключи магазинов для API.",
        (
            Verb("list", "remote:key_list", "Список."),
            Verb("add", "remote:key_add", "Завести; ключ печатается один раз."),
            Verb("revoke", "remote:key_revoke", "Отозвать."),
        ),
    ),
    Group(
        "plugins",
        "Плагины: поставить из файла, разрешить, настроить, включить.",
        (
            Verb("list", "plugins:listed", "Какие плагины есть и что с ними."),
            Verb("show", "plugins:show", "Один плагин: права словами, кто разрешил, задания."),
            Verb("look", "plugins:look", "Что в файле и чей он; ничего не ставит."),
            Verb("add", "plugins:add", "Поставить или обновить из файла."),
            Verb("remove", "plugins:remove", "Удалить поставленный из файла."),
            Verb("approve", "plugins:approve", "Прочесть, что просит, и разрешить."),
            Verb("take-back", "plugins:take_back", "Забрать все права: плагин остановится."),
            Verb("on", "plugins:switch_on", "Включить; вернуть с паузы или из карантина."),
            Verb("off", "plugins:switch_off", "Выключить: события пройдут мимо."),
            Verb("pause", "plugins:pause", "Пауза: события подождут."),
            Verb("quarantine", "plugins:quarantine", "Отправить в карантин."),
            Verb("settings", "plugins:settings", "Настройки плагина; секреты не показываются."),
            Verb("set", "plugins:put", "Изменить настройки: имя=значение."),
            Verb("accounts", "plugin_accounts:listed", "Подключения плагина: кабинеты, договоры."),
            Verb("account-add", "plugin_accounts:add", "Добавить подключение: имя=значение."),
            Verb("account-set", "plugin_accounts:put", "Изменить подключение."),
            Verb("account-on", "plugin_accounts:switch_on", "Включить подключение."),
            Verb("account-off", "plugin_accounts:switch_off", "Выключить: дела для него подождут."),
            Verb("test", "plugins:try_out", "Проверить связь: плагин говорит, как он."),
            Verb("run", "plugins:run", "Выполнить задание плагина сейчас."),
            Verb("letters", "plugins:letters", "Передать снова события, которых он не принял."),
            Verb("journal", "plugins:journal", "Журнал обменов: номер, что и чем кончилось."),
            Verb("screen", "plugin_screens:screen", "Экран плагина: строки и что с ними сделать."),
            Verb("press", "plugin_screens:press", "Нажать кнопку строки на экране плагина."),
            Verb("makers", "plugins:makers", "Чьим подписям Коробка верит."),
            Verb("trust", "plugins:trust", "Верить подписи изготовителя."),
            Verb("distrust", "plugins:distrust", "Больше не верить."),
        ),
    ),
    Group(
        "integrations",
        "Интеграции: как идёт обмен со службами, что не принято.",
        (
            Verb("list", "integrations:listed", "Службы: состояние, последний обмен, что ждёт."),
            Verb("letters", "integrations:letters", "Что службы не приняли."),
            Verb("again", "integrations:again", "Передать одно снова."),
            Verb("drop", "integrations:drop", "Снять одно: служба о нём не узнает."),
            Verb("journal", "integrations:journal", "Все обмены по одному заказу."),
            Verb("repeat", "integrations:repeat", "Повторить обмен одной записи журнала."),
        ),
    ),
    Group(
        "audit",
        "Журнал: прочесть, проверить, отдать на проверку, заверить вне коробки.",
        (
            Verb("verify", "audit:verify", "Проверить журнал от первой записи до последней."),
            Verb("show", "audit:show", "Записи журнала по условиям, новые сверху."),
            Verb("export", "audit:export", "Выгрузить журнал для проверки со стороны."),
            Verb("verifier", "audit:write_verifier", "Записать программу проверки: один файл."),
            Verb("anchors", "audit:anchors", "Что и когда заверено вне коробки."),
            Verb("anchor-now", "audit:anchor_now", "Заверить сейчас всеми выбранными путями."),
            Verb("set-anchors", "audit:set_anchors", "Выбрать, куда отдавать отпечатки."),
            Verb("paper", "audit:paper", "Отпечаток на лист: квадратный код и текст, PDF."),
            Verb("cancel", "audit:cancel", "Прервать проверку или выгрузку."),
            Verb("accept-loss", "audit:accept_loss", "Принять, что журнал вернули в прошлое."),
        ),
    ),
    Group(
        "subject",
        "Персональные данные: запросы людей, уничтожение, акты.",
        (
            Verb("list", "subject:listed", "Запросы и их сроки."),
            Verb("show", "subject:show", "Один запрос: что найдено, кто утвердил, чего ждёт."),
            Verb("find", "subject:find", "Сколько чего хранится о клиенте."),
            Verb("request", "subject:request", "Записать запрос клиента; часть сразу закрывает."),
            Verb("block", "subject:block", "Закрыть человека от всех по записанному запросу."),
            Verb("refuse", "subject:refuse", "Отказать с причиной: человек остаётся как был."),
            Verb("answer", "subject:answer", "Ответить на запрос, где уничтожать не нужно."),
            Verb("extend", "subject:extend", "Продлить срок на пять рабочих дней, один раз."),
            Verb("hold", "subject:hold", "Отметить закон, который велит хранить данные."),
            Verb("release", "subject:release", "Снять обязанность хранить раньше срока."),
            Verb("approve", "subject:approve", "Утвердить уничтожение от своего имени."),
            Verb("execute", "subject:execute", "Начать уничтожение, когда пауза прошла."),
            Verb("give-up-place", "subject:give_up_place", "Диска с копиями больше нет."),
            Verb("rules", "subject:rules", "Пауза перед уничтожением и имя в акте."),
            Verb("papers", "subject:papers", "Записать бумаги, уничтоженные вместе с данными."),
            Verb("acts", "subject:acts", "Акты об уничтожении."),
            Verb("act-rules", "subject:act_rules", "Что акты говорят о системе и поручениях."),
            Verb("act", "subject:act", "Сохранить акт и выгрузку: PDF, JSON, CSV."),
            Verb("act-scan", "subject:scan", "Приложить к акту скан с подписями."),
            Verb("give", "subject:give", "Всё, что хранится о человеке, для него самого."),
            Verb("pack", "subject:pack", "Пакет для проверки: реестры, акты, подпись."),
        ),
    ),
    Group(
        "agreements",
        "Второй человек: ключи и места копий меняют вдвоём.",
        (
            Verb("list", "agreements:listed", "Что ждёт второго человека."),
            Verb("agree", "agreements:agree", "Согласиться с просьбой другого администратора."),
            Verb("refuse", "agreements:refuse", "Снять просьбу или отказать."),
            Verb("rule", "agreements:rule", "Когда нужен второй человек: auto или always."),
        ),
    ),
    Group(
        "backup",
        "Копии: сделать, проверить, доказать.",
        (
            Verb("now", "backups.cli:now", "Сделать копию сейчас."),
            Verb("list", "backups.cli:listed", "Какие копии лежат и доказаны ли они."),
            Verb("verify", "backups.cli:verify", "Прочесть копию обратно и сверить, без ключей."),
            Verb("drill", "backups.cli:drill", "Учение: восстановить копию в стороне и проверить."),
            Verb("cancel", "backups.cli:cancel", "Прервать то, что делается."),
            Verb("places", "backups.choices:listed", "Куда и как часто делаются копии."),
            Verb("disks", "backups.choices:disks", "Подключённые диски и их номера."),
            Verb("add-place", "backups.choices:add", "Проверить место для копий и добавить."),
            Verb("remove-place", "backups.choices:remove", "Больше не писать туда копии."),
            Verb("schedule", "backups.choices:schedule", "Как часто делать и сколько хранить."),
            Verb(
                "restore",
                "backups.choices:restore",
                "Вернуть данные из копии на работающей коробке.",
            ),
            Verb("since", "backups.choices:lost", "Что внесено после копии и пропало бы."),
            Verb("confirm", "backups.choices:confirm", "Оставить то, что восстановлено."),
            Verb("go-back", "backups.choices:go_back", "Вернуть данные, что были до этого."),
        ),
    ),
    Group(
        "update",
        "Обновление: korobka update ФАЙЛ ставит версию, неудача возвращает прежнюю.",
        (
            Verb("install", "updates.cli:install", "То же, что korobka update ФАЙЛ."),
            Verb("check", "updates.cli:check", "Цел ли файл, чей он и подходит ли."),
            Verb("try", "updates.cli:trial", "Примерить на копии данных, ничего не меняя."),
            Verb("status", "updates.cli:status", "Какая версия работает и как прошло обновление."),
            Verb("return", "updates.cli:give_back", "Вернуть прежнюю версию."),
            Verb("recover", "updates.cli:recover", "Довести до конца то, что оборвалось."),
        ),
        "updates.cli:app",
    ),
    Group(
        "demo",
        "Выдуманные данные для пробы.",
        (
            Verb(
                "make",
                "demo:make",
                "Завести в папке пробную коробку: сотрудники всех ролей, клиенты, заказы.",
            ),
            Verb("load", "demo:load", "Наполнить новую коробку выдуманными данными."),
        ),
    ),
)
