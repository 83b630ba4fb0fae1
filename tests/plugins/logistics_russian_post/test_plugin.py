"""The Post: priced with VAT, asked for once whatever happens, sent where it vouches for."""

from typing import Any

import msgspec
import pytest

from appliance.domain.personal import Personal
from appliance.plugin_api import calls
from appliance.plugin_api.core import PAUSED
from appliance.plugin_api.fakes import FakeReply, FakeRequest, said
from appliance.plugin_api.handing import Papers, PapersAsked
from appliance.plugin_api.messages import Account
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_api.parcels import Address, Offers, Points, PointsAsked, QuoteAsked
from appliance.plugin_api.parcels import Box as Packed
from plugins import logistics_russian_post as post
from plugins.logistics_russian_post import booking, soap, statuses
from plugins.logistics_russian_post.fake import Fake
from tests.plugins.logistics_russian_post.sides import Sides

ASKED = QuoteAsked(city="Тверь", index="170000", box=Packed(grams=1250), declared=1000_00)


@pytest.fixture
def sides(monkeypatch: pytest.MonkeyPatch) -> Sides:
    made = Sides()
    monkeypatch.setattr(calls, "utc_now", lambda: made.moment)
    return made


async def quoted(sides: Sides, asked: QuoteAsked = ASKED) -> Offers:
    return await sides.box.ask(post.quote, "carrier.quote", asked)


@pytest.mark.checklist(49)
@pytest.mark.checklist(64)
async def test_each_kind_of_mail_has_its_price_with_vat_and_its_term(sides: Sides) -> None:
    offers = {one.tariff: one for one in (await quoted(sides)).offers}
    parcel = offers["ONLINE_PARCEL"]
    # (240 + 50 for the second kilogram + 3 % of 1 000) roubles, and 22 % of VAT.
    assert (parcel.cost, parcel.days_min, parcel.days_max) == (390_40, 4, 7)
    assert {one.gives for one in offers.values() if one.points} == {"point"}
    assert {name for name, one in offers.items() if one.gives == "door"} == {
        "ONLINE_COURIER",
        "EMS",
    }
    by_town = await quoted(sides, msgspec.structs.replace(ASKED, index=""))
    assert len(by_town.offers) == 5
    few = Sides(services="ems, nothing_like_it")
    assert [one.tariff for one in (await quoted(few)).offers] == ["EMS"]


async def test_what_cannot_be_priced_says_why(sides: Sides) -> None:
    async def trouble(**changes: Any) -> str:
        said_ = await quoted(sides, msgspec.structs.replace(ASKED, **changes))
        assert said_.offers == ()
        return said_.trouble

    assert await trouble(city="Нигдевск", index="") == "index_unknown"
    assert await trouble(city="", index="999999") == "index_refused"
    assert await trouble(box=Packed(grams=25_000)) == "weight_refused"
    assert await trouble(country="KZ") == "abroad"
    assert (await quoted(Sides(postoffice="МСК"))).trouble == "postoffice_unknown"
    assert (await quoted(Sides(token="another"))).trouble == "access_refused"


async def test_offices_come_with_hours_and_that_of_the_postcode_first(sides: Sides) -> None:
    asked = PointsAsked(account="main", city="Тверь", index="170100")
    found: Points = await sides.box.ask(post.points, "carrier.points", asked)
    assert [one.code for one in found.points] == ["170100", "170000", "170001"]
    assert found.points[0].hours == "10:00–19:00" and "Тверь" in found.points[0].address
    with pytest.raises(Permanent, match="index_unknown"):
        await sides.box.ask(post.points, "carrier.points", PointsAsked(city="Нигдевск"))


