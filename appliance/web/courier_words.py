"""What a courier says in one word."""

from collections.abc import Mapping
from typing import Final

from appliance.domain.courier import MarkKind, Refusal
from appliance.web.shell import N_

REFUSALS: Final[Mapping[str, str]] = {
    Refusal.ABSENT: N_("Никого нет дома"),
    Refusal.LATER: N_("Попросили привезти позже"),
    Refusal.CHANGED_MIND: N_("Передумали"),
    Refusal.WRONG_GOODS: N_("Не тот товар"),
    Refusal.DAMAGED: N_("Товар повреждён"),
    Refusal.PRICE: N_("Не устроила цена"),
}
"""Why a buyer did not take an order."""

MARKS: Final[Mapping[str, str]] = {
    MarkKind.CASH: N_("вручено, наличными"),
    MarkKind.CARD: N_("вручено, картой"),
    MarkKind.PLAIN: N_("вручено"),
    MarkKind.REFUSED: N_("отказ"),
}
"""What waits in the phone to be sent."""
