"""CDEK: priced, asked for once whatever happens, followed by the event's time, taken back."""

import json
from typing import Any

import msgspec
import pytest

from appliance.plugin_api.core import PAUSED
from appliance.plugin_api.fakes import FakePush, FakeReply, FakeRequest, said
from appliance.plugin_api.handing import (
    CourierAsked,
    CourierCalled,
    Papers,
    PapersAsked,
)
from appliance.plugin_api.hooks import RouteRequest
from appliance.plugin_api.messages import Account
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_api.parcels import Box as Packed
from appliance.plugin_api.parcels import Done, Found, Offers, Points, PointsAsked, QuoteAsked
from appliance.plugin_api.testing import Box
from plugins import logistics_cdek
from plugins.logistics_cdek import booking, following, printing, quoting, statuses
from tests.plugins.logistics_cdek.sides import PUBLIC, WORD, Sides
from tests.plugins.loosely import loosen

ASKED = QuoteAsked(city="Тверь", index="170000", box=Packed(grams=1250), declared=2700_50)


async def push(sides: Sides, one: FakePush) -> int:
    rest = one.path.rpartition("/")[2]
    request = RouteRequest(route="hook", method="POST", rest=rest, body=one.body)
    return (await logistics_cdek.hook(request, sides.box.core())).status


@pytest.mark.checklist(49)
@pytest.mark.checklist(64)
async def test_of_each_kind_the_cheapest_and_the_fastest_are_offered() -> None:
    sides = Sides()
    said: Offers = await sides.box.ask(logistics_cdek.quote, "carrier.quote", ASKED)
    assert {(one.tariff, one.gives, one.cost, one.days_max) for one in said.offers} == {
        ("136", "point", 240_00, 4),
        ("483", "point", 500_00, 1),
        ("137", "door", 430_00, 4),
        ("368", "locker", 225_00, 5),
    }
    assert [one.points for one in said.offers if one.gives == "door"] == [False]
    collected = Sides(shipment_point="", from_address="Тверская, 5")
    fetched = await collected.box.ask(logistics_cdek.quote, "carrier.quote", ASKED)
    assert {one.tariff for one in fetched.offers} == {"138", "139"}
    chosen = Sides(tariffs="136, 137")
    few = await chosen.box.ask(logistics_cdek.quote, "carrier.quote", ASKED)
    assert {one.tariff for one in few.offers} == {"136", "137"}
    nowhere = msgspec.structs.replace(ASKED, city="Нигдевск", index="")
    none = await sides.box.ask(logistics_cdek.quote, "carrier.quote", nowhere)
    assert (none.offers, none.trouble) == ((), "city_unknown")


async def test_points_come_by_the_towns_code_and_lockers_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sides = Sides()
    found: Points = await sides.box.ask(
        logistics_cdek.points, "carrier.points", PointsAsked(account="main", city="тверь")
    )
    assert {(one.code, one.kind, one.cash) for one in found.points} == {
        ("TVR1", "point", True),
        ("TVR2", "point", True),
        ("TVR9", "locker", False),
    }
    monkeypatch.setattr(quoting, "PAGE", 2)
    paged = await sides.box.ask(
        logistics_cdek.points, "carrier.points", PointsAsked(account="main", city="тверь")
    )
    assert paged == found


@pytest.mark.checklist(49)
@pytest.mark.checklist(118)
async def test_a_request_is_made_when_it_has_a_number_and_its_label_is_printed() -> None:
    sides = Sides()
    await sides.wish("book")
    (order,) = sides.fake.orders.values()
    assert (order.asked["number"], order.asked["delivery_point"]) == ("1044-7", "TVR1")
    assert order.asked["recipient"]["phones"] == [{"number": "+79120001234"}]
    (package,) = order.asked["packages"]
    assert (package["weight"], package["length"], package["height"]) == (1250, 31, 10)
    assert [(one["amount"], one["payment"]["value"], one["cost"]) for one in package["items"]] == [
        (2, 0, 1200.0),
        (1, 0, 300.5),
    ]
    assert (sides.parcel.state, sides.parcel.track) == ("registered", order.number)
    assert sides.reports[-1].billed == 243_50
    assert [one.state for one in sides.steps.values()] == ["registered", "registered"]
    await sides.wish("label")
    assert sides.labels[0].startswith(b"%PDF")
    sent = len(sides.reports)
    await sides.wish("look")  # asks how it is, and does nothing there
    assert sides.asked("POST", "/v2/orders") == 1 and len(sides.reports) == sent + 1
    assert "Сухова" not in str(sides.box.journal) and "79120001234" not in str(sides.box.journal)


