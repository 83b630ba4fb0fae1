"""A person of whom the box holds something of every kind, and those who decide about him."""

from typing import NamedTuple
from uuid import UUID

from appliance.actions import destruction, subjects
from appliance.domain.access import Actor
from appliance.domain.customers import AddressParts
from appliance.domain.personal import Personal
from appliance.domain.subjects import RequestKind, RequestView, Steady
from appliance.storage import roles_store
from tests.house_fixture import TestHouse
from tests.integration.clients.people import added, email, phone

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
