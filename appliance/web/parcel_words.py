"""Parcels in words: states, what the buyer gets, how long it takes."""

from collections.abc import Mapping
from typing import Final

from appliance.domain import formats
from appliance.domain.formats import Language
from appliance.domain.parcels import Gives, State
from appliance.web import texts
from appliance.web.shell import N_

STATES: Final[Mapping[State, tuple[str, str, str]]] = {
    State.CHOSEN: (N_("тариф выбран"), "grey", "ring"),
    State.DRAFT: (N_("заявка у перевозчика"), "info", "ring"),
    State.REGISTERED: (N_("заявка принята"), "info", "dot"),
    State.ACCEPTED: (N_("принята к перевозке"), "info", "dot"),
    State.IN_TRANSIT: (N_("в пути"), "info", "dot"),
    State.OUT_FOR_DELIVERY: (N_("у курьера"), "info", "dot"),
    State.READY_FOR_PICKUP: (N_("ждёт в пункте"), "accent", "half"),
    State.DELIVERED: (N_("вручена"), "ok", "check"),
    State.ATTEMPT_FAILED: (N_("не удалось вручить"), "warn", "half"),
    State.RETURNING: (N_("возвращается"), "warn", "half"),
    State.RETURNED: (N_("вернулась"), "bad", "cross"),
    State.LOST: (N_("потеряна"), "bad", "cross"),
    State.CANCELLED: (N_("заявка отменена"), "grey", "cross"),
    State.ERROR: (N_("перевозчик отказал"), "bad", "cross"),
}
"""State → its word, and the look of its mark."""
GIVES: Final[Mapping[str, str]] = {
    Gives.DOOR.value: N_("до двери"),
    Gives.POINT.value: N_("до пункта"),
    Gives.LOCKER.value: N_("до постамата"),
    Gives.SHOP.value: N_("самовывоз"),
}
DEEDS: Final[Mapping[str, str]] = {
    "book": N_("оформляем"),
    "cancel": N_("отменяем"),
    "refuse": N_("просим вернуть"),
    "label": N_("печатаем этикетку"),
}

REQUESTS: Final[Mapping[str, str]] = {"made": N_("оформлена"), "stale": N_("устарела")}


def state(code: str, language: Language) -> str:
    """A state in words; a code nobody knows as it is."""
    if code not in set(State):
        return code
    return texts.catalogue(language).gettext(STATES[State(code)][0])


def days(least: int, most: int, language: Language) -> str:
    """«2–4 дня»; empty where the carrier does not say."""
    if not most:
        return texts.catalogue(language).gettext("сегодня") if least == most == 0 else ""
    word = texts.catalogue(language).ngettext("%(num)s день", "%(num)s дней", most)
    told = str(most) if least in (0, most) else f"{least}–{most}"
    if least == 0:
        told = f"0–{most}"
    return word % {"num": told}


def kilograms(grams: int, language: Language) -> str:
    """Grams as kilograms are typed."""
    return formats.quantity(grams, language)


def centimetres(*sizes_mm: int) -> str:
    """Sizes as they are typed: 30 × 20 × 10; empty where nobody measured."""
    if not all(sizes_mm):
        return ""
    return " × ".join(f"{one / 10:g}" for one in sizes_mm)