@pytest.mark.parametrize("trouble", ["lost", "failing", "too_many", "html", "garbled"])
async def test_a_lost_answer_makes_no_second_request(trouble: Any) -> None:
    sides = Sides()
    if sides.checked is not None:
        sides.checked.trouble = True
    core = sides.box.core()
    await logistics_cdek.clients.of(sides.account).ask(core, "GET", "/v2/webhooks")  # has a token
    sides.fake.fail("", 1)  # the look by our number goes through
    sides.fake.fail(trouble, 1)
    with pytest.raises((Pause, Retry)):
        await sides.wish("book")
    PAUSED.clear()  # two minutes have passed
    await sides.wish("book")
    await sides.wish("book")  # and the event came again
    assert len(sides.fake.orders) == 1
    assert sides.parcel.state == "registered"
    # What is there is looked for before anything is asked for again.
    assert sides.asked("POST", "/v2/orders") == (1 if trouble in {"lost", "garbled"} else 2)


async def test_a_request_that_was_taken_and_then_found_wrong_is_refused_with_its_reason() -> None:
    sides = Sides()
    sides.fake.refuse_with = "v2_phone_number_is_invalid"
    await sides.wish("book")
    last = sides.reports[-1]
    assert (last.done, last.state, last.trouble) == ("book", "error", "v2_phone_number_is_invalid")
    sides.fake.refuse_with = ""
    refused = {"entity": {"uuid": str(sides.uuid)}, "requests": [
        {"type": "CREATE", "state": "INVALID", "errors": [{"code": "v2_tariff_not_available"}]}
    ]}  # fmt: skip
    take, sides.fake.take = sides.fake.take, lambda request: (  # type: ignore[method-assign]
        said(refused, 202) if request.path == "/v2/orders" and request.method == "POST"
        else take(request)
    )  # fmt: skip
    if sides.checked is not None:
        sides.checked.trouble = True
    await sides.wish("book", state="draft", carrier_id="")
    last = sides.reports[-1]
    assert (last.state, last.trouble, last.carrier_id) == ("error", "v2_tariff_not_available", "")
    sides.fake.take = take  # type: ignore[method-assign]
    await sides.wish("book", state="draft", carrier_id="")  # mended, and asked again
    assert sides.parcel.state == "registered"
    assert [one.asked["number"] for one in sides.fake.orders.values()] == ["1044-7", "1044-7"]
    withheld = Sides()
    await withheld.wish("book", withheld=True, name=None, phone=None)
    assert withheld.reports[-1].trouble == "buyer_withheld" and not withheld.fake.orders


async def test_a_slow_request_waits_as_a_draft_until_the_job_looks_again() -> None:
    sides = Sides()
    sides.fake.slow_looks = 4
    await sides.wish("book")
    assert (sides.parcel.state, sides.parcel.deed) == ("draft", "book")
    await logistics_cdek.waiting(sides.box.core())
    await logistics_cdek.waiting(sides.box.core())
    assert (sides.parcel.state, sides.parcel.deed) == ("registered", "")
    assert len(sides.fake.orders) == 1


async def test_an_office_that_took_anothers_place_is_told_with_its_address() -> None:
    sides = Sides()
    sides.fake.do("close", code="TVR1")
    await sides.wish("book")
    last = sides.reports[-1]
    assert (last.point, last.point_name) == ("TVR2", "TVR2, Россия, Тверь, наб. Речная, 2")


