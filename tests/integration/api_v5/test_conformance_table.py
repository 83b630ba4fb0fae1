"""The 47 rules of the reference's conformance table: each has tests that name it, and the last of
them are here."""

import asyncio
import re
from pathlib import Path
from typing import Any, Final

import pytest

from appliance.vault.subjects import SubjectKeys
from tests.house_fixture import TestHouse
from tests.integration.api_v5.conftest import Caller
from tests.integration.api_v5.orders_sent import CUSTOMER, order

RULES: Final = range(1, 48)
TESTS: Final = Path(__file__).resolve().parents[2]
NAMED: Final = re.compile(r"def test_rule((?:_and|_\d+)+)_")
ELSEWHERE: Final = {
    42: (
        "unit/test_icml.py",
        "integration/shops/test_catalogue_run.py::test_what_a_cut_file_says_changes_nothing",
        "integration/shops/test_catalogue_run.py::"
        "test_what_a_whole_file_no_longer_holds_goes_off_sale_and_comes_back",
    ),
}
"""Rules whose tests are about more than the API and stand with their subject."""


def test_every_rule_of_the_table_has_a_test() -> None:
    named = {
        int(number)
        for path in (TESTS / "integration" / "api_v5").glob("test_*.py")
        for found in NAMED.findall(path.read_text(encoding="utf-8"))
        for number in re.findall(r"\d+", found)
    }
    for rule, places in ELSEWHERE.items():
        for place in places:
            name, _, test = place.partition("::")
            assert f"def {test or 'test_'}" in (TESTS / name).read_text(encoding="utf-8")
        named.add(rule)
    assert sorted(set(RULES) - named) == []


async def test_rule_38_a_reader_that_follows_the_feed_misses_nothing_of_writers_beside_it(
    shop: Caller,
) -> None:
    over = asyncio.Event()
    seen: list[int] = []

    async def read_on() -> None:
        while True:
            last_round = over.is_set()
            since = seen[-1] if seen else 0
            page = await shop.get("orders/history", f"filter[sinceId]={since}&limit=20")
            seen.extend(one["id"] for one in page["history"])
            if last_round and not page["history"]:
                return

    async def write() -> None:
        await asyncio.gather(
            *(shop.post("orders/create", order=order(number)) for number in range(20))
        )
        over.set()

    await asyncio.gather(read_on(), write())
    whole = (await shop.get("orders/history", "limit=100"))["history"]
    assert seen == sorted(set(seen))
    assert seen == [one["id"] for one in whole]


async def test_rule_43_empty_maps_are_lists_and_lists_are_never_left_out(shop: Caller) -> None:
    bare = await shop.post("orders/create", order={"externalId": "b", "firstName": "Анна"})
    one = bare["order"]
    for key in ("items", "payments", "customFields", "links"):
        assert one[key] == [], key
    assert one["delivery"]["address"] == {"text": ""}
    client = one["customer"]
    assert (client["phones"], client["tags"], client["customFields"]) == ([], [], [])
    assert client["segments"] == []
    await shop.post("orders/create", order=order(7))
    items = (await shop.get("orders/7"))["order"]["items"]
    assert items[0]["properties"] == []
    assert all(isinstance(line["discounts"], list) for line in items)
    for path, key in LISTS.items():
        page = await shop.get(path)
        assert isinstance(page[key], list), path
        wanted = {"limit", "totalCount", "currentPage", "totalPageCount"}
        assert set(page["pagination"]) == wanted, path


LISTS: Final = {
    "customers": "customers",
    "customers/history": "history",
    "customers/notes": "notes",
    "customers-corporate": "customersCorporate",
    "customers-corporate/history": "history",
    "customers-corporate/notes": "notes",
    "orders": "orders",
    "orders/history": "history",
    "store/inventories": "offers",
    "store/offers": "offers",
    "store/products": "products",
    "store/product-groups": "productGroup",
    "store/products/properties": "properties",
    "store/products/properties/values": "productPropertyValues",
    "custom-fields": "customFields",
    "loyalty/accounts": "loyaltyAccounts",
    "loyalty/loyalties": "loyalties",
    "users": "users",
    "user-groups": "groups",
    "segments": "segments",
    "tasks": "tasks",
    "files": "files",
}
"""Every list with pages and the key of its rows."""


# --- bad input ---


async def test_a_feed_asked_beyond_its_end_is_empty_and_over(shop: Caller) -> None:
    await shop.post("orders/create", order=order(1))
    for path in ("orders/history", "customers/history", "customers-corporate/history"):
        for since in ("999999999", str(10**17)):
            page = await shop.get(path, f"filter[sinceId]={since}")
            assert (shop.status, page["history"]) == (200, [])
            assert page["pagination"]["totalPageCount"] == 0
    page = await shop.get("orders/history", "filter[startDate]=2999-01-01")
    assert page["history"] == []


ODD: Final = (
    ("orders", "filter=None&page=None&limit=None", 200),
    ("orders", "filter[ids]=None", 200),
    ("orders", "filter[ids][a][b][c][d][e][f]=1", 400),
    ("orders", "filter[]=1", 200),
    ("orders", "filter=text", 400),
    ("orders", "filter[nobody]=1", 400),
    ("orders", "filter[ids][]=x", 400),
    ("orders", "]filter[=1&[]=2&=3", 200),
    ("customers", "filter[name]=" + "%00%ff" * 50, 200),
    ("customers-corporate", "filter[contactIds][]=abc", 400),
    ("customers/notes", "filter[ids][]=99999999999999999999", 400),
    ("files", "filter[ids][]=" + str(10**17), 200),
    ("users", "filter[active]=maybe", 400),
    ("store/offers", "limit=250&page=0", 400),
    ("telephony/manager", "", 400),
    ("telephony/manager", "phone=" + "9" * 5000, 200),
)


async def test_odd_questions_are_answered_in_the_clients_own_words(shop: Caller) -> None:
    answered: list[tuple[str, str, int]] = []
    for path, query, _ in ODD:
        await shop.get(path, query)
        answered.append((path, query, shop.status))
    assert answered == list(ODD)


async def test_a_body_of_forty_megabytes_is_refused_and_the_next_call_works(shop: Caller) -> None:
    for path in ("orders/upload", "files/upload", "telephony/calls/upload"):
        body = await shop.raw(path, b"orders=" + b"x" * (40 * 2**20), FORM)
        assert (shop.status, body["errorMsg"]) == (413, "Request body is too large.")
    await shop.post("orders/create", order=order(1))
    assert shop.status == 201


FORM: Final = "application/x-www-form-urlencoded"


async def test_a_batch_of_fifty_costs_one_commit_of_the_key_store(
    shop: Caller, house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.post("customers/create", customer=CUSTOMER)
    commits: list[int] = []
    write: Any = SubjectKeys._write  # pyright: ignore[reportPrivateUsage]

    def counted(self: SubjectKeys, drawn: list[Any]) -> None:
        commits.append(len(drawn))
        write(self, drawn)

    monkeypatch.setattr(SubjectKeys, "_write", counted)
    rows = [
        order(n, payments=[], email=f"{n}@b.ru" if n % 2 else "petr@example.ru", phone="")
        for n in range(50)
    ]
    done = await shop.post("orders/upload", orders=rows)
    assert len(done["uploadedOrders"]) == 50
    assert commits == [25]