@pytest.mark.checklist(49)
@pytest.mark.checklist(118)
async def test_a_parcel_is_registered_with_its_number_price_and_label(sides: Sides) -> None:
    await sides.wish("book")
    (order,) = sides.fake.orders.values()
    asked = order.asked
    assert (asked["order-num"], asked["index-to"], asked["mail-type"]) == (
        "1044-7",
        170000,
        "ONLINE_PARCEL",
    )
    assert (asked["surname"], asked["given-name"], asked["middle-name"]) == (
        "Сухова",
        "Анна",
        "Петровна",
    )
    assert (asked["tel-address"], asked["house-to"]) == (79120001234, "1")
    assert (asked["mail-category"], asked["insr-value"]) == ("WITH_DECLARED_VALUE", 2550_25)
    assert asked["dimension"] == {"length": 31, "width": 20, "height": 10}
    assert (sides.parcel.state, sides.parcel.track) == ("registered", order.barcode)
    assert sides.reports[-1].billed == 353_80
    await sides.wish("label")
    assert b"forms" in sides.labels[0]  # not batched yet: the backlog's forms
    assert "Сухова" not in str(sides.box.journal) and "79120001234" not in str(sides.box.journal)


async def test_cash_is_declared_and_its_lines_go_with_it() -> None:
    sides = Sides(insured=False, notify=True)
    await sides.wish("book", cod=2550_25)
    (order,) = sides.fake.orders.values()
    assert order.asked["mail-category"] == "WITH_DECLARED_VALUE_AND_CASH_ON_DELIVERY"
    assert (order.asked["payment"], order.asked["insr-value"]) == (2550_25, 2550_25)
    lines = order.asked["goods"]["items"]
    assert [(one["quantity"], one["value"], one["vat-rate"]) for one in lines] == [
        (2.0, 1200_00, 22),
        (0.5, 300_50, -1),
    ]
    assert order.asked["sms-notice-recipient"] == 1
    plain = Sides(insured=False)
    await plain.wish("book")
    (order,) = plain.fake.orders.values()
    assert order.asked["mail-category"] == "ORDINARY" and "goods" not in order.asked


async def test_an_address_the_post_does_not_vouch_for_is_asked_about(sides: Sides) -> None:
    unclear = Personal(Address(index="170000", city="Тверь", text="Тверь, у вокзала"))
    await sides.wish("book", address=unclear)
    last = sides.reports[-1]
    assert (last.done, last.state, last.trouble) == ("book", "error", "address_unclear")
    assert not sides.fake.orders
    # Mended by choosing an office: there it waits poste restante, street or not.
    await sides.wish("book", state="draft", point="170001", address=unclear)
    (order,) = sides.fake.orders.values()
    assert (order.asked["address-type-to"], order.asked["index-to"]) == ("DEMAND", 170001)
    assert not statuses.is_deliverable("GOOD", "NOT_VALIDATED_HAS_NO_HOUSE")
    assert not statuses.is_deliverable("UNDEF_01", "VALIDATED")
    withheld = Sides()
    await withheld.wish("book", withheld=True, name=None, address=None)
    assert withheld.reports[-1].trouble == "buyer_withheld" and not withheld.fake.orders


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        ("EMPTY_INDEX_TO", "index_refused"),
        ("ILLEGAL_POSTCODE", "postoffice_unknown"),
        ("EMPTY_TEL_ADDRESS", "phone_refused"),
        ("ILLEGAL_MASS_EXCESS", "weight_refused"),
        ("EMPTY_SURNAME", "name_refused"),
        ("SOMETHING_NEW", "refused"),
    ],
)
async def test_a_position_refused_under_200_is_a_refusal(code: str, trouble: str) -> None:
    sides = Sides()
    sides.fake.refuse_with = code
    await sides.wish("book")
    last = sides.reports[-1]
    assert (last.state, last.trouble, sides.parcel.state) == ("error", trouble, "error")
    (line,) = [data for name, _, data in sides.box.journal if name == "book_refused"]
    assert line["why"] == code


