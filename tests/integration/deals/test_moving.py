from datetime import date

import pytest

from appliance.actions import deal_desk, deals
from appliance.domain.deals import DealChange, DealFilter, DealState
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Denied, Invalid, NotFound
from tests.house_fixture import TestHouse
from tests.integration.deals.scene import CLOTH, SET, TOTAL, client, deal, funnels, stage


async def test_a_deal_goes_from_stage_to_stage_and_the_board_keeps_count(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    made = await deal(house, lines=(SET, CLOTH))
    house.clock.pass_(days=2)
    first, second = await stage(house, "Первый контакт"), await stage(house, "Предложение")
    board = await deal_desk.board(seller, DealFilter())
    assert [(one.stage.id, one.tally.deals, one.tally.amount) for one in board.columns[:2]] == [
        (first.id, 1, TOTAL),
        (second.id, 0, 0),
    ]
    assert board.columns[0].tally.mean_age == 2 * 86_400
    moved = await deals.move(seller, made.number, second.number, 1)
    assert (moved.stage.id, moved.version) == (second.id, 2)
    board = await deal_desk.board(seller, DealFilter())
    assert [one.tally.deals for one in board.columns[:2]] == [0, 1]
    assert board.columns[1].rows[0].title == Personal("Наборы к Новому году")
    assert board.columns[1].tally.mean_age == 0


@pytest.mark.checklist(151)
async def test_every_move_is_kept_as_a_fact_of_the_funnel(house: TestHouse) -> None:
    made = await deal(house, lines=(SET,))
    house.clock.pass_(hours=5)
    to = await stage(house, "Предложение")
    await deals.move(house.actor_for("seller"), made.number, to.number)
    facts = await house.rows(
        "SELECT from_stage, to_stage, stayed, user_number FROM deal_move ORDER BY at, id"
    )
    first = await stage(house, "Первый контакт")
    assert facts == [(None, first.id, 0, 1), (first.id, to.id, 5 * 3600, 1)]


async def test_the_gate_names_what_is_missing_and_takes_it_with_the_move(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    made = await deal(house)
    offer, agree = await stage(house, "Предложение"), await stage(house, "Согласование")
    await deals.move(seller, made.number, offer.number)
    with pytest.raises(Invalid) as refused:
        await deals.move(seller, made.number, agree.number)
    assert refused.value.code == "deal_incomplete"
    assert dict(refused.value.fields) == {"amount": "deal_field_missing"}
    fill = DealChange(amount=96_000_00)
    moved = await deals.move(seller, made.number, agree.number, fill=fill)
    assert moved.stage.id == agree.id
    assert await house.rows("SELECT amount FROM deal") == [(96_000_00,)]


async def test_a_new_deal_cannot_begin_past_the_gate(house: TestHouse) -> None:
    agree = await stage(house, "Согласование")
    with pytest.raises(Invalid) as refused:
        await deal(house, stage=agree.number)
    assert refused.value.code == "deal_incomplete"
    await deal(house, stage=agree.number, amount=100)


async def test_a_stage_that_must_be_passed_is_not_skipped(house: TestHouse) -> None:
    made = await deal(house, amount=100, expected_on=date(2026, 3, 1), lines=(SET,))
    invoice = await stage(house, "Счёт отправлен")
    with pytest.raises(Invalid) as refused:
        await deals.move(house.actor_for("seller"), made.number, invoice.number)
    assert refused.value.code == "stage_skipped"
    assert refused.value.params["stage"] == "Согласование"
    assert await house.rows("SELECT count(*) FROM orders") == [(0,)]


async def test_a_stage_that_may_be_skipped_is_but_its_fields_are_asked_for(
    house: TestHouse,
) -> None:
    seller = house.actor_for("seller")
    made = await deal(house)
    agree = await stage(house, "Согласование")
    with pytest.raises(Invalid) as refused:
        await deals.move(seller, made.number, agree.number)
    assert refused.value.code == "deal_incomplete"
    await deals.move(seller, made.number, agree.number, fill=DealChange(amount=100))


@pytest.mark.checklist(87)
async def test_nothing_is_lost_without_a_reason(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    made = await deal(house)
    lost = await stage(house, "Проиграна")
    for reason in (0, 99):
        with pytest.raises(Invalid) as refused:
            await deals.move(seller, made.number, lost.number, reason=reason)
        assert refused.value.fields == {"reason": "loss_reason_missing"}
    dear = (await funnels(house)).reasons[0]
    await deals.move(seller, made.number, lost.number, reason=dear.number)
    rows = await house.rows("SELECT state, reason_id FROM deal")
    assert rows == [("lost", dear.id)]
    facts = await house.rows(
        "SELECT m.reason_id, u.number FROM deal_move m JOIN users u ON u.id = m.manager_id "
        "WHERE m.to_stage = {}",
        lost.id,
    )
    assert facts == [(dear.id, 1)]  # what the report by reason and manager is made of


async def test_a_given_up_deal_is_taken_up_again_without_its_reason(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    made = await deal(house)
    first, lost = await stage(house, "Первый контакт"), await stage(house, "Проиграна")
    await deals.move(seller, made.number, lost.number, reason=1)
    await deals.move(seller, made.number, first.number)
    rows = await house.rows("SELECT state, reason_id, closed_at FROM deal")
    assert rows == [("open", None, None)]


async def test_a_sellers_deal_is_not_found_by_another_seller(house: TestHouse) -> None:
    made = await deal(house)
    rival = house.actor_for("rival")
    offer = await stage(house, "Предложение")
    for attempt in (
        lambda: deal_desk.card(rival, made.number),
        lambda: deals.move(rival, made.number, offer.number),
        lambda: deals.edit(rival, made.number, DealChange(amount=1)),
        lambda: deals.undo_move(rival, made.number),
    ):
        with pytest.raises(NotFound) as refused:
            await attempt()
        assert refused.value.code == "deal_not_found"
    assert not (await deal_desk.board(rival, DealFilter())).columns[0].rows
    assert await deal_desk.numbered(rival, made.number) is None
    assert (await deal_desk.card(house.actor_for("head"), made.number)).deal.row.amount == 0


async def test_nobody_makes_a_deal_of_a_client_out_of_his_reach(house: TestHouse) -> None:
    hers = await client(house, "seller")
    with pytest.raises(NotFound) as refused:
        await deal(house, "rival", customer_number=hers)
    assert refused.value.code == "customer_not_found"
    with pytest.raises(Denied):
        await deal(house, "storekeeper", customer_number=hers)


async def test_two_people_on_one_deal_do_not_overwrite_each_other(house: TestHouse) -> None:
    made = await deal(house)
    offer, lost = await stage(house, "Предложение"), await stage(house, "Проиграна")
    await deals.move(house.actor_for("head"), made.number, offer.number, 1)
    for attempt in (
        lambda: deals.move(house.actor_for("seller"), made.number, lost.number, 1, reason=1),
        lambda: deals.edit(house.actor_for("seller"), made.number, DealChange(amount=1), 1),
    ):
        with pytest.raises(Conflict) as refused:
            await attempt()
        assert refused.value.code == "deal_changed"


async def test_an_own_move_is_taken_back_and_anothers_is_not(house: TestHouse) -> None:
    seller, head = house.actor_for("seller"), house.actor_for("head")
    made = await deal(house)
    first, offer = await stage(house, "Первый контакт"), await stage(house, "Предложение")
    with pytest.raises(Conflict):
        await deals.undo_move(seller, made.number)  # it has only begun
    await deals.move(seller, made.number, offer.number)
    with pytest.raises(Conflict) as refused:
        await deals.undo_move(head, made.number)
    assert refused.value.code == "nothing_to_undo"
    assert (await deals.undo_move(seller, made.number)).stage.id == first.id


async def test_a_title_is_sealed_and_its_history_too(house: TestHouse) -> None:
    made = await deal(house, title=Personal("Юбилей Вещуновой"), note=Personal("звонить сыну"))
    await deals.edit(
        house.actor_for("seller"), made.number, DealChange(title=Personal("Юбилей Птицыной"))
    )
    for table in ("deal", "deal_line", "deal_move", "change_entry", "event_delivery"):
        for row in await house.rows(f"SELECT * FROM {table}"):  # noqa: S608  names of tables
            told = b" ".join(one if isinstance(one, bytes) else str(one).encode() for one in row)
            for word in ("Вещунов", "Птицын", "сыну"):
                assert word.encode() not in told
    card = await deal_desk.card(house.actor_for("seller"), made.number)
    assert card.deal.row.title == Personal("Юбилей Птицыной")
    assert card.deal.note == Personal("звонить сыну")


async def test_deals_of_one_column_are_shown_by_key_each_once(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    who = await client(house)
    made = {(await deal(house, customer_number=who, amount=n)).number for n in range(1, 8)}
    board = await deal_desk.board(seller, DealFilter(), limit=3)
    column = board.columns[0]
    assert column.tally.deals == 7
    seen = [one.number for one in column.rows]
    after = column.after
    while after:
        more = await deal_desk.column(seller, DealFilter(), column.stage.number, after, limit=3)
        seen += [one.number for one in more.column.rows]
        after = more.column.after
    assert len(seen) == 7
    assert set(seen) == made


async def test_a_filter_narrows_figures_as_it_narrows_cards(house: TestHouse) -> None:
    head = house.actor_for("head")
    who = await client(house)
    await deal(house, customer_number=who, amount=100)
    await deal(house, customer_number=who, amount=300)
    await deal(house, "head", amount=500)
    for asked, count, total in (
        (DealFilter(), 3, 900),
        (DealFilter(managers=(1,)), 2, 400),
        (DealFilter(mine=True), 1, 500),
        (DealFilter(min_amount=200), 2, 800),
        (DealFilter(text="Сухов"), 0, 0),  # the index knows nobody here
    ):
        column = (await deal_desk.board(head, asked)).columns[0]
        assert (column.tally.deals, column.tally.amount, len(column.rows)) == (count, total, count)
        page = await deal_desk.page(head, asked)
        assert (page.tally.deals, len(page.rows)) == (count, count)


async def test_a_deal_changes_hands_with_its_figures(house: TestHouse) -> None:
    made = await deal(house, amount=700)
    with pytest.raises(Denied):
        await deals.assign(house.actor_for("seller"), made.number, 2)
    await deals.assign(house.actor_for("head"), made.number, 2)
    with pytest.raises(NotFound):
        await deal_desk.card(house.actor_for("seller"), made.number)
    column = (await deal_desk.board(house.actor_for("rival"), DealFilter())).columns[0]
    assert (column.tally.deals, column.tally.amount) == (1, 700)
    assert column.rows[0].state is DealState.OPEN