@pytest.mark.checklist(49)
async def test_notices_are_hints_repeated_late_and_of_return_orders() -> None:
    sides = Sides()
    core = sides.box.core()
    await logistics_cdek.subscribe(core)
    await logistics_cdek.subscribe(core)
    stray = {"type": "ORDER_STATUS", "url": f"{PUBLIC}/x/logistics_cdek/hook/old"}
    sides.fake.subscriptions["5b1c1a10-9c1f-4d0e-8b1e-000000000001"] = stray
    await logistics_cdek.subscribe(core)
    assert [one["url"] for one in sides.fake.subscriptions.values()] == [
        f"{PUBLIC}/x/logistics_cdek/hook/{WORD}"
    ]
    await sides.wish("book")
    number = sides.parcel.track
    sides.fake.copies, sides.fake.reorder = 5, True
    for code in ("RECEIVED_AT_SHIPMENT_WAREHOUSE", "SENT_TO_RECIPIENT_CITY", "NEW_WORD"):
        sides.fake.do("move", number=number, code=code)
    for one in sides.fake.pushes():
        assert await push(sides, one) == 200
    assert sides.parcel.state == "in_transit"
    assert [code for code, _, _ in sides.box.journal].count("status_unknown") == 1
    sides.fake.do("give_back", number=number)
    for one in sides.fake.pushes():
        await push(sides, one)
    assert sides.parcel.state == "returning"
    sides.fake.do("move", number=f"{number}9", code="DELIVERED")
    for one in sides.fake.pushes():  # of the return order: the direct one is not delivered
        await push(sides, one)
    assert sides.parcel.state == "returned"
    cdek, sent = logistics_cdek.clients.of(sides.account), len(sides.reports)
    (back,) = [one for one in sides.fake.orders.values() if one.number == f"{number}9"]
    assert not await following.look(cdek, core, sides.parcel, back.uuid)
    assert len(sides.reports) == sent
    assert await push(sides, FakePush(path="/x/wrong-word", body=b"{}")) == 404
    assert await push(sides, FakePush(path=f"/x/{WORD}", body=b"<html>")) == 200
    told = [code for code, _, _ in sides.box.journal]
    assert (told.count("vendor.push_foreign"), told.count("hook_garbled")) == (1, 1)
    foreign = json.dumps({"type": "ORDER_STATUS", "uuid": "1"}).encode()
    assert await push(sides, FakePush(path=f"/x/{WORD}", body=foreign)) == 200


async def test_without_notices_the_job_brings_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    sides = Sides(public="")
    await logistics_cdek.subscribe(sides.box.core())
    assert not sides.fake.subscriptions
    await sides.wish("book")
    for _ in range(5):
        sides.fake.do("move", number=sides.parcel.track)
        await logistics_cdek.follow(sides.box.core())
    assert sides.parcel.state == "delivered"
    looked = len(sides.fake.requests)
    await logistics_cdek.follow(sides.box.core())
    assert len(sides.fake.requests) == looked  # what has arrived is asked for no more


async def test_numbers_as_strings_fields_gone_or_new_and_a_price_of_zero() -> None:
    strict, loose = Sides(), Sides()
    strict_said = await strict.box.ask(logistics_cdek.quote, "carrier.quote", ASKED)
    loose = Sides()
    if loose.checked is not None:
        loose.checked.trouble = True
    loosen(loose.fake)
    assert await loose.box.ask(logistics_cdek.quote, "carrier.quote", ASKED) == strict_said
    await loose.wish("book")
    assert (loose.parcel.state, loose.reports[-1].billed) == ("registered", 243_50)
    loose.fake.do("move", number=loose.parcel.track, code="RECEIVED_AT_SHIPMENT_WAREHOUSE")
    await logistics_cdek.follow(loose.box.core())
    assert loose.parcel.state == "accepted"
    take = loose.fake.take

    def poorer(request: FakeRequest) -> FakeReply:
        found = take(request)
        if request.path != "/v2/calculator/tarifflist":
            return found
        data = msgspec.json.decode(found.body)
        for one in data["tariff_codes"]:
            del one["period_min"], one["tariff_name"]
            one["delivery_sum"] = 0 if one["tariff_code"] == "136" else one["delivery_sum"]
        return said(data)

    loose.fake.take = poorer  # type: ignore[method-assign]
    found = await loose.box.ask(logistics_cdek.quote, "carrier.quote", ASKED)
    # Nobody carries a parcel for nothing: what has no price is no offer.
    assert {one.tariff for one in found.offers} == {"137", "368", "483"}


async def test_one_account_or_parcel_in_trouble_keeps_no_other_waiting() -> None:
    sides = Sides()
    if sides.checked is not None:
        sides.checked.trouble = True
    await sides.wish("book")
    sides.fake.do("move", number=sides.parcel.track)
    own, garbled = sides.parcel, msgspec.structs.replace(sides.parcel, number=6, carrier_id="x")
    silent = Account("silent", "СДЭК 2", {**sides.account.settings, "client_secret": "another"})
    sides.box = Box(accounts=[silent, sides.account])
    sides.box.answers |= {
        "parcels_open": lambda asked: Found(parcels=() if asked.after else (garbled, own)),
        "parcels_report": lambda _: Done(),
        "parcels_steps": sides._steps,
    }
    take = sides.fake.take

    def half(request: FakeRequest) -> FakeReply:
        found = take(request)
        return said({"entity": []}) if request.path == "/v2/orders/x" else found

    sides.fake.take = half  # type: ignore[method-assign]
    with pytest.raises(Retry, match="answer_garbled"):  # and the journal says so
        await logistics_cdek.follow(sides.box.core())
    assert len(sides.box.of("parcels_steps")) == 1
    # Nor does the subscription of one wait for the other's key.
    with pytest.raises(Pause):
        await logistics_cdek.subscribe(sides.box.core())
    assert len(sides.fake.subscriptions) == 1


