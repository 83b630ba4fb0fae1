"""The gate of a stage: a window that asks for what a deal lacks, or says why it cannot pass."""

from typing import Any

from litestar import Response
from litestar.datastructures import FormMultiDict

from appliance.actions import deal_desk
from appliance.domain.deals import (
    DealField,
)
from appliance.errors import Conflict, Invalid
from appliance.roles import Permission
from appliance.web import texts
from appliance.web.answers import WebRequest, told
from appliance.web.deal_forms import colleagues_of, rows_of, sentences, typed_lines
from appliance.web.orders import cursor, word
from appliance.web.screens import Reader, draw


async def gate(
    request: WebRequest,
    reader: Reader,
    number: int,
    form: FormMultiDict,
    error: Conflict | Invalid,
) -> Response[Any]:
    """A window over the board: what is missing, to be filled in there; or why it cannot be."""
    choices = await deal_desk.form(reader.actor)
    known, codes = choices.funnels, choices.codes
    stage = known.numbered(cursor(word(form, "stage")) or 0)
    wrong = sentences(reader, error)
    asked = [one for one in DealField if one.value in wrong or _in_form(one, form)]
    if any(field.startswith("lines") for field in wrong) and DealField.LINES not in asked:
        asked.append(DealField.LINES)
    fixable = isinstance(error, Invalid) and (bool(asked) or "reason" in wrong)
    return draw(
        request,
        reader,
        "deals/gate.html",
        status=409 if isinstance(error, Conflict) else 422,
        headers={"hx-retarget": "#dialogs", "hx-reswap": "innerHTML"},
        number=number,
        sentence=told(request, error),
        hint=texts.error(error.code, reader.language, error.params).hint,
        fixable=fixable,
        asked=[one.value for one in asked],
        reasons=[(str(one.number), one.name) for one in known.reasons if one.active]
        if "reason" in wrong
        else [],
        wrong=wrong,
        typed={name: word(form, name) for name in ("amount", "expected_on", "note", "source")},
        kept={name: word(form, name) for name in ("stage", "version", "from", "filter", "q")},
        reason=word(form, "reason"),
        lines=rows_of(typed_lines(form)),
        stage=stage,
        colleagues=colleagues_of(codes),
        may_assign=reader.may(Permission.DEAL_ASSIGN),
    )


def _in_form(field: DealField, form: FormMultiDict) -> bool:
    return ("line_name" if field is DealField.LINES else field.value) in form
