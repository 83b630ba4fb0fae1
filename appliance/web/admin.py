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
                "/admin/lists",
                N_("Справочники"),
                N_("Способы оплаты и доставки, виды заказов"),
                "list-collapse",
                P.REFERENCE_EDIT,
            ),
        ),
    ),
    (
        N_("Документы и письма"),
        (
            Link(
                "/admin/legal",
                N_("Свои организации"),
                N_("Реквизиты, НДС, нумерация, печать"),
                "building-2",
                P.REFERENCE_EDIT,
            ),
            Link(
                "/admin/templates",
                N_("Печатные формы"),
                N_("Счета, накладные, договоры"),
                "printer",
                P.REFERENCE_EDIT,
            ),
            Link(
                "/admin/mail",
                N_("Почта"),
                N_("Сервер, отправитель, шаблоны писем"),
                "mail",
                P.BOX_MANAGE,
            ),
        ),
    ),
    (
        N_("Каталог и склад"),
        (
            Link(
                "/catalog/feeds",
                N_("Выгрузки для магазинов"),
                N_("Что видит магазин: цены и наличие"),
                "store",
                P.FEED_MANAGE,
            ),
        ),
    ),
    (
        N_("Команда"),
        (
            Link(
                "/tasks/plans", N_("Планы"), N_("Цели месяца по сотрудникам"), "target", P.PLAN_EDIT
            ),
            Link(
                "/tasks/year",
                N_("Производственный календарь"),
                N_("Рабочие дни года"),
                "calendar-days",
                P.BOX_MANAGE,
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
                P.CUSTOMER_CREATE,
            ),
        ),
    ),
)
"""Pages of settings. One whose address this box does not have yet is left out."""


@get(HOME)
async def hub(request: WebRequest) -> Response[Any]:
    """Show what the reader may set."""
    reader = reader_of(request)
    codes = await desk.names(reader.actor)
    paths = {route.path for route in request.app.routes}
    return draw(
        request,
        reader,
        "admin/hub.html",
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        groups=_groups(reader, paths),
    )


def _groups(reader: Reader, paths: set[str]) -> list[tuple[str, list[Link]]]:
    shown = [
        (reader._(title), [one for one in links if one.href in paths and reader.may(one.right)])
        for title, links in GROUPS
    ]
    return [(title, links) for title, links in shown if links]


HANDLERS: Final = (hub, admin_fields.FieldPages, admin_tabs.TabPages)
