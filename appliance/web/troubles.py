"""Errors as pages: inside the frame for the signed in, so that nobody is led out of his work."""

from typing import Final

from appliance.domain.users import Visit
from appliance.http.errors import Trouble, is_fragment
from appliance.web import answers
from appliance.web.answers import WebRequest
from appliance.web.screens import NO_COUNTS, draw, look_of, reader_of, shell_of

INSIDE: Final = frozenset({403, 404, 410})
"""Statuses of pages that are not there or not for this reader; the box itself is well."""

BEFORE: Final = frozenset({"step_up_needed", "must_first", "sealed"})
"""Codes that ask for something before the frame may be shown."""


def error_page(request: WebRequest, trouble: Trouble) -> str:
    """Draw an error: inside the frame, as a whole page, or a message for htmx."""
    signed_in = isinstance(request.scope.get("auth"), Visit)
    asks = trouble.status not in INSIDE or trouble.code in BEFORE
    if not signed_in or asks or is_fragment(request) or request.method != "GET":
        return answers.error_page(request, trouble)
    reader = reader_of(request)
    shown = draw(
        request,
        reader,
        "door/error_inside.html",
        look=look_of(request),
        shell=shell_of(request, reader, "", NO_COUNTS, None),
        trouble=trouble,
    )
    return shown.content