@pytest.mark.parametrize("trouble", ["lost", "failing", "too_many", "html", "garbled"])
async def test_a_lost_answer_makes_no_second_parcel(sides: Sides, trouble: Any) -> None:
    sides.checked.trouble = True
    sides.fake.fail("", 4)  # two looks by our number, the address and the name go through
    sides.fake.fail(trouble, 1)
    with pytest.raises((Pause, Retry)):
        await sides.wish("book")
    PAUSED.clear()  # two minutes have passed
    await sides.wish("book")
    await sides.wish("book")  # and the event came again
    assert len(sides.fake.orders) == 1 and sides.parcel.state == "registered"


async def test_an_order_without_a_number_waits_as_a_draft_until_the_job_finds_it(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Fake._shown  # pyright: ignore[reportPrivateUsage] - the Post that is late with a number
    monkeypatch.setattr(Fake, "_shown", lambda fake, one: {**whole(fake, one), "barcode": ""})
    await sides.wish("book")
    assert (sides.parcel.state, sides.parcel.deed, sides.parcel.track) == ("draft", "book", "")
    await sides.follow()
    assert sides.parcel.state == "draft"
    monkeypatch.undo()
    monkeypatch.setattr(calls, "utc_now", lambda: sides.moment)
    await sides.follow()
    assert (sides.parcel.state, sides.parcel.deed) == ("registered", "")
    assert sides.parcel.track and len(sides.fake.orders) == 1


async def test_a_crash_after_the_order_finds_it_even_in_a_batch_of_somebodys(sides: Sides) -> None:
    await sides.wish("book")
    (order,) = sides.fake.orders.values()
    order.batch = "100"
    sides.fake.batches["100"] = "CREATED"
    await sides.wish("book", state="draft", carrier_id="", track="")  # nothing was written down
    assert len(sides.fake.orders) == 1 and sides.parcel.track == order.barcode
    sides.add(own_number="1044")  # a number that the first one's holds is another parcel
    await sides.wish("book", 1)
    assert len(sides.fake.orders) == 2


@pytest.mark.checklist(115)
async def test_an_order_is_taken_back_until_the_office_has_its_batch(sides: Sides) -> None:
    await sides.wish("book")
    await sides.wish("cancel")
    assert sides.reports[-1].state == "cancelled" and not sides.fake.orders
    await sides.wish("cancel")  # told twice
    assert sides.asked("DELETE", "/1.0/backlog") == 1
    for status, trouble in (("CREATED", None), ("SENT", "too_late")):
        again = Sides()
        await again.wish("book")
        next(iter(again.fake.orders.values())).batch = "100"
        again.fake.batches["100"] = status
        await again.wish("label")
        assert b"f7pdf" in again.labels[0]
        await again.wish("cancel")
        assert again.reports[-1].trouble == trouble
    await again.wish("refuse")
    assert again.reports[-1].trouble == "refuse_by_hand"


@pytest.mark.checklist(115)
async def test_what_is_handed_over_goes_into_one_batch_however_often_it_is_asked_for(
    sides: Sides,
) -> None:
    sides.add()
    for at in (0, 1):
        await sides.wish("book", at)
    numbers = tuple(one.carrier_id for one in sides.parcels)
    asked = PapersAsked(account="main", day="2026-05-04", numbers=numbers)

    async def papers() -> list[str]:
        said_: Papers = await sides.box.ask(post.papers_of, "carrier.papers", asked)
        assert all(one.body.reveal().startswith(b"%PDF") for one in said_.papers)
        return [one.name for one in said_.papers]

    assert await papers() == ["f103-100.pdf"]
    assert sides.fake.batches == {"100": "SENT"}
    assert await papers() == ["f103-100.pdf"]  # the answer was lost, or the page pressed again
    assert sides.asked("POST", "/1.0/batch/100/checkin") == 1
    sides.add()
    await sides.wish("book", 2)
    asked = PapersAsked(account="main", day="2026-05-04", numbers=(*numbers, "2319000002"))
    assert await papers() == ["f103-101.pdf", "f103-100.pdf"]
    asked = PapersAsked(account="main", day="2026-05-04", numbers=("17",))
    with pytest.raises(Permanent, match="nothing_batched"):
        await papers()
    assert [code for code, _, _ in sides.box.journal if code.startswith("batch")] == [
        "batched",
        "batched",
        "batch_refused",
    ]


@pytest.mark.checklist(49)
async def test_the_way_is_asked_for_every_five_hours_and_ends_with_delivery(sides: Sides) -> None:
    await sides.wish("book")
    await sides.follow()
    assert sides.asked("POST", "/rtm34") == 1
    await sides.follow(1)
    assert sides.asked("POST", "/rtm34") == 1  # too early
    seen: list[str] = []
    for _ in range(4):
        sides.fake.do("move", barcode=sides.parcel.track)
        await sides.follow(5)
        seen.append(sides.parcel.state)
    assert seen == ["accepted", "in_transit", "ready_for_pickup", "delivered"]
    place = next(one.place for one in sides.steps.values())
    assert place == "170000, Отделение 170000"
    asked = sides.asked("POST", "/rtm34")
    await sides.follow(5)
    assert sides.asked("POST", "/rtm34") == asked  # what has arrived is asked for no more
    assert not sides.box.rows("looks")


async def test_behind_a_return_all_leads_back_and_an_unknown_operation_moves_nothing(
    sides: Sides,
) -> None:
    await sides.wish("book")
    for operation in ("1.2", "8.2", "77.5"):
        sides.fake.do("move", barcode=sides.parcel.track, operation=operation)
    await sides.follow()
    assert sides.parcel.state == "ready_for_pickup"
    sides.fake.do("give_back", barcode=sides.parcel.track)
    sides.fake.do("move", barcode=sides.parcel.track, operation="8.4")
    await sides.follow(5)
    assert sides.parcel.state == "returning"
    told = [data for code, _, data in sides.box.journal if code == "status_unknown"]
    assert told == [{"status": "77.5"}]
    sides.fake.do("move", barcode=sides.parcel.track, operation="2.2")
    await sides.follow(5)
    assert sides.parcel.state == "returned"


async def test_the_days_requests_go_to_those_that_waited_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sides = Sides(tracking_limit=5)
    monkeypatch.setattr(calls, "utc_now", lambda: sides.moment)
    for _ in range(4):
        sides.add()
    for at in range(5):
        await sides.wish("book", at)
    await sides.follow()
    assert sides.asked("POST", "/rtm34") == 3  # two are kept for people
    first = {str(row.values["parcel"]) for row in sides.box.rows("looks")}
    await sides.follow(6)
    assert sides.asked("POST", "/rtm34") == 3
    await sides.follow(18)  # tomorrow, at Moscow
    assert sides.asked("POST", "/rtm34") == 6
    assert {str(row.values["parcel"]) for row in sides.box.rows("looks")} > first
    sides.fake.asked_today, sides.fake.most_a_day = 5, 5
    await sides.follow(24)
    codes = [code for code, _, _ in sides.box.journal]
    assert codes.count("tracking_spent") == 0 and sides.parcel.state == "registered"
    sides.fake.most_a_day = 0  # somebody else uses the same login
    await sides.follow(24)
    await sides.follow(5)
    assert [code for code, _, _ in sides.box.journal].count("tracking_spent") == 1


async def test_nobody_is_asked_about_for_more_than_sixty_days(sides: Sides) -> None:
    await sides.wish("book")
    await sides.follow()
    await sides.follow(59 * 24)
    assert sides.asked("POST", "/rtm34") == 2
    await sides.follow(2 * 24)
    await sides.follow(24)
    assert sides.asked("POST", "/rtm34") == 2
    assert [code for code, _, _ in sides.box.journal].count("given_up") == 1


async def test_tracking_that_is_down_or_garbled_loses_no_step(sides: Sides) -> None:
    await sides.wish("book")
    sides.checked.trouble = True
    for trouble, ends in (
        ("html", Retry), ("garbled", Retry), ("error_in_200", Retry), ("down", Pause),
        ("failing", Pause), ("too_many", Pause),
    ):  # fmt: skip
        sides.fake.trouble = trouble  # type: ignore[assignment]
        with pytest.raises(ends):
            await sides.follow(5)
        PAUSED.clear()
    sides.fake.trouble = ""
    sides.fake.do("move", barcode=sides.parcel.track)
    await sides.follow(5)
    assert sides.parcel.state == "accepted"


async def test_a_page_in_place_of_a_label_or_a_form_is_none(sides: Sides) -> None:
    await sides.wish("book")
    sides.checked.trouble = True
    take = sides.fake.take

    def page(request: FakeRequest) -> FakeReply:
        found = take(request)
        return FakeReply(body=b"<h1>Works</h1>") if "/forms/" in request.path else found

    sides.fake.take = page  # type: ignore[method-assign]
    with pytest.raises(Retry, match="label_waits"):
        await sides.wish("label")
    asked = PapersAsked(account="main", day="2026-05-04", numbers=(sides.parcel.carrier_id,))
    with pytest.raises(Permanent, match="form_refused"):
        await sides.box.ask(post.papers_of, "carrier.papers", asked)
    assert not sides.labels


async def test_one_contract_or_parcel_in_trouble_keeps_no_other_waiting(sides: Sides) -> None:
    sides.add()
    for at in (0, 1):
        await sides.wish("book", at)
    sides.checked.trouble = True
    silent = Account("silent", "Почта 2", {**sides.account.settings, "tracking_password": "x"})
    sides.box._accounts = (silent, sides.account)
    take, garbled = sides.fake.take, sides.parcel.track.encode()

    def half(request: FakeRequest) -> FakeReply:
        found = take(request)
        return FakeReply(body=b"<html>") if garbled in request.body else found

    sides.fake.take = half  # type: ignore[method-assign]
    sides.fake.do("move", barcode=sides.parcels[1].track)
    with pytest.raises((Pause, Retry)):
        await sides.follow()
    assert [one.state for one in sides.parcels] == ["registered", "accepted"]


async def test_a_look_that_is_refused_makes_no_second_parcel_and_holds_up_no_other(
    sides: Sides,
) -> None:
    await sides.wish("book")
    sides.checked.trouble = True
    take = sides.fake.take

    def refuse(request: FakeRequest) -> FakeReply:
        found = take(request)
        return FakeReply(status=400, body=b"{}") if "/backlog/" in request.path else found

    sides.fake.take = refuse  # type: ignore[method-assign]
    with pytest.raises(Retry, match="status_400"):
        await sides.wish("book", state="draft", carrier_id="", track="")
    assert len(sides.fake.orders) == 1
    late = sides.add(state="draft", deed="", carrier_id="77")
    sides._put(msgspec.structs.replace(sides.parcel, state="registered", track="RA1"))
    with pytest.raises(Retry, match="status_400"):
        await sides.follow()
    assert sides.asked("POST", "/rtm34") == 1 and late.state == "draft"


async def test_a_refused_key_of_tracking_holds_up_no_order() -> None:
    sides = Sides(tracking_password="another")
    await sides.wish("book")
    with pytest.raises(Pause):
        await sides.follow()
    assert "tracking_refused" in [code for code, _, _ in sides.box.journal]
    await sides.wish("label")
    assert sides.labels


async def test_diagnose_tries_contract_office_quota_and_tracking(sides: Sides) -> None:
    async def codes(one: Sides) -> list[tuple[str, bool]]:
        return [(each.code, each.is_good) for each in await post.diagnose(one.box.core(), "")]

    assert await codes(sides) == [("connected", True), ("tracking_connected", True)]
    assert await codes(Sides(token="x")) == [
        ("access_refused", False),
        ("tracking_connected", True),
    ]
    bare = Sides(postoffice="190000", tracking_login="")
    assert await codes(bare) == [("postoffice_unknown", False), ("tracking_off", False)]
    assert (await codes(Sides(tracking_password="x")))[1] == ("tracking_refused", False)


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ("down", "account_down"),
        ("slow", "account_down"),
        ("failing", "account_down"),
        ("too_many", "account_down"),
        ("html", "answer_garbled"),
        ("garbled", "answer_garbled"),
        ("error_in_200", "answer_garbled"),
    ],
)
async def test_whatever_the_post_suffers_from_a_price_is_refused_in_words(
    sides: Sides, trouble: Any, told: str
) -> None:
    sides.checked.trouble = True
    sides.fake.trouble, sides.fake.pause = trouble, 60
    said_ = await quoted(sides)
    assert (said_.offers, said_.trouble) == ((), told)
    sides.fake.trouble = ""
    PAUSED.clear()
    assert len((await quoted(sides)).offers) == 5


