"""Templates of letters: what this release brings, and filling one in a sandbox."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from appliance.domain.letters import LONGEST_SUBJECT, LONGEST_TEXT, MARK, Template, Values
from appliance.errors import Invalid

MOST_SOURCE: Final = 10_000
"""Characters of a template."""

OF_ORDERS: Final = ("status", "invoice", "document", "letter")
OF_OTHERS: Final = ("letter", "document")
"""Templates by where a letter is written: on an order's card, on a client's or a deal's."""

ABOUT_THE_ORDER: Final = frozenset({"status", "invoice", "document", "notice"})
"""Letters that belong to a contract or to work: they need nobody's consent."""

DEFAULTS: Final[Mapping[str, Template]] = {
    one.code: one
    for one in (
        Template(
            code="status",
            subject="Заказ № {{ number }}: {{ status }}",
            body="Здравствуйте{% if name %}, {{ name }}{% endif %}!\n\n"
            "Ваш заказ № {{ number }}: {{ status }}.\n"
            "{% if track %}Трек-номер: {{ track }}.\n{% endif %}"
            "Как идёт заказ, всегда видно здесь:\n{{ link }}\n\n"
            "Там же можно написать нам.\n\n{{ shop }}",
        ),
        Template(
            code="invoice",
            subject="Счёт по заказу № {{ number }}",
            body="Здравствуйте{% if name %}, {{ name }}{% endif %}!\n\n"
            "Сумма заказа № {{ number }}: {{ sum }}{% if to_pay != sum %}, "
            "к оплате {{ to_pay }}{% endif %}.\n"
            "{% if pay_link %}Оплатить можно здесь:\n{{ pay_link }}\n\n{% endif %}"
            "Состав заказа и оплата видны по ссылке:\n{{ link }}\n\n"
            "Если что-то неясно, просто ответьте на это письмо.\n\n"
            "{{ manager }}\n{{ shop }}",
        ),
        Template(
            code="document",
            subject="Документы{% if number %} к заказу № {{ number }}{% endif %}",
            body="Здравствуйте{% if name %}, {{ name }}{% endif %}!\n\n"
            "Во вложении документы{% if number %} к заказу № {{ number }}{% endif %}.\n\n"
            "{{ manager }}\n{{ shop }}",
        ),
        Template(
            code="letter",
            subject="{{ shop }}",
            body="Здравствуйте{% if name %}, {{ name }}{% endif %}!\n\n\n\n"
            "{{ manager }}\n{{ shop }}",
        ),
        Template(
            code="notice",
            subject="{{ title }}{% if record %}: {{ record }}{% endif %}",
            body="{{ title }}{% if record %}: {{ record }}{% endif %}.\n\n"
            "{% if link %}Открыть: {{ link }}\n\n{% endif %}"
            "Коробка. Что присылать по почте, выбирают на странице «Уведомления».",
        ),
    )
}
"""By code. The words of clients' letters are Russian: so are the clients."""

_OF_AN_ORDER: Final = (
    "name", "number", "status", "sum", "to_pay", "track", "link", "pay_link", "shop", "manager",
)  # fmt: skip

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "status": _OF_AN_ORDER,
    "invoice": _OF_AN_ORDER,
    "document": _OF_AN_ORDER,
    "letter": _OF_AN_ORDER,
    "notice": ("title", "record", "link"),
}
"""What each template may name."""

SAMPLE: Final[Values] = {
    "name": "Анна",
    "number": "10-4821",
    "status": "На доставке",
    "sum": "4 590 ₽",
    "to_pay": "1 590 ₽",
    "track": "RA644000001RU",
    "link": "https://korobka.example/s/…",
    "pay_link": "https://pay.example/…",
    "shop": "Тёплый дом",
    "manager": "Татьяна Ларина",
    "title": "Вам поставили задачу",
    "record": "Задача № 17",
}
"""What a preview is filled with: nobody's data."""


@lru_cache(maxsize=1)
def _sandbox() -> ImmutableSandboxedEnvironment:
    sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    sandbox.globals.clear()  # no range, no cycler: a text needs no loops without end
    return sandbox


def fill(template: Template, values: Values) -> tuple[str, str]:
    """Subject in one line, and the text.

    Raises:
        Invalid: `letter_template_wrong` with the field: a mistake, or a name it does not have.
    """
    subject = " ".join(fill_text("subject", template.subject, values).split())
    return subject[:LONGEST_SUBJECT], fill_text("body", template.body, values)[:LONGEST_TEXT]


def check(template: Template) -> None:
    """Refuse a template that could not be filled.

    Raises:
        Invalid: `letter_template_wrong`, `entry_long`, `entry_empty` by field.
    """
    for field, text in (("subject", template.subject), ("body", template.body)):
        if not text.strip():
            raise Invalid("entry_empty", fields={field: "entry_empty"})
        if len(text) > MOST_SOURCE:
            raise Invalid("entry_long", fields={field: "entry_long"}, most=MOST_SOURCE)
    known = {name: SAMPLE[name] for name in NAMES[template.code]}
    fill(template, known)
    fill(template, dict.fromkeys(known, ""))


def fill_text(field: str, source: str, values: Values) -> str:
    """One text filled in a sandbox, of letters and of messages.

    Raises:
        Invalid: `letter_template_wrong` at `field`.
    """
    try:
        return _sandbox().from_string(source).render(values)
    except (TemplateError, ArithmeticError, TypeError, ValueError, RecursionError):
        # What Jinja says names the mistake in English and may quote a value: it goes nowhere.
        raise Invalid("letter_template_wrong", fields={field: "letter_template_wrong"}) from None


def with_link(text: str, link: str) -> str:
    """Put a real link where a text only marks it."""
    return text.replace(MARK, link)
