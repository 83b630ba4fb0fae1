"""Who sees which clients, which of their fields, and how many statements that takes."""

from typing import Any

import pytest

from appliance.actions import customers
from appliance.domain.access import Actor
from appliance.domain.customers import (
    AddressParts,
    ContactKind,
    CustomerFilter,
    RequisitesParts,
)
from appliance.domain.grants import Grant, Scope
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.errors import Denied, NotFound
from appliance.storage.statements import execute, fetch_value, insert
from appliance.storage.tables import DepartmentRow
from tests.house_fixture import TestHouse
from tests.integration.clients.people import added, counted_statements, leaves, phone, ref
from tests.integration.orders.drafts import draft as order_draft

LEGAL = RequisitesParts(
    inn="500100732259", ogrnip="304500116000157", legal_address="Тверь", bank="Банк"
)


async def department(house: TestHouse, *names: str) -> Any:
    department_id = uuid7()

    async def body() -> None:
        await insert(DepartmentRow, id=department_id, code="first", name="Первый")
        for name in names:
            await execute(
                "UPDATE users SET department_id = {} WHERE id = {}",
                department_id,
                house.users[name],
            )

    await house.write(body)
    return department_id


async def test_a_stranger_and_an_absent_client_get_the_same_answer(house: TestHouse) -> None:
    one = await added(house, house.actor_for("seller"))
    rival = house.actor_for("rival")
    for refused in (
        lambda: customers.open_card(rival, one.id),
        lambda: customers.open_card(rival, uuid7()),
        lambda: customers.open_by_number(rival, one.number),
        lambda: customers.open_by_number(rival, 999),
        lambda: customers.get(rival, "main", ref(one.number)),
    ):
        with pytest.raises(NotFound) as error:
            await refused()
        assert (error.value.code, error.value.params) == ("customer_not_found", {})
    assert [leaf["result"] for leaf in await leaves(house)][1:] == ["customer_not_found"] * 5


async def test_a_seller_sees_his_own_a_department_its_own_and_the_head_everybody(
    house: TestHouse,
) -> None:
    mine = await added(house, house.actor_for("seller"))
    nobodys = await added(house)
    department_id = await department(house, "seller", "operator")
    operator = house.actor_for("operator")._replace(department=department_id)
    seen: dict[str, list[int]] = {}
    for name, actor in (
        ("seller", house.actor_for("seller")),
        ("rival", house.actor_for("rival")),
        ("operator", operator),
        ("alone", house.actor_for("operator")),
        ("head", house.actor_for("head")),
    ):
        page = await customers.list_page(actor, CustomerFilter(), page=1, limit=20)
        seen[name] = [row.number for row in page.rows]
        assert page.total == len(page.rows)
    both = [nobodys.number, mine.number]
    assert seen == {
        "seller": [mine.number],
        "rival": [],
        "operator": [mine.number],
        "alone": [],
        "head": both,
    }


async def test_a_key_reaches_the_clients_of_its_own_shop_only(house: TestHouse) -> None:
    one = await added(house)
    other = house.shop_key("second")
    with pytest.raises(NotFound):
        await customers.get(other, "main", ref(one.number))
    page = await customers.list_page(other, CustomerFilter(shops=("main",)), page=1, limit=20)
    assert (page.rows, page.total) == ((), 0)


async def test_contacts_are_masked_where_the_role_says_so(house: TestHouse) -> None:
    one = await added(house, house.actor_for("seller"))
    card = await customers.open_card(house.actor_for("seller"), one.id)
    shown = {contact.kind: contact for contact in card.customer.contacts}
    assert shown[ContactKind.PHONE].shown == Personal("+7\u00a09••\u00a0•••-••-34")
    assert shown[ContactKind.EMAIL].shown == Personal("a••••@•••.ru")
    assert {contact.full for contact in card.customer.contacts} == {None}
    assert card.budget_left is not None and card.budget_left > 0


async def test_masked_requisites_name_nobody(house: TestHouse) -> None:
    one = await added(house, house.actor_for("seller"), requisites=Personal(LEGAL))
    card = await customers.open_card(house.actor_for("seller"), one.id)
    assert card.customer.requisites is not None
    parts = card.customer.requisites.reveal()
    assert (parts.inn, parts.bank) == ("•••••••••259", "Банк")
    assert parts.ogrnip == "•" * 12 + "157"


async def test_an_accountant_sees_names_and_tax_numbers_and_nothing_else(
    house: TestHouse,
) -> None:
    one = await added(
        house,
        requisites=Personal(LEGAL),
        comment=Personal("звонить вечером"),
        address=Personal(AddressParts(city="Тверь")),
    )
    card = await customers.open_card(house.actor_for("accountant"), one.id)
    view = card.customer
    assert view.name == Personal("Сухова Анна")
    assert view.requisites is not None
    legal = view.requisites.reveal()
    assert (legal.inn, legal.legal_address) == (LEGAL.inn, "")
    assert {contact.shown for contact in view.contacts} == {None}
    assert (view.address, view.comment, view.birthday) == (None, None, None)
    leaf = (await leaves(house))[-1]
    assert [person["fields"] for person in leaf["subjects"]] == [["name", "tax_id"]]


@pytest.mark.parametrize("name", ["storekeeper", "courier", "administrator"])
async def test_roles_without_clients_open_no_card(house: TestHouse, name: str) -> None:
    one = await added(house)
    with pytest.raises(Denied):
        await customers.open_card(house.actor_for(name), one.id)


