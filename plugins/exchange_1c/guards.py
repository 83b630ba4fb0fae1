"""Guards against a mistake in 1C: a file that would change too much waits for a person's yes."""

import msgspec

from plugins.exchange_1c.records import Offer


class GuardSettings(msgspec.Struct, frozen=True, kw_only=True):
    """When a file is held (reference 12.6). Shares in percent; 0 switches a guard off."""

    hidden_percent: int = 20
    hidden_most: int = 500
    zeroed_percent: int = 30
    price_change_percent: int = 50
    price_goods_percent: int = 10
    small: int = 100
    """A catalogue of fewer goods is not guarded by shares: one good may be a tenth of it."""


SAMPLES = 20
"""Changes of a file that a person is shown before he decides."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One change that a file would make: `says` a code of texts; kopecks or thousandths."""

    says: str
    id: str
    was: int = 0
    now: int = 0


class Forecast(msgspec.Struct, kw_only=True):
    """What a file would do, counted before anything is done.

    Attributes:
        known: goods remembered before the file; `goods`, `offers`: read from it.
        priced: offers whose price was known and comes again; `repriced`: by more than the limit.
        stocked: offers that had stock and get a figure; `zeroed`: it is nothing.
        names_late: a part of the classifier stands behind goods or offers.
    """

    known: int = 0
    goods: int = 0
    offers: int = 0
    groups: int = 0
    created: int = 0
    changed: int = 0
    same: int = 0
    hidden: int = 0
    priced: int = 0
    repriced: int = 0
    price_gone: int = 0
    stocked: int = 0
    zeroed: int = 0
    has_classifier: bool = False
    has_catalogue: bool = False
    names_late: bool = False
    samples: list[Sample] = []

    def sample(self, says: str, own: str, was: int = 0, now: int = 0) -> None:
        """Keep a change to be shown; the first ones are enough to see what happened."""
        if len(self.samples) < SAMPLES:
            self.samples.append(Sample(says=says, id=own, was=was, now=now))

    @property
    def differs(self) -> bool:
        """Whether applying would change anything."""
        return self.created + self.changed > 0


def judged(seen: Forecast, rules: GuardSettings) -> list[str]:
    """Codes of the guards that a file runs into; none: it may be applied."""
    found: list[str] = []
    large = seen.known >= rules.small
    if rules.hidden_most and seen.hidden > rules.hidden_most:
        found.append("hidden_many")
    elif large and _over(seen.hidden, seen.known, rules.hidden_percent):
        found.append("hidden_share")
    if seen.stocked >= rules.small and _over(seen.zeroed, seen.stocked, rules.zeroed_percent):
        found.append("stock_zeroed")
    if seen.priced >= rules.small and _over(seen.repriced, seen.priced, rules.price_goods_percent):
        found.append("prices_jump")
    if large and seen.has_catalogue and not seen.goods:
        found.append("catalogue_empty")
    if large and seen.has_classifier and not seen.groups and not seen.goods and not seen.offers:
        found.append("classifier_empty")
    return found


def _over(part: int, whole: int, percent: int) -> bool:
    return percent > 0 and whole > 0 and part * 100 > whole * percent


def compare_prices(seen: Forecast, former: Offer, new: Offer, rules: GuardSettings) -> None:
    """Count what the new prices of an offer mean next to the former ones."""
    if not former.prices or new.prices is None:
        return
    before = {(one.kind, one.unit): one.amount for one in former.prices}
    seen.priced += 1
    for one in new.prices:
        was = before.get((one.kind, one.unit))
        if was and one.amount == 0:
            seen.price_gone += 1
        if was and _over(abs(one.amount - was), was, rules.price_change_percent):
            seen.repriced += 1
            seen.sample("sample_price", new.id, was, one.amount)
            return


def total(offer: Offer) -> int | None:
    """Thousandths in all; None where the offer says nothing of stock."""
    if offer.stock is not None:
        return sum(figure for _, figure in offer.stock)
    return offer.total_milli


def compare_stock(seen: Forecast, former: Offer, new: Offer) -> None:
    """Count what the new figures of an offer mean next to the former ones."""
    was, now = total(former), total(new)
    if was is None or was <= 0 or now is None:
        return
    seen.stocked += 1
    if now <= 0:
        seen.zeroed += 1
        seen.sample("sample_stock", new.id, was, now)
