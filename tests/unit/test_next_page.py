"""Where a sign-in leads to afterwards: a page of this box, whatever the link said."""

import pytest

from appliance.web.answers import safe_next


@pytest.mark.parametrize("given", ["/orders", "/orders?status=new&page=2", "/", "/clients/7#notes"])
def test_a_page_of_the_box_is_gone_to(given: str) -> None:
    assert safe_next(given) == given


@pytest.mark.parametrize(
    "given",
    [
        None,
        7,
        "",
        "orders",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/orders\r\nset-cookie: a=b",
        "/заказы",  # no header can say it
        "/x\u2028y",
    ],
)
def test_anything_else_leads_to_the_first_page(given: object) -> None:
    assert safe_next(given) == "/"
