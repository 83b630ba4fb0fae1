"""Two records of one client, and looks past the gate at what became of them."""

from typing import Any, cast

from appliance.actions import customers, orders
from appliance.domain.customers import AddressParts, CustomerView, RequisitesParts, Wishes
from appliance.domain.duplicates import MergeDone
from appliance.domain.orders import CustomerRef, OrderView
from appliance.domain.personal import Personal
from appliance.storage.engine.shapes import name_of
from appliance.storage.owned import OWNED
from tests.house_fixture import SHOP, TestHouse
from tests.integration.clients.people import added, email, phone
from tests.integration.orders.drafts import draft as order_draft


async def anna(house: TestHouse, **changes: Any) -> customers.Added:
    """The record that is to stay."""
    values: dict[str, Any] = {
        "contacts": (phone("8 (912) 000-12-34"), email("anna@example.ru")),
        "address": Personal(AddressParts(city="Тверь", text="Садовая, 1")),
        "requisites": Personal(RequisitesParts(legal_name="ИП Сухова", inn="500100732259")),
        "tags": ("опт",),
    }
    return await added(house, **(values | changes))


async def double(house: TestHouse, **changes: Any) -> customers.Added:
    """The record that is to go: another spelling, one phone the same and one of its own."""
    values: dict[str, Any] = {
        "first_name": Personal("Аня"),
        "patronymic": Personal("Петровна"),
        "comment": Personal("Просит звонить после шести"),
        "contacts": (phone("+7 912 000-12-34"), phone("+7 495 000-00-01")),
        "address": Personal(AddressParts(city="Клин", text="Новая, 2")),
        "requisites": Personal(RequisitesParts(legal_name="ИП Сухова А. П.", inn="500100732259")),
        "tags": ("опт", "горожанка"),
        "vip": True,
        "wishes": Personal(Wishes(note="Без звонка в дверь")),
    }
    return await added(house, **(values | changes))


async def order_of(house: TestHouse, number: int, external_id: str) -> OrderView:
    """An order of that client, with a comment, an address and a payment's remark."""
    placed = await orders.place(
        house.system, order_draft(external_id, customer_ref=CustomerRef(number=number))
    )
    return await orders.open_card(house.system, placed.order_id)


async def card(house: TestHouse, number: int) -> CustomerView:
    return (await customers.open_by_number(house.system, number)).customer


def known(view: CustomerView) -> dict[str, Any]:
    """What a card says, opened, for comparison."""

    def plain(value: Any) -> Any:
        return cast("Personal[Any]", value).reveal() if isinstance(value, Personal) else value

    said = {name: plain(getattr(view, name)) for name in FACTS}
    said["contacts"] = sorted(plain(one.full) or "" for one in view.contacts)
    said["tags"] = sorted(view.tags)
    return said


FACTS = (
    "first_name", "last_name", "patronymic", "company_name", "birthday", "sex", "comment",
    "address", "requisites", "wishes", "owner_number", "vip", "bad", "orders_count", "orders_total",
    "paid_total", "first_order_at", "last_order_at", "state",
)  # fmt: skip


async def subjects(house: TestHouse, number: int) -> tuple[Any, Any]:
    """(client, subject) of a record."""
    rows = await house.rows("SELECT id, subject_id FROM customer WHERE number = {}", number)
    return rows[0][0], rows[0][1]


async def left_under(house: TestHouse, subject: Any) -> dict[str, int]:
    """Rows still under a person's key, by table."""
    found: dict[str, int] = {}
    for owned in OWNED:
        if owned.subject:
            rows = await house.rows(
                f'SELECT COUNT(*) FROM "{name_of(owned.table)}" WHERE {owned.subject} = {{}}',  # noqa: S608 - names of our own
                subject,
            )
            if rows[0][0]:
                found[owned.name] = int(str(rows[0][0]))
    return found


__all__ = ["SHOP", "MergeDone"]
