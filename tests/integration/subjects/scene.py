"""A person of whom the box holds something of every kind, and those who decide about him."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from appliance.actions import (
    acts,
    calls,
    customers,
    deals,
    destruction,
    messages,
    orders,
    subjects,
    tasks,
    timeline,
)
from appliance.domain.access import Actor
from appliance.domain.calls import CallReport
from appliance.domain.customers import AddressParts, CustomerChange
from appliance.domain.deals import DealDraft
from appliance.domain.ids import uuid7
from appliance.domain.messages import MessageDraft
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal
from appliance.domain.subjects import RequestKind, RequestView, Steady
from appliance.domain.tasks import NewTask
from appliance.domain.timeline import EntryDraft, Place
from appliance.jobs.destruction import Destroyer
from appliance.storage import evidence, roles_store
from appliance.storage.statements import execute
from tests.house_fixture import SHOP, TestHouse
from tests.integration.clients.people import added, email, phone
from tests.integration.orders.drafts import draft as order_draft

NAME = "Заблокирова"
"""A family name that nobody else has: what is looked for in files afterwards."""

PHONE = "+7 912 000-77-01"


class Person(NamedTuple):
    """The client a test destroys."""

    id: UUID
    number: int


async def somebody(house: TestHouse) -> Person:
    """A client with contacts, an address and words about him; the box knows its roles."""
    await house.write(roles_store.follow_presets)
    made = await added(
        house,
        last_name=Personal(NAME),
        first_name=Personal("Евлампия"),
        contacts=(phone(PHONE), email("evlampia@example.ru")),
        comment=Personal("Любит говорить про Заблокирову дачу"),
        address=Personal(AddressParts(city="Тверь", text="Заблокированная, 7")),
        tags=("опт",),
    )
    return Person(made.id, made.number)


def officer(house: TestHouse) -> Actor:
    """Who writes requests down."""
    return house.actor_for("data_officer")._replace(session="0fficer0", step_up=True)


def approver(house: TestHouse, name: str) -> Actor:
    """Who agrees, in a session of his own."""
    return house.actor_for(name)._replace(session=f"5e55{name[:4]}", step_up=True)


async def asked(
    house: TestHouse, person: Person, kind: RequestKind = RequestKind.ERASE
) -> RequestView:
    """A request as the officer writes it down."""
    return await subjects.request(
        officer(house), person.number, kind, channel="letter", note=Personal("вх. 17")
    )


async def agreed(house: TestHouse, number: int) -> RequestView:
    """Both agree."""
    await subjects.approve(approver(house, "head"), number)
    return await subjects.approve(approver(house, "administrator"), number)


class Machine:
    """A clock nobody can set, moved by a test."""

    def __init__(self) -> None:
        self.boot, self.ms = "one", 1_000

    def reading(self) -> Steady:
        return Steady(self.boot, self.ms)

    async def run(self, house: TestHouse, hours: float) -> list[int]:
        """Let the machine run so long; numbers of requests that have a step to do."""
        await destruction.tick(house.system, self.reading())
        self.ms += int(hours * 3_600_000)
        return [due.number for due in await destruction.tick(house.system, self.reading())]


async def acts_written(system: Actor) -> int:
    """Stands in for the chore that writes acts (`test_acts` tries it): how many there are now."""
    missing = await acts.unwritten(system)
    for one in missing:
        evidence._opened().run(
            "INSERT OR REPLACE INTO record (id, request, number, state, made_at, keep_until) "
            "VALUES (?, 1, (SELECT COUNT(*) + 1 FROM record), 'made', 0, 4102444800000)",
            one.request_id.bytes,
        )
    return len(missing)


async def nothing() -> None:
    """There is no index and no log file in a test's house."""


def destroyer(house: TestHouse, machine: Machine) -> Destroyer:
    """The house's own worker."""
    return Destroyer(house.system, house.vault, machine.reading, nothing)


async def busy(house: TestHouse, person: Person) -> UUID:
    """Give the client something of every kind, and pay an order of another; gives that order's id.

    An order with words and a payment, a deal, a task, a call, a note, a file, a change.
    """
    seller = house.actor_for("head")
    place = Place(client=person.number)
    await orders.place(
        house.system, order_draft("zab-1", customer_ref=CustomerRef(number=person.number))
    )
    await deals.create(
        seller, DealDraft(customer_number=person.number, title=Personal("Дача Заблокировой"))
    )
    await tasks.create(
        seller,
        NewTask(
            title=Personal("Позвонить Заблокировой"),
            due_at=house.clock.now + timedelta(hours=1),
            customer=person.number,
        ),
    )
    await calls.report(
        house.system,
        CallReport(provider_id="zab", user_number=1, phone=Personal(PHONE), line="Розница"),
    )
    await timeline.write(seller, place, EntryDraft(text=Personal("Заблокирова просила счёт")))
    body = Personal(b"scan of Zablokirova" * 50)
    sent = timeline.Attachment(name=Personal("Заблокирова.pdf"), media="application/pdf", body=body)
    await timeline.attach(seller, place, (sent,))
    text = MessageDraft(
        form=uuid7(), plugin="texter", template="free", to=Personal(PHONE),
        text=Personal("Заблокирова, ваш заказ готов"),
    )  # fmt: skip
    await messages.send(seller, place, text)
    change = CustomerChange(comment=Personal("Переехала"))
    await customers.edit(seller, SHOP, CustomerRef(number=person.number), change)
    other = await orders.place(house.system, order_draft("other-1", phone="8 912 000-55-66"))
    await house.write(lambda: _pays(person, other.order_id))
    return other.order_id


async def _pays(person: Person, order_id: UUID) -> None:
    await execute("UPDATE orders SET payer_id = {} WHERE id = {}", person.id, order_id)
    await execute(
        "INSERT INTO payment (id, number, order_id, shop, kind, status, amount, payer, created_at) "
        "SELECT {}, 9001, id, shop, 'bank', 'paid', 100, {}, created_at FROM orders WHERE id = {}",
        uuid7(),
        b"sealed under another key",
        order_id,
    )