@pytest.mark.parametrize("trouble", ["error_in_200", "html"])
async def test_a_look_that_says_nothing_makes_no_second_request_and_cancels_none(
    trouble: Any,
) -> None:
    sides = Sides()
    if sides.checked is not None:
        sides.checked.trouble = True
    await sides.wish("book")
    for deed in ("cancel", "book"):
        known = {} if deed == "cancel" else {"state": "draft", "carrier_id": ""}
        sides.fake.fail(trouble)
        with pytest.raises(Retry):
            await sides.wish(deed, **known)
        assert sides.reports[-1].state != "cancelled" and sides.asked("POST", "/v2/orders") == 1
    refused = FakeReply(status=400, body=b'{"errors": [{"code": "v2_bad_request"}]}')
    sides.fake.answer = lambda _: refused  # type: ignore[method-assign]
    with pytest.raises(Retry, match="v2_bad_request"):
        await sides.wish("book")


async def test_a_page_in_place_of_a_label_is_no_label() -> None:
    sides = Sides()
    if sides.checked is not None:
        sides.checked.trouble = True
    await sides.wish("book")
    take = sides.fake.take

    def page(request: FakeRequest) -> FakeReply:
        found = take(request)
        is_file = request.path.endswith(".pdf")
        return FakeReply(body=b"<h1>Works are under way</h1>") if is_file else found

    sides.fake.take = page  # type: ignore[method-assign]
    with pytest.raises(Retry, match="label_waits"):
        await sides.wish("label")
    assert not sides.labels


async def test_a_new_request_is_deleted_and_one_on_its_way_only_asked_back() -> None:
    sides = Sides()
    await sides.wish("book")
    await sides.wish("cancel")
    assert sides.reports[-1].state == "cancelled"
    assert sides.asked("DELETE", f"/v2/orders/{sides.uuid}") == 1
    await sides.wish("cancel")  # told twice
    assert sides.asked("DELETE", f"/v2/orders/{sides.uuid}") == 1
    assert sides.reports[-1].state == "cancelled"
    assert "too_late" not in [one.trouble for one in sides.reports]

    late = Sides()
    await late.wish("book")
    late.fake.do("move", number=late.parcel.track, code="TAKEN_BY_COURIER")
    await late.wish("cancel")
    assert "too_late" in [one.trouble for one in late.reports]
    assert late.parcel.state == "out_for_delivery"
    await late.wish("refuse")
    assert late.asked("POST", f"/v2/orders/{late.uuid}/refusal") == 1
    await logistics_cdek.follow(late.box.core())
    assert late.parcel.state == "returning"


async def test_a_token_that_ran_out_is_renewed_once_and_a_wrong_key_stops_the_account() -> None:
    sides = Sides()
    await sides.box.ask(logistics_cdek.quote, "carrier.quote", ASKED)
    sides.fake.expire()
    again = msgspec.structs.replace(ASKED, city="Москва", index="")
    if sides.checked is not None:
        sides.checked.trouble = True
    said = await sides.box.ask(logistics_cdek.quote, "carrier.quote", again)
    assert said.offers and sides.asked("POST", "/v2/oauth/token") == 2
    wrong = Sides(client_secret="another")
    refused = await wrong.box.ask(logistics_cdek.quote, "carrier.quote", ASKED)
    assert refused.trouble == "access_refused"
    (finding,) = await logistics_cdek.diagnose(wrong.box.core(), "")
    assert not finding.is_good
    (fine,) = await logistics_cdek.diagnose(Sides().box.core(), "main")
    assert (fine.code, fine.is_good, fine.numbers) == ("connected", True, {"tariffs": 6})
    strange = await logistics_cdek.diagnose(Sides(tariffs="136, 999").box.core(), "")
    assert [(one.code, one.is_good) for one in strange] == [
        ("connected", True),
        ("tariffs_strange", False),
    ]