async def test_200_that_means_failure_refuses_a_parcel_and_cancels_none(sides: Sides) -> None:
    await sides.wish("book")
    sides.checked.trouble = True
    sides.fake.fail("", 1)  # the look
    sides.fake.fail("error_in_200", 1)
    await sides.wish("cancel")
    assert sides.reports[-1].trouble == "not_cancelled" and sides.fake.orders
    assert sides.parcel.state == "registered"


class Strange(Fake):
    """Numbers as strings, nulls, fields that are new, a price of zero."""

    def answer(self, request: Any) -> FakeReply:
        if request.path == "/1.0/tariff":
            asked = request.json()
            cost = "0" if asked["mail-type"] == "EMS" else "30000"
            return said(
                {"total-rate": cost, "total-vat": "6600", "delivery-time": None, "new": [1]}
                if cost != "0"
                else {"total-rate": 0, "total-vat": 0}
            )
        return super().answer(request)


async def test_numbers_as_strings_nulls_and_a_price_of_zero(sides: Sides) -> None:
    strange = Strange(lambda: sides.moment)
    sides.checked.trouble = True
    sides.fake.answer = strange.answer  # type: ignore[method-assign]
    offers = (await quoted(sides)).offers
    assert {one.cost for one in offers} == {366_00} and len(offers) == 4
    assert "EMS" not in {one.tariff for one in offers}


