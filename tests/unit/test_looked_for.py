"""What a buyer was looked for by is not typed twice."""

import pytest

from appliance.web.order_typed import looked_for


@pytest.mark.parametrize(
    ("kind", "sought", "fields"),
    [
        ("person", "8 912 555-44-33", {"phone": "8 912 555-44-33"}),
        ("person", " anna@example.ru ", {"email": "anna@example.ru"}),
        ("person", "Сухова Анна", {"last_name": "Сухова", "first_name": "Анна"}),
        ("person", "Сухова", {"last_name": "Сухова", "first_name": ""}),
        ("company", "7707083893", {"inn": "7707083893"}),
        ("company", "+7 912 555-44-33", {"phone": "+7 912 555-44-33"}),
        ("company", "ООО «Луч»", {"company": "ООО «Луч»"}),
    ],
)
def test_what_a_buyer_was_looked_for_by_goes_into_its_own_field(
    kind: str, sought: str, fields: dict[str, str]
) -> None:
    assert looked_for(kind, sought) == fields