async def test_a_label_that_is_not_ready_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sides = Sides()
    await sides.wish("book")
    monkeypatch.setattr(printing, "LOOKS", (0.0,))
    with pytest.raises(Retry, match="label_waits"):
        await sides.wish("label")
    monkeypatch.undo()
    booking.sleep = sides._sleep
    await sides.wish("label")
    assert len(sides.labels) == 1


async def test_waybills_of_what_is_handed_over_come_in_one_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sides = Sides()
    await sides.wish("book")
    asked = PapersAsked(day="2026-11-24", numbers=(sides.parcel.carrier_id,))
    said: Papers = await sides.box.ask(logistics_cdek.papers, "carrier.papers", asked)
    (paper,) = said.papers
    assert paper.body.reveal().startswith(b"%PDF") and paper.name == "cdek-2026-11-24.pdf"
    monkeypatch.setattr(printing, "LOOKS", (0.0,))
    with pytest.raises(Permanent, match="papers_wait"):
        await sides.box.ask(logistics_cdek.papers, "carrier.papers", asked)
    strange = PapersAsked(day="2026-11-24", numbers=("5b1c1a10-9c1f-4d0e-8b1e-000000000009",))
    with pytest.raises(Permanent, match="papers_refused"):
        await sides.box.ask(logistics_cdek.papers, "carrier.papers", strange)


CALL = CourierAsked(day="2026-11-24", begins="10:00", ends="18:00", parcels=3, grams=4200)
SENDER = {"sender_name": "Складов", "sender_phone": "8 495 000-00-00", "from_address": "Тихая, 1"}


async def call(sides: Sides) -> CourierCalled:
    return await sides.box.ask(logistics_cdek.courier, "carrier.courier", CALL)


async def test_the_courier_is_called_once_for_a_day_whatever_becomes_of_the_answer() -> None:
    sides = Sides(**SENDER)
    first = await call(sides)
    assert not first.known and (await call(sides)).known and len(sides.fake.intakes) == 1
    sides.fake.intakes[first.number]["state"] = "REMOVED"  # called off in CDEK's cabinet
    assert not (await call(sides)).known and len(sides.fake.intakes) == 2

    lost = Sides(**SENDER)
    if lost.checked is not None:
        lost.checked.trouble = True
    lost.fake.fail("", 2)  # token and town
    lost.fake.fail("lost", 1)
    with pytest.raises(Pause):
        await call(lost)
    PAUSED.clear()
    with pytest.raises(Permanent, match="courier_unsure"):
        await call(lost)
    assert len(lost.fake.intakes) == 1
    with pytest.raises(Permanent, match="courier_unset"):
        await call(Sides(from_address="Тихая, 1"))
    assert "Складов" not in str(sides.box.journal)


def test_cash_is_spread_over_pieces_without_making_up_a_kopeck() -> None:
    sides = Sides()
    for cod in (0, 1, 1000_01, 2700_50, 3050_00):
        parcel = msgspec.structs.replace(sides.parcel, cod=cod)
        pieces = booking.items(parcel, insured=True)
        sums = sum(round(one["payment"]["value"] * 100) * one["amount"] for one in pieces)
        assert sums == booking.collected(parcel) <= cod
        assert cod - sums <= max(cod - 2700_50, 3)
    taxed = booking.items(msgspec.structs.replace(sides.parcel, cod=2700_50), insured=False)
    assert taxed[0]["payment"] == {"value": 1200.0, "vat_rate": 22, "vat_sum": 216.39}
    assert taxed[0]["cost"] == 0


@pytest.mark.parametrize(
    ("code", "reason", "state"),
    [
        ("NOT_DELIVERED", "11", "returning"),
        ("NOT_DELIVERED", "26", "lost"),
        ("IN_CUSTOMS_LOCAL", "", "in_transit"),
        ("RETURNED_TO_SENDER_CITY_WAREHOUSE", "", "in_transit"),
        ("RETURNED_TO_RECIPIENT_CITY_WAREHOUSE", "", "attempt_failed"),
        ("POSTOMAT_POSTED", "", "ready_for_pickup"),
        ("SOMETHING_NEW", "", None),
    ],
)
def test_statuses_mean_what_cdek_means(code: str, reason: str, state: str | None) -> None:
    assert statuses.state_of(code, reason) == state
