"""«Настройки»: everything that can be set, in one place, by right."""

from typing import Any, Final, NamedTuple

from litestar import Response, get

from appliance.actions import desk
from appliance.roles import Permission
from appliance.web import admin_fields, admin_tabs
from appliance.web.answers import WebRequest
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

HOME: Final = "/admin"
P = Permission


class Link(NamedTuple):
    """A page of settings: where, what for, by what right."""

    href: str
    name: str
    note: str
    icon: str
    right: Permission


GROUPS: Final[tuple[tuple[str, tuple[Link, ...]], ...]] = (
    (
        N_("Карточки"),
        (
            Link(
                "/admin/fields",
                N_("Свои поля"),
                N_("Двенадцать типов, для шести карточек"),
                "list-checks",
                P.FIELD_MANAGE,
            ),
            Link(
                "/admin/tabs",
                N_("Вкладки карточек"),
                N_("Что и в каком порядке видит роль"),
                "columns-3",
                P.FIELD_MANAGE,
            ),
        ),
    ),
    (
        N_("Продажи"),
        (
            Link(
                "/orders/statuses",
                N_("Статусы заказов"),
                N_("Названия, вид, куда можно"),
                "circle-dot",
                P.REFERENCE_EDIT,
            ),
            Link(
                "/admin/status-rules",
                N_("Правила статусов"),
                N_("Куда заказ переходит сам"),
                "zap",
                P.REFERENCE_EDIT,
            ),
            Link(
                "/admin/lists/payment-types",
                N_("Справочники"),
                N_("Оплата, доставка, состояния строк"),
                "wallet",
                P.REFERENCE_EDIT,
            ),
            Link(
                "/admin/parcels",
                N_("Посылки"),
                N_("Обычный вес и размер для расчёта доставки"),
                "package",
                P.REFERENCE_EDIT,
            ),
            Link(
                "/admin/discounts",
                N_("Скидки по ролям"),
                N_("Сколько можно уступить вручную"),
                "badge-percent",
                P.ROLE_MANAGE,
            ),
            Link(
                "/orders/coupons",
                N_("Купоны"),
                N_("Коды, сроки, сколько раз"),
                "percent",
                P.COUPON_EDIT,
            ),
            Link(
                "/deals/pipelines",
                N_("Воронки и причины отказа"),
                N_("Этапы и обязательные поля"),
                "square-kanban",
                P.PIPELINE_EDIT,
            ),
            Link(
                "/admin/assignment",
                N_("Распределение заказов"),
                N_("Кому достаются новые заказы и почему"),
                "split",
                P.ORDER_RULES,
            ),
        ),
    ),
    (
        N_("Документы и письма"),
        (
            Link(
                "/admin/entities",
                N_("Свои организации"),
                N_("Реквизиты, НДС, нумерация, печать"),
                "building-2",
                P.PAPER_SETUP,
            ),
            Link(
                "/admin/print",
                N_("Печатные формы"),
                N_("Счета, накладные, договоры"),
                "printer",
                P.PAPER_SETUP,
            ),
            Link(
                "/mail/account",
                N_("Почта"),
                N_("Сервер, отправитель, шаблоны писем"),
                "mail",
                P.MAIL_MANAGE,
            ),
        ),
    ),
    (
        N_("Каталог и склад"),
        (
            Link(
                "/admin/operators",
                N_("Склады операторов"),
                N_("Когда заказ уходит на фулфилмент и что значат его статусы"),
                "warehouse",
                P.REFERENCE_EDIT,
            ),
            Link(
                "/shops",
                N_("Магазины"),
                N_("Подключить сайт: адрес, ключ, каталог, заказы"),
                "store",
                P.KEY_MANAGE,
            ),
            Link(
                "/catalog/feeds",
                N_("Выгрузки для магазинов"),
                N_("Что видит магазин: цены и наличие"),
                "store",
                P.FEED_MANAGE,
            ),
            Link(
                "/catalog/vat",
                N_("Ставки НДС"),
                N_("Проценты по датам, без правки программы"),
                "percent",
                P.REFERENCE_EDIT,
            ),
        ),
    ),
    (
        N_("Команда"),
        (
            Link(
                "/admin/calendar",
                N_("Рабочее время"),
                N_("Часы, праздники, производственный календарь"),
                "calendar",
                P.REFERENCE_EDIT,
            ),
            Link("/plans", N_("Планы"), N_("Цели месяца по сотрудникам"), "target", P.PLAN_EDIT),
            Link(
                "/branches",
                N_("Филиалы"),
                N_("Свои очереди, люди и склады"),
                "building",
                P.USER_MANAGE,
            ),
        ),
    ),
    (
        N_("Данные"),
        (
            Link(
                "/data/duplicates",
                N_("Двойники"),
                N_("Найти и объединить"),
                "users",
                P.CUSTOMER_MERGE,
            ),
            Link(
                "/data/imports",
                N_("Импорт"),
                N_("Клиенты, товары и заказы из таблиц"),
                "database",
                P.DATA_IMPORT,
            ),
            Link(
                "/privacy",
                N_("Запросы людей и акты"),
                N_("Показать, исправить, уничтожить: сроки по 152-ФЗ"),
                "shield-check",
                P.SUBJECT_APPROVE,
            ),
            Link(
                "/privacy/pack",
                N_("Пакет для проверки"),
                N_("Реестры и акты одним подписанным архивом"),
                "package",
                P.EVIDENCE_READ,
            ),
            Link(
                "/admin/hands",
                N_("Второй человек"),
                N_("Согласие коллеги: ключи, места копий, пакет для проверки"),
                "users",
                P.BOX_MANAGE,
            ),
        ),
    ),
    (
        N_("Связь с другими"),
        (
            Link(
                "/admin/integrations",
                N_("Интеграции"),
                N_("Службы и магазины: как идёт обмен, что ждёт, что не вышло"),
                "link",
                P.PLUGIN_MANAGE,
            ),
            Link(
                "/admin/plugins",
                N_("Плагины"),
                N_("Что подключено к Коробке и что ему можно"),
                "puzzle",
                P.PLUGIN_MANAGE,
            ),
            Link(
                "/admin/programs",
                N_("Доступ программ"),
                N_("Ключи API: что программе можно и кого она видит"),
                "key-round",
                P.KEY_MANAGE,
            ),
            Link(
                "/admin/webhooks",
                N_("Вебхуки"),
                N_("Кому Коробка сообщает о событиях"),
                "send",
                P.KEY_MANAGE,
            ),
        ),
    ),
)
"""Pages of settings, by what they are for."""


@get(HOME)
async def hub(request: WebRequest) -> Response[Any]:
    """Show what the reader may set."""
    reader = reader_of(request)
    codes = await desk.names(reader.actor)
    return draw(
        request,
        reader,
        "admin/hub.html",
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        groups=_groups(reader),
    )


def _groups(reader: Reader) -> list[tuple[str, list[Link]]]:
    shown = [
        (reader._(title), [one for one in links if reader.may(one.right)])
        for title, links in GROUPS
    ]
    return [(title, links) for title, links in shown if links]


HANDLERS: Final = (hub, admin_fields.FieldPages, admin_tabs.TabPages)
