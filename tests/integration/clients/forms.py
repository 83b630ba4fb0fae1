"""A client's form as a browser sends it."""

from typing import Any

import httpx

from tests.web_house import Browser

PERSON: dict[str, Any] = {
    "kind": "person",
    "last_name": "Чашкина",
    "first_name": "Роза",
    "phone": ["8 (4822) 32-12-34", "+7 912 000-12-34"],
    "email": "rosa@example.ru",
    "messenger": "@rosa_chai",
    "purpose": "order:contract",
    "origin": "phone",
    "tags": "чай, подарки",
}
COMPANY: dict[str, Any] = {
    "kind": "company",
    "company_name": "Северная мастерская",
    "purpose": "order:interest",
    "contragent_type": "legal-entity",
    "inn": "7707083893",
    "kpp": "773601001",
    "ogrn": "1027700132195",
    "bik": "044525225",
    "corr_account": "30101810400000000225",
}


async def add(browser: Browser, **changes: Any) -> httpx.Response:
    """Send the form of a new person."""
    return await browser.post("/clients/new", {**PERSON, **changes})


def number_of(answer: httpx.Response) -> int:
    """The client that a stored form leads to."""
    return int(answer.headers["hx-redirect"].rpartition("/")[2])
