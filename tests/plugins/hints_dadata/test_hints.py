"""Hints come from the service's own answers, and its failure is nobody's trouble."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import httpx
import msgspec
import pytest

from appliance.domain.personal import Personal
from appliance.plugin_api.calls import utc_now
from appliance.plugin_api.fakes import FakeReply, FakeRequest, Trouble, said, transport
from appliance.plugin_api.hints import AddressAsked, BankAsked, PartyAsked
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_api.testing import Box
from plugins import hints_dadata
from plugins.hints_dadata.client import Client
from plugins.hints_dadata.fake import KEY, ROOT, Fake
from tests.plugins.loosely import loosen
from tests.vendors.contract import checked
from tests.vendors.shapes import Operation, Shapes

SETTINGS = {"key": KEY, "address": "https://suggestions.dadata.ru"}


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    query: str
    count: int = 10
    branch_type: str = ""


class Suggestion(msgspec.Struct):
    value: str
    unrestricted_value: str
    data: dict[str, Any]


class Suggestions(msgspec.Struct):
    suggestions: list[Suggestion]


METHODS = ("findById/party", "findById/bank", "suggest/address")
CONTRACT = Shapes(
    "DaData", {f"POST {ROOT}{one}": Operation(Asked, {200: Suggestions}) for one in METHODS}
)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake()
    through = checked(transport(fake), CONTRACT)
    through.trouble = True  # each test that misbehaves says so; the shapes of requests always hold
    monkeypatch.setattr(hints_dadata, "client", Client(through))
    return fake


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake()
    monkeypatch.setattr(hints_dadata, "client", Client(checked(transport(fake), CONTRACT)))
    return fake


async def party(box: Box, number: str) -> Any:
    asked = PartyAsked(number=Personal(number))
    return await box.ask(hints_dadata.party, "hints.party", asked)


async def test_a_head_office_comes_before_its_branches_and_gaps_are_no_trouble(
    strict: Fake,
) -> None:
    found = (await party(Box(SETTINGS), "7736207543")).parties
    assert [one.kpp for one in found] == ["770401001", "780543001"]
    assert found[0].name == Personal("ООО «ЛУГ»") and found[0].state == "active"
    assert found[0].address == Personal("170100, г Тверь, ул Луговая, д 5")
    assert found[1].legal_name == Personal("ООО ЛУГ") and found[1].address == Personal("")


async def test_a_sole_proprietor_is_a_person_and_a_dead_company_is_said_to_be_dead(
    strict: Fake,
) -> None:
    (person,) = (await party(Box(SETTINGS), "500100732259")).parties
    assert person.is_person and person.kpp == "" and "Травкина" not in repr(person)
    (gone,) = (await party(Box(SETTINGS), "7707083893")).parties
    assert gone.state == "liquidated"
    assert (await party(Box(SETTINGS), "7710140679")).parties == ()


async def test_new_fields_words_and_numbers_as_strings_change_no_hint(service: Fake) -> None:
    box = Box(SETTINGS)
    asked = AddressAsked(text=Personal("тверь луг"))
    plain = (await party(box, "7736207543"), await box.ask(
        hints_dadata.address, "hints.address", asked))  # fmt: skip
    loosen(service)
    assert plain == (await party(box, "7736207543"), await box.ask(
        hints_dadata.address, "hints.address", asked))  # fmt: skip
    take = service.take

    def odd(request: FakeRequest) -> FakeReply:
        found = take(request)
        return msgspec.structs.replace(found, body=found.body.replace(b'"ACTIVE"', b'"SLEEPING"'))

    service.take = odd  # type: ignore[method-assign]
    assert {one.state for one in (await party(box, "7736207543")).parties} <= {""}


async def test_a_question_that_is_refused_is_no_empty_answer(service: Fake) -> None:
    service.take = lambda _: said({"suggestions": []}, 400)  # type: ignore[method-assign]
    with pytest.raises(Permanent, match="refused"):
        await party(Box(SETTINGS), "7736207543")


async def test_an_address_says_whether_a_courier_finds_it(strict: Fake) -> None:
    asked = AddressAsked(text=Personal("тверь луг"))
    found = (await Box(SETTINGS).ask(hints_dadata.address, "hints.address", asked)).addresses
    assert [one.is_whole for one in found] == [False, True]
    assert found[1].line.reveal().startswith("170100")
    long = AddressAsked(text=Personal("у" * 900))
    assert (await Box(SETTINGS).ask(hints_dadata.address, "hints.address", long)).addresses == ()


async def test_a_bank_comes_with_its_account(strict: Fake) -> None:
    found = await Box(SETTINGS).ask(hints_dadata.bank, "hints.bank", BankAsked(number="044525225"))
    assert [(one.name, one.account) for one in found.banks] == [
        ("ПАО ЛЕСБАНК", "30101810400000000225")
    ]


@pytest.mark.parametrize(
    ("trouble", "ends"),
    [
        ("down", Pause), ("slow", Pause), ("failing", Pause), ("too_many", Pause),
        ("html", Retry), ("garbled", Retry), ("error_in_200", Retry),
    ],
)  # fmt: skip
async def test_a_service_in_trouble_gives_no_hint_and_is_not_asked_twice(
    service: Fake, trouble: Trouble, ends: type[Exception]
) -> None:
    box, service.trouble = Box(SETTINGS), trouble
    with pytest.raises(ends):
        await party(box, "7736207543")
    assert len(service.requests) == 1
    findings = await hints_dadata.diagnose(box.core())
    assert [one.is_good for one in findings] == [False]


async def test_a_spent_limit_gives_the_service_an_hour_of_rest(
    service: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, service.spent = Box(SETTINGS), True
    for code in ("access_refused", "resting", "resting"):
        with pytest.raises(Permanent, match=code):
            await party(box, "7736207543")
    assert len(service.requests) == 1
    assert [code for code, _, _ in box.journal] == ["vendor.forbidden", "limit"]
    later = utc_now() + timedelta(hours=2)
    monkeypatch.setattr(import_module("plugins.hints_dadata.client"), "utc_now", lambda: later)
    service.spent = False
    assert (await party(box, "7736207543")).parties


async def test_a_wrong_key_is_told_by_the_test_of_the_connection(service: Fake) -> None:
    box = Box({**SETTINGS, "key": "other"})
    assert [one.code for one in await hints_dadata.diagnose(box.core())] == ["silent"]
    good = await hints_dadata.diagnose(Box(SETTINGS).core())
    assert [(one.code, one.is_good) for one in good] == [("works", True)]


async def test_a_check_may_take_longer_than_a_hint_is_waited_for(
    service: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner, waited = transport(service), list[float]()

    async def timed(request: httpx.Request) -> httpx.Response:
        waited.append(request.extensions["timeout"]["read"])
        return await inner.handle_async_request(request)

    monkeypatch.setattr(hints_dadata, "client", Client(httpx.MockTransport(timed)))
    await party(Box(SETTINGS), "7736207543")
    assert [one.is_good for one in await hints_dadata.diagnose(Box(SETTINGS).core())] == [True]
    assert waited[0] < 3 < waited[1]
