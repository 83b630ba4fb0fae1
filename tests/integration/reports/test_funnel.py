"""The funnel says what a hand counts of the same deals."""

from datetime import date, datetime

import pytest

from appliance.actions import deals, reports
from appliance.domain.reports import Funnel, Span
from tests.house_fixture import TestHouse
from tests.integration.deals.scene import deal, stage

ZONE = "Europe/Moscow"
HOUR = 3600


def _days(since: datetime, until: datetime) -> Span:
    return Span(date(since.year, since.month, since.day), date(until.year, until.month, until.day))


def _told(funnel: Funnel) -> dict[str, tuple[int, int, int, int, int | None]]:
    return {
        one.name: (one.entered, one.amount, one.left, one.lost, one.stayed)
        for one in funnel.stages
        if one.entered or one.left
    }


@pytest.mark.checklist(151)
async def test_the_funnel_says_what_a_hand_counts(house: TestHouse) -> None:
    """Five deals of two sellers.

    | deal | seller | sum | way, and the hours it stayed before each step |
    |---|---|---|---|
    | 1 | seller | 1 000 | contact, 4 h, offer, 6 h, lost «first reason» |
    | 2 | seller | 2 000 | contact, 8 h, offer |
    | 3 | seller | 3 000 | contact, 6 h, offer, 1 h, contact, 2 h, offer: counted once |
    | 4 | rival | 4 000 | contact, 11 h, lost half an hour before midnight |
    | 5 | rival | 5 000 | contact, a week later, outside the days asked for: offer |
    """
    began = house.clock.now
    names = ("Первый контакт", "Предложение", "Проиграна")
    contact, offer, lost = [await stage(house, name) for name in names]
    sellers = ("seller", "seller", "seller", "rival", "rival")
    made = [await deal(house, who, amount=1_000_00 * (at + 1)) for at, who in enumerate(sellers)]
    steps = (  # hours since the beginning, deal, stage
        (4, 1, offer), (6, 3, offer), (7, 3, contact), (8, 2, offer), (9, 3, offer),
        (10, 1, lost), (11, 4, lost),
    )  # fmt: skip
    passed = 0
    for hours, which, to in steps:
        house.clock.pass_(hours=hours - passed)
        passed = hours
        who, reason = sellers[which - 1], int(to is lost)
        await deals.move(house.actor_for(who), made[which - 1].number, to.number, reason=reason)
    span = _days(began, house.clock.now)
    house.clock.pass_(days=7)
    await deals.move(house.actor_for("rival"), made[4].number, offer.number)

    head = await reports.funnel(house.actor_for("head"), span, ZONE)
    left_contact = (4 + 6 + 8 + 2 + 11) * HOUR // 5
    assert _told(head) == {
        "Первый контакт": (5, 15_000_00, 5, 1, left_contact),
        "Предложение": (3, 6_000_00, 2, 1, (6 + 1) * HOUR // 2),
        "Проиграна": (2, 5_000_00, 0, 0, None),
    }
    assert [(many, amount) for _, many, amount in head.reasons] == [(2, 5_000_00)]
    mine = await reports.funnel(house.actor_for("seller"), span, ZONE)
    assert _told(mine) == {
        "Первый контакт": (3, 6_000_00, 4, 0, (4 + 6 + 8 + 2) * HOUR // 4),
        "Предложение": (3, 6_000_00, 2, 1, (6 + 1) * HOUR // 2),
        "Проиграна": (1, 1_000_00, 0, 0, None),
    }
    week = _days(began, house.clock.now)
    later = await reports.funnel(house.actor_for("head"), week, ZONE, stage=offer.number)
    stayed = (4 + 6 + 8 + 2 + 11 + 11 + 7 * 24) * HOUR // 6
    assert _told(later)["Первый контакт"] == (5, 15_000_00, 6, 1, stayed)
    # Behind a stage stand the deals that came to it, newest first, each time they came.
    assert [one.number for one in later.deals] == [made[at].number for at in (4, 2, 1, 2, 0)]
