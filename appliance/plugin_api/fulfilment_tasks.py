"""Reporting on an order at an operator, with a task for people where it needs them."""

from typing import Final

from appliance.domain.personal import Personal
from appliance.plugin_api.core import Core
from appliance.plugin_api.fulfilments import FulfilmentReport, FulfilmentTaken

TASKS: Final = {
    "shortage": "У оператора не хватает товара для заказа № {number}",
    "refused": "Оператор не принял заказ № {number}",
    "too_late": "Оператор уже не может отменить заказ № {number}",
    "changed_late": "Заказ № {number} изменён, когда оператор уже собирал его",
    "cancelled_there": "Оператор сам отменил заказ № {number}",
    "returned": "Заказ № {number} вернулся на склад оператора",
    "differs": "Оператор отгрузил по заказу № {number} не то, что в заказе",
    "shipped_closed": "Оператор отгрузил заказ № {number}, который здесь уже закрыт",
}
"""Trouble of a report → title of the task about it."""


async def tell(core: Core, report: FulfilmentReport) -> FulfilmentTaken:
    """Report to the box; a trouble becomes a task, one while it is open."""
    taken = await core.fulfilment_report(report)
    if taken.trouble in TASKS and taken.order_id is not None:
        title = TASKS[taken.trouble].format(number=taken.order_number)
        await core.task(
            f"{taken.trouble}:{taken.order_id}",
            Personal(title),
            Personal(f"Ответ оператора: {report.reason}" if report.reason else ""),
            order_id=taken.order_id,
        )
    return taken