HOSTILE = (
    b"",
    b"<html>",
    b"<html/>",
    b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    b"<a>" * 40 + b"</a>" * 40,
    b'<?xml version="1.0" encoding="klingon"?><a/>',
    b"<S:Fault>" + b"x" * (3 << 20) + b"</S:Fault>",
)


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_an_answer_that_is_no_history_is_garbled(body: bytes) -> None:
    with pytest.raises(Retry, match="answer_garbled"):
        soap.history(body)


def test_login_and_password_cannot_break_the_question() -> None:
    asked = soap.question("RA1", "a&b", "<data:x>")
    assert b"a&amp;b" in asked and b"&lt;data:x&gt;" in asked


@pytest.mark.parametrize(
    ("kind", "attribute", "gives", "state"),
    [
        (8, 2, "point", "ready_for_pickup"),
        (8, 2, "door", "in_transit"),
        (6, 1, "door", "in_transit"),
        (2, 5, "point", "delivered"),
        (5, 1, "point", "lost"),
        (16, 0, "point", "lost"),
        (99, 0, "point", None),
    ],
)
def test_operations_mean_what_the_post_means(
    kind: int, attribute: int, gives: Any, state: str | None
) -> None:
    assert statuses.state_of(kind, attribute, gives) == state


def test_a_phone_is_digits_of_the_country() -> None:
    assert booking.phone("8 (912) 000-12-34") == booking.phone("912 000 12 34") == "79120001234"
    assert booking.phone("") == ""
