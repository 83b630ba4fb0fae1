"""Why a colleague leads an order, and how one is chosen, in words."""

from collections.abc import Mapping
from typing import Final

from appliance.domain.assignment import Reason, Spreading
from appliance.web.shell import N_

WAYS: Final[Mapping[Spreading, str]] = {
    Spreading.LEAST_LOADED: N_("наименее загруженному"),
    Spreading.ROUND_ROBIN: N_("по кругу"),
    Spreading.RANDOM: N_("случайно"),
    Spreading.QUEUE: N_("в очередь, берут сами"),
    Spreading.NOBODY: N_("никому, назначает руководитель"),
}
REASONS: Final[Mapping[Reason, str]] = {
    Reason.CLIENT_OWNER: N_("ведёт клиента"),
    Reason.EXPLICIT: N_("назначен"),
    Reason.CREATOR: N_("записал заказ"),
    Reason.ROUND_ROBIN: N_("его очередь по кругу"),
    Reason.LEAST_LOADED: N_("меньше всего заказов"),
    Reason.RANDOM: N_("случайный выбор"),
    Reason.QUEUE: N_("ждёт в очереди"),
    Reason.SHOP: N_("ответственный за магазин"),
    Reason.TAKEN: N_("взял из очереди"),
    Reason.NOBODY: N_("никому"),
}
