"""How far a payment by link came, in words; what a card prints of it."""

from typing import Any, Final

from appliance.domain import formats
from appliance.domain.desk import OrderScreen
from appliance.domain.paying import SETTLED, AttemptState, AttemptView
from appliance.plugin_host import sentences
from appliance.web.answers import WebRequest, site_of
from appliance.web.screens import Reader
from appliance.web.shell import N_

STATES: Final = {
    AttemptState.CREATED: (N_("создаётся"), "info", "half"),
    AttemptState.PENDING: (N_("ждёт оплаты"), "info", "ring"),
    AttemptState.AUTHORIZED: (N_("деньги удержаны"), "warn", "half"),
    AttemptState.PAID: (N_("оплачена"), "ok", "check"),
    AttemptState.PARTLY_REFUNDED: (N_("возвращена часть"), "warn", "check"),
    AttemptState.REFUNDED: (N_("деньги возвращены"), "grey", "check"),
    AttemptState.CANCELLED: (N_("отменена"), "grey", "cross"),
    AttemptState.EXPIRED: (N_("срок истёк"), "grey", "cross"),
    AttemptState.FAILED: (N_("не прошла"), "bad", "cross"),
}
"""State → words, tone, shape."""
REASONS: Final = {
    "insufficient_funds": N_("не хватило денег"),
    "card_expired": N_("срок карты истёк"),
    "invalid_card_number": N_("неверный номер карты"),
    "invalid_csc": N_("неверный код карты"),
    "3d_secure_failed": N_("не пройдено подтверждение банка"),
    "issuer_unavailable": N_("банк покупателя не ответил"),
    "call_issuer": N_("банк покупателя отказал"),
    "general_decline": N_("отказ без причины"),
    "fraud_suspected": N_("подозрение на мошенничество"),
    "payment_method_limit_exceeded": N_("превышен лимит способа оплаты"),
    "payment_method_restricted": N_("способ оплаты заблокирован"),
    "country_forbidden": N_("карта страны не принимается"),
    "identification_required": N_("кошелёк не подтверждён"),
    "permission_revoked": N_("покупатель отозвал разрешение"),
    "canceled_by_merchant": N_("отменена магазином"),
    "expired_on_confirmation": N_("не оплатили вовремя"),
    "expired_on_capture": N_("деньги не списали вовремя"),
    "internal_timeout": N_("сбой у платёжной системы"),
    "unsupported_mobile_operator": N_("оператор связи не поддерживается"),
    "taken_back": N_("отменена нами"),
}


def context(request: WebRequest, reader: Reader, found: OrderScreen) -> dict[str, Any]:
    """What the block «Оплата» of a card prints of links: the newest, where it says something."""
    newest = found.pays[0] if found.pays else None
    link = None
    if newest is not None and newest.state not in (*SETTLED, AttemptState.CANCELLED):
        state, tone, shape = STATES[newest.state]
        link = {
            "amount": formats.money(newest.amount, reader.language),
            "state": reader._(state),
            "tone": tone,
            "shape": shape,
            "why": reason(request, reader, newest),
            "open": newest.state is AttemptState.PENDING,
        }
    return {"pays_by_link": bool(found.pays) or bool(providers(request)), "pay_link": link}


def providers(request: WebRequest) -> list[str]:
    """Plugins that take payments and run now."""
    host = site_of(request).desk
    return [] if host is None else list(host.providing("payments"))


def is_starting(request: WebRequest, plugin: str) -> bool:
    """Whether the plugin that is to make a link will be up in a moment."""
    host = site_of(request).desk
    return host is not None and host.is_starting(plugin)


def reason(request: WebRequest, reader: Reader, one: AttemptView) -> str:
    """Why it did not come off, in words; a code of the plugin's by the plugin's own texts."""
    if not one.reason:
        return ""
    if one.reason in REASONS:
        return reader._(REASONS[one.reason])
    host = site_of(request).desk
    folder = None if host is None else host.shelf.folder(one.plugin)
    return sentences.said(folder, one.reason, {}, reader.language)
