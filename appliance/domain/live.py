"""Which open pages a fact concerns: topics, as browsers subscribe to them.

`order` is every list of orders, `order:<id>` one order's card, `user:<number>` one colleague.
"""

from uuid import UUID

from appliance.domain.events import Event


def topics(event: Event) -> frozenset[str]:
    """Topics of one fact, read off the names of its fields.

    >>> from appliance.domain.events import CustomerChanged
    >>> sorted(topics(CustomerChanged(customer_id=UUID(int=7))))
    ['customer', 'customer:00000000-0000-0000-0000-000000000007']
    """
    found: set[str] = set()
    for field in event.__struct_fields__:
        noun, _, ending = field.rpartition("_")
        value = getattr(event, field)
        if ending == "id" and isinstance(value, UUID):
            found |= {noun, f"{noun}:{value}"}
        elif field == "user_number" and value:
            found.add(f"user:{value}")
    return frozenset(found)