async def test_a_role_without_orders_sees_a_card_without_them(house: TestHouse) -> None:
    from appliance.actions import orders  # noqa: PLC0415  this one test alone

    await orders.place(house.shop_key(), order_draft())
    head = house.actor_for("head")
    assert len((await customers.open_by_number(head, 1)).orders) == 1
    less = {code: one for code, one in head.grants.items() if code != "order.view"}
    card = await customers.open_by_number(head._replace(grants=less), 1)
    assert card.orders == ()


async def test_a_blocked_client_does_not_take_the_page_down(house: TestHouse) -> None:
    one, two = await added(house), await added(house)

    async def subject() -> Any:
        return await fetch_value("SELECT subject_id FROM customer WHERE id = {}", one.id)

    house.vault.begin_destroy(await house.database.read(subject))
    page = await customers.list_page(house.shop_key(), CustomerFilter(), page=1, limit=20)
    names = {row.number: row.name for row in page.rows}
    assert names == {two.number: Personal("Сухова Анна"), one.number: None}


async def test_exact_ids_longer_than_the_page_are_answered_whole(house: TestHouse) -> None:
    numbers = tuple([(await added(house)).number for _ in range(5)])
    key = house.shop_key()
    page = await customers.list_page(key, CustomerFilter(numbers=numbers), page=1, limit=2)
    assert [row.number for row in page.rows] == [5, 4, 3, 2, 1]
    assert page.total == 5


async def test_pages_follow_one_another_without_gaps(house: TestHouse) -> None:
    for _ in range(5):
        await added(house)
    key, wanted = house.shop_key(), CustomerFilter(shops=("main",))
    pages = [await customers.list_page(key, wanted, page=page, limit=2) for page in (1, 2, 3, 4)]
    assert [[row.number for row in page.rows] for page in pages] == [[5, 4], [3, 2], [1], []]
    assert {page.total for page in pages} == {5}


async def test_the_kept_total_of_a_shop_is_not_told_to_a_seller(house: TestHouse) -> None:
    await added(house)
    wanted = CustomerFilter(shops=("main",))
    page = await customers.list_page(house.actor_for("rival"), wanted, page=1, limit=20)
    assert page.total == 0


async def test_filters_narrow_a_list(house: TestHouse) -> None:
    await added(house, external_id="1", vip=True)
    await added(house, external_id="2", contacts=(), manager_number=2)
    key = house.shop_key()
    cases = {
        (1,): CustomerFilter(vip=True),
        (2,): CustomerFilter(vip=False),
        (2, 1): CustomerFilter(bad=False),
        (): CustomerFilter(min_orders=1),
        (1, 2): CustomerFilter(max_orders=0),
    }
    for numbers, wanted in cases.items():
        page = await customers.list_page(key, wanted, page=1, limit=20)
        assert {row.number for row in page.rows} == set(numbers), wanted
    for wanted, numbers in (
        (CustomerFilter(external_ids=("2",)), [2]),
        (CustomerFilter(managers=(2,)), [2]),
        (CustomerFilter(email="ANNA@example.ru"), [1]),
        (CustomerFilter(email="not a mailbox"), []),
        (CustomerFilter(created_from=house.clock.now), [2, 1]),
    ):
        page = await customers.list_page(key, wanted, page=1, limit=20)
        assert [row.number for row in page.rows] == numbers, wanted


async def test_a_hidden_mailbox_cannot_be_asked_for(house: TestHouse) -> None:
    await added(house)
    wanted = CustomerFilter(email="anna@example.ru")
    page = await customers.list_page(house.actor_for("accountant"), wanted, page=1, limit=20)
    assert page.rows == ()


@pytest.mark.parametrize("name", ["head", "key"])
@pytest.mark.checklist(126)
async def test_a_longer_page_takes_no_more_statements(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    actor: Actor = house.shop_key() if name == "key" else house.actor_for(name)
    counts: list[int] = []
    for size in (2, 12):
        for _ in range(size):
            await added(house, contacts=(phone(f"+7 912 000 {size} 10"), phone("123 45 67")))
        with counted_statements(monkeypatch) as seen:
            page = await customers.list_page(actor, CustomerFilter(), page=1, limit=size)
        assert len(page.rows) == size
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10


async def test_a_card_takes_few_statements(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await added(house, house.actor_for("seller"))
    await customers.open_card(house.actor_for("seller"), one.id)
    with counted_statements(monkeypatch) as seen:
        await customers.open_card(house.actor_for("seller"), one.id)
    assert len(seen) <= 12


async def test_department_scope_without_a_department_means_own(house: TestHouse) -> None:
    one = await added(house, house.actor_for("operator"))
    operator = house.actor_for("operator")
    card = await customers.open_card(operator, one.id)
    assert card.customer.number == one.number
    grants = dict(operator.grants) | {"customer.view": Grant(Scope.NONE)}
    with pytest.raises(Denied):
        await customers.open_card(operator._replace(grants=grants), one.id)


async def test_an_address_sealed_anew_for_another_person_opens_for_him(house: TestHouse) -> None:
    """The row names whose key opens it; an order may change hands."""
    from appliance.storage import addresses  # noqa: PLC0415  past the gate, this one test alone
    from appliance.storage.tx import Tx  # noqa: PLC0415

    place, first, second = uuid7(), house.vault.new_subject(), house.vault.new_subject()

    async def body() -> None:
        grant = house.system.grants["customer.view"]
        tx = Tx(house.system, grant, house.vault, house.index, house.clock.now)
        await addresses.set_address(tx, place, first, "delivery", AddressParts(city="Тверь"))
        await addresses.set_address(tx, place, second, "delivery", AddressParts(city="Клин"))
        assert (await addresses.of_owners(tx, [place]))[place].city == "Клин"

    await house.write(body)
    rows = await house.rows("SELECT subject_id FROM address")
    assert rows == [(second,)]
