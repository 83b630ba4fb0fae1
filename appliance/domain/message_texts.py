"""Templates of text messages: what this release brings, and what each may name."""

from collections.abc import Mapping
from typing import Final

from appliance.domain import letter_texts
from appliance.domain.letter_texts import fill_text
from appliance.domain.messages import LONGEST_TEXT, Template
from appliance.errors import Invalid

FREE: Final = "free"
PAY: Final = "pay"
STATUS: Final = "status"
MOST_OWN: Final = 50
LONGEST_NAME: Final = 60

DEFAULTS: Final[Mapping[str, Template]] = {
    one.code: one
    for one in (
        Template(
            code=STATUS,
            body="{{ shop }}: заказ № {{ number }} — {{ status }}."
            "{% if track %} Трек {{ track }}.{% endif %}",
        ),
        Template(
            code=PAY,
            body="{{ shop }}: заказ № {{ number }}, к оплате {{ to_pay }}."
            "{% if pay_link %} Оплатить: {{ pay_link }}{% endif %}",
        ),
        Template(
            code="ready",
            body="{{ shop }}: заказ № {{ number }} готов, можно забирать."
            "{% if to_pay %} К оплате {{ to_pay }}.{% endif %}",
        ),
        Template(
            code="missed",
            body="{{ shop }}: не смогли до вас дозвониться"
            "{% if number %} по заказу № {{ number }}{% endif %}. Когда вам удобно?",
        ),
        Template(code=FREE, body="{{ shop }}: "),
    )
}
"""By code. The words of clients' messages are Russian: so are the clients."""

OF_ORDERS: Final = (STATUS, PAY, "ready", "missed", FREE)
OF_OTHERS: Final = ("missed", FREE)
"""The release's templates by where a message is written: on an order's card, elsewhere."""

NAMES: Final = (
    "name", "number", "status", "sum", "to_pay", "track", "link", "pay_link", "shop", "manager",
)  # fmt: skip
"""What a template may name, as those of letters do."""

SAMPLE: Final[Mapping[str, str]] = {name: letter_texts.SAMPLE[name] for name in NAMES}
"""What a preview is filled with: nobody's data."""


def fill(template: Template, values: Mapping[str, str]) -> str:
    """The text of a message, each stretch of blanks one.

    Raises:
        Invalid: `letter_template_wrong` at `body`.
    """
    lines = fill_text("body", template.body, values).split("\n")
    return "\n".join(" ".join(line.split(" ")) for line in lines).strip(" ")


def check(template: Template) -> None:
    """Refuse a template that could not be filled.

    Raises:
        Invalid: `letter_template_wrong`, `entry_long`, `entry_empty` by field.
    """
    if template.own and not template.name.strip():
        raise Invalid("entry_empty", fields={"name": "entry_empty"})
    if len(template.name) > LONGEST_NAME:
        raise Invalid("entry_long", fields={"name": "entry_long"}, most=LONGEST_NAME)
    if not template.body.strip():
        raise Invalid("entry_empty", fields={"body": "entry_empty"})
    if len(template.body) > 2 * LONGEST_TEXT:
        raise Invalid("entry_long", fields={"body": "entry_long"}, most=2 * LONGEST_TEXT)
    fill(template, SAMPLE)
    fill(template, dict.fromkeys(NAMES, ""))
