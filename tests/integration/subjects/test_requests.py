"""From the request to the end of the pause: who may do what, and that the person is nowhere."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from appliance.actions import (
    customers,
    destruction,
    duplicates,
    orders,
    subjects,
    upkeep,
)
from appliance.domain.customers import CustomerFilter
from appliance.domain.health import Queue, State, Terms, judge
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal
from appliance.domain.subjects import DestructionRules, RequestKind, RequestState
from appliance.errors import Conflict, Denied, Invalid, NotFound
from appliance.storage import settings
from appliance.storage.statements import execute
from tests.house_fixture import SHOP, TestHouse
from tests.integration.clients.people import phone
from tests.integration.orders.drafts import draft as order_draft
from tests.integration.subjects.scene import (
    NAME,
    PHONE,
    Machine,
    agreed,
    approver,
    asked,
    officer,
    somebody,
)
from tests.tui.test_health import MACHINE, NOW

pytestmark = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


async def test_two_others_agree_and_only_then_the_pause_begins(house: TestHouse) -> None:
    person = await somebody(house)
    found = await subjects.find(officer(house), person.number)
    assert found.cells["contacts"] == 2
    assert {"name", "address", "comment"} <= set(found.categories)
    request = await asked(house, person)
    assert (request.state, request.needed, request.code_needed) == (RequestState.BLOCKED, 2, False)
    assert (request.norm, request.pause_hours) == ("21.5.1", 72)
    assert request.shown.reveal() == f"З. Е. № {person.number}"
    with pytest.raises(Denied) as own:
        await subjects.approve(officer(house), request.number)
    assert own.value.code == "approve_own"
    with pytest.raises(Denied) as same:
        await subjects.approve(approver(house, "head")._replace(session="0fficer0"), request.number)
    assert same.value.code == "approve_same_session"
    with pytest.raises(Denied) as asleep:
        await subjects.approve(approver(house, "head")._replace(step_up=False), request.number)
    assert asleep.value.code == "step_up_needed"
    with pytest.raises(Denied):
        await subjects.approve(house.actor_for("seller"), request.number)
    one = await subjects.approve(approver(house, "head"), request.number)
    assert (one.state, len(one.approvals)) == (RequestState.BLOCKED, 1)
    with pytest.raises(Conflict) as twice:
        await subjects.approve(approver(house, "head"), request.number)
    assert twice.value.code == "approved_already"
    both = await subjects.approve(approver(house, "administrator"), request.number)
    assert (both.state, both.cooling_left) == (RequestState.COOLING, 72 * 3600)


async def test_who_is_blocked_is_found_shown_and_exported_nowhere(house: TestHouse) -> None:
    person = await somebody(house)
    head = house.actor_for("head")
    placed = await orders.place(
        house.system, order_draft("zab-1", customer_ref=CustomerRef(number=person.number))
    )
    await asked(house, person)
    assert await customers.search(head, NAME) == []
    assert await customers.search(head, PHONE) == []
    assert await customers.find_owner(head, PHONE) == []
    assert (await customers.list_page(head, CustomerFilter(), page=1, limit=20)).rows == ()
    with pytest.raises(NotFound):
        await customers.get(house.shop_key(), SHOP, CustomerRef(number=person.number))
    assert (await duplicates.suggest(head, (phone(PHONE),))).found == ()
    card = (await customers.open_by_number(head, person.number)).customer
    assert (card.state, card.name, card.contacts) == ("blocked", None, ())
    seen = await orders.open_card(head, placed.order_id)
    assert seen.total and NAME not in repr(seen)


async def test_the_pause_counts_what_the_machine_ran_and_no_clock_hurries_it(
    house: TestHouse,
) -> None:
    person = await somebody(house)
    request = await asked(house, person)
    await agreed(house, request.number)
    machine = Machine()
    assert await machine.run(house, 71) == []
    house.clock.pass_(days=365)  # set forward by a year
    assert await machine.run(house, 0.5) == []
    machine.boot, machine.ms = (
        "two",
        90_000_000_000,
    )  # started anew
    assert await machine.run(house, 0) == []
    house.clock.pass_(days=-730)  # and back
    with pytest.raises(Conflict) as early:
        await destruction.begin(house.system, (await _due(house, request.number)))
    assert early.value.code == "destroy_cooling"
    assert await machine.run(house, 0.6) == [request.number]


async def _due(house: TestHouse, number: int) -> UUID:
    rows = await house.rows("SELECT id FROM subject_request WHERE number = {}", number)
    assert isinstance(rows[0][0], UUID)
    return rows[0][0]


async def test_the_pause_is_a_day_at_least_whatever_is_set(house: TestHouse) -> None:
    with pytest.raises(Invalid):
        await subjects.set_rules(approver(house, "head"), DestructionRules(pause_hours=0))
    await house.write(_stored_by_hand)
    person = await somebody(house)
    request = await asked(house, person)
    assert (await agreed(house, request.number)).cooling_left == 24 * 3600


async def _stored_by_hand() -> None:
    await settings.put("destruction.rules", DestructionRules(pause_hours=0))


async def test_an_approval_that_waited_three_days_does_not_count(house: TestHouse) -> None:
    person = await somebody(house)
    request = await asked(house, person)
    await subjects.approve(approver(house, "head"), request.number)
    house.clock.pass_(hours=73)
    late = await subjects.approve(approver(house, "administrator"), request.number)
    assert late.state is RequestState.BLOCKED
    assert [one.stands for one in late.approvals] == [False, True]
    again = await subjects.approve(approver(house, "head"), request.number)
    assert again.state is RequestState.COOLING


async def test_a_refused_request_brings_the_person_back_as_he_was(house: TestHouse) -> None:
    person = await somebody(house)
    request = await asked(house, person)
    with pytest.raises(Conflict) as second:
        await asked(house, person)
    assert second.value.code == "request_exists"
    with pytest.raises(Invalid):
        await subjects.refuse(officer(house), request.number, Personal(" "))
    back = await subjects.refuse(officer(house), request.number, Personal("передумал"))
    assert (back.state, back.answer.reveal()) == (RequestState.REFUSED, "передумал")
    card = (await customers.open_by_number(house.actor_for("head"), person.number)).customer
    assert card.name is not None
    assert NAME in card.name.reveal()


async def test_a_withdrawn_consent_does_not_end_what_a_contract_needs(house: TestHouse) -> None:
    person = await somebody(house)  # asked to be called back: a contract's ground
    request = await asked(house, person, RequestKind.WITHDRAW)
    assert request.state is RequestState.OPEN
    with pytest.raises(Conflict):
        await subjects.approve(approver(house, "head"), request.number)
    blocked = await subjects.block(officer(house), request.number)
    assert blocked.state is RequestState.BLOCKED


async def test_terms_are_those_of_the_law(house: TestHouse) -> None:
    person = await somebody(house)
    access = await subjects.request(
        officer(house), person.number, RequestKind.ACCESS, received_on=date(2026, 1, 30)
    )
    assert access.due_on == date(2026, 2, 13)  # a Friday, ten working days on
    longer = await subjects.extend(officer(house), access.number)
    assert longer.due_on == date(2026, 2, 20)
    with pytest.raises(Conflict):
        await subjects.extend(officer(house), access.number)
    ended = await subjects.answer(officer(house), access.number, Personal("выдана справка"))
    assert ended.state is RequestState.CLOSED


async def test_a_term_that_runs_out_is_red_and_told_of_to_more_people_every_day(
    house: TestHouse,
) -> None:
    person = await somebody(house)
    view = await asked(house, person, RequestKind.ACCESS)

    async def told() -> dict[str, int]:
        await house.write(lambda: execute("DELETE FROM notice"))
        await destruction.remind(house.system)
        rows = await house.rows("SELECT user_id, entity_number FROM notice")
        names = {user: name for name, user in house.users.items()}
        return {names[user]: number for user, number in rows}  # type: ignore[index, misc]

    def line(terms: Terms) -> tuple[str, State] | None:
        found = judge(MACHINE, Queue(), (), NOW, terms=terms)
        return next(((one.code, one.state) for one in found if "terms" in one.code), None)

    assert line(Terms()) is None, "nobody asked for anything"
    assert await told() == {}
    looked = (await upkeep.look(house.system)).terms
    assert (looked.open, looked.next, line(looked)) == (
        1,
        view.due_on,
        ("terms.fine", State.OK),
    )
    house.clock.pass_(days=(view.due_on - house.clock.now.date()).days - 3)
    assert await told() == {"data_officer": view.number}
    assert line((await upkeep.look(house.system)).terms) == ("terms.near", State.BAD)
    house.clock.pass_(days=4)
    assert set(await told()) == {"data_officer", "head", "administrator"}
    assert line((await upkeep.look(house.system)).terms) == ("terms.late", State.BAD)
    await subjects.answer(officer(house), view.number, Personal("отвечено"))
    assert await told() == {}


async def test_a_request_of_the_firms_own_day_is_taken_while_it_is_yesterday_in_utc(
    house: TestHouse,
) -> None:
    person = await somebody(house)
    house.clock.now = house.clock.now.replace(hour=21, minute=30)  # half past midnight in Moscow
    day = house.clock.now.date()
    one = await subjects.request(
        officer(house), person.number, RequestKind.ACCESS, received_on=day + timedelta(days=1)
    )
    assert one.received_on == day + timedelta(days=1)
    with pytest.raises(Invalid):
        await subjects.request(
            officer(house), person.number, RequestKind.ACCESS, received_on=day + timedelta(days=2)
        )
