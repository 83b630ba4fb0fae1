"""What laws keep of a destroyed person: categories that the box has, each with its norm."""

import pytest

from appliance.domain.holds import MINIMAL
from appliance.domain.privacy import PurposeCode
from appliance.domain.subjects import CATEGORIES
from appliance.storage import erasing, kept_parts


@pytest.mark.parametrize("purpose", list(PurposeCode))
def test_every_field_that_a_law_keeps_is_a_category_and_names_its_norm(
    purpose: PurposeCode,
) -> None:
    known = {code for codes in erasing.CATEGORY.values() for code in codes}
    assert MINIMAL[purpose]
    for code, norm in MINIMAL[purpose].items():
        assert code in CATEGORIES, code
        assert code in known & kept_parts.READ.keys(), code
        assert "ФЗ" in norm or "РФ" in norm, norm
