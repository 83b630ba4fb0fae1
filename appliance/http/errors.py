"""Errors on their way out: status by class, sentence by code, shape by door."""

import logging
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.types import Scope
from markupsafe import escape

from appliance.errors import (
    Conflict,
    Damaged,
    Denied,
    Destroyed,
    HouseError,
    Invalid,
    NotFound,
    Sealed,
    Throttled,
    Unauthenticated,
    Unavailable,
)
from appliance.http.origin import header, state_of

log = logging.getLogger("korobka.errors")

STATUSES: Final[tuple[tuple[type[HouseError], int], ...]] = (
    (Invalid, 422),
    (NotFound, 404),
    (Denied, 403),
    (Conflict, 409),
    (Unauthenticated, 401),
    (Throttled, 429),
    (Sealed, 503),
    (Destroyed, 410),
    (Damaged, 500),
    (Unavailable, 503),
)
_BY_STATUS: Final[Mapping[int, str]] = {
    400: "bad_request",
    401: "unauthenticated",
    403: "denied",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "media_type",
    422: "invalid",
    429: "throttled",
}
_RETRY_SEALED: Final = 30
MOST_FRAMES: Final = 12
API_PATHS: Final = (b"/api/", b"/retailcrm.ru/api/")
"""Programs answer to JSON there, whatever they say they accept."""

AnyRequest = Request[Any, Any, Any]
Sentences = Callable[[str, Mapping[str, str | int], str], tuple[str, str]]
"""Code, its params and a language → what went wrong, and what to do about it (may be empty)."""


class MustFirst(Denied):
    """Something has to be done before anything else; `params["path"]` says where."""

    default_code = "must_first"


class Trouble(NamedTuple):
    """An error as a door shows it.

    Attributes:
        sentence: what went wrong, in the reader's language.
        hint: what to do about it; may be empty.
        event: the request's number, to be read out.
        fields: path of the field → sentence.
    """

    status: int
    code: str
    sentence: str
    hint: str
    event: str
    fields: Mapping[str, str]
    params: Mapping[str, str | int]


Page = Callable[[AnyRequest, Trouble], str]
"""Draws a whole page, or a fragment for htmx."""


def status_of(error: HouseError) -> int:
    """HTTP status of an error of the house; 500 for one that no class speaks for."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def plain_sentence(code: str, params: Mapping[str, str | int], language: str) -> tuple[str, str]:
    """Stands in for the catalogue in programs' doors: the code is the sentence."""
    return code, ""


def plain_page(request: AnyRequest, trouble: Trouble) -> str:
    """A page without any kit: for tests, and for a box whose assets are missing."""
    fields = "".join(f"<li>{escape(text)}</li>" for text in trouble.fields.values())
    body = (
        f'<p role="alert" data-code="{escape(trouble.code)}">{escape(trouble.sentence)}</p>'
        f"<ul>{fields}</ul><p>{escape(trouble.event)}</p>"
    )
    if is_fragment(request):
        return body
    return f"<!doctype html><meta charset=utf-8><title>{trouble.status}</title>{body}"


def is_fragment(request: AnyRequest) -> bool:
    """Whether htmx asks for a piece of a page."""
    return header(request.scope, b"hx-request") == "true"


class ErrorDoor:
    """Exception handlers of one door.

    Args:
        sentence: the catalogue.
        page: draws pages; None: this door speaks JSON only.
        language: of the reader of a request.
        sign_in: path of the sign-in page; pages that need it lead there.
    """

    def __init__(
        self,
        sentence: Sentences,
        page: Page | None,
        language: Callable[[AnyRequest], str],
        sign_in: str = "/login",
    ) -> None:
        self._sentence = sentence
        self._page = page
        self._language = language
        self._sign_in = sign_in

    def handlers(self) -> dict[Any, Callable[[AnyRequest, Any], Response[Any]]]:
        """For `Litestar(exception_handlers=…)`."""
        return {HouseError: self.house, HTTPException: self.http, Exception: self.unexpected}

    def trouble(self, request: AnyRequest, error: HouseError, status: int = 0) -> Trouble:
        """Put an error into words."""
        language = self._language(request)
        fields: Mapping[str, str] = error.fields if isinstance(error, Invalid) else {}
        return Trouble(
            status or status_of(error),
            error.code,
            *self._sentence(error.code, error.params, language),
            state_of(request.scope).get("request_id", ""),
            {name: self._sentence(code, {}, language)[0] for name, code in fields.items()},
            error.params,
        )

    def house(self, request: AnyRequest, error: HouseError) -> Response[Any]:
        """Answer an error of the house."""
        if status_of(error) >= 500 and not isinstance(error, Sealed):
            log_failure(request, error)
        if self._is_page(request):
            if isinstance(error, Unauthenticated):
                return self._to_sign_in(request)
            if isinstance(error, MustFirst):
                return _lead(request, str(error.params["path"]))
        return self._answer(request, self.trouble(request, error))

    def http(self, request: AnyRequest, error: HTTPException) -> Response[Any]:
        """Answer an error of the framework; its own text may quote the input and stays here."""
        code = _BY_STATUS.get(error.status_code, "failed")
        if error.status_code >= 500:
            log_failure(request, error)
        return self._answer(request, self.trouble(request, HouseError(code), error.status_code))

    def unexpected(self, request: AnyRequest, error: Exception) -> Response[Any]:
        """Answer a bug."""
        log_failure(request, error)
        return self._answer(request, self.trouble(request, HouseError("failed"), 500))

    def _is_page(self, request: AnyRequest) -> bool:
        # The path as it came: inside a mounted application `path` begins after the mount.
        if self._page is None or request.scope["raw_path"].startswith(API_PATHS):
            return False
        return "application/json" not in header(request.scope, b"accept")

    def _to_sign_in(self, request: AnyRequest) -> Response[Any]:
        target = self._sign_in
        if request.method == "GET" and request.scope["path"] != "/" and not is_fragment(request):
            target = f"{target}?next={quote(request.scope['path'])}"
        return _lead(request, target, fragment_status=401)

    def _answer(self, request: AnyRequest, trouble: Trouble) -> Response[Any]:
        headers: dict[str, str] = {}
        if trouble.status == 429:
            headers["retry-after"] = str(trouble.params.get("seconds", 1))
        elif trouble.status == 503:
            headers["retry-after"] = str(_RETRY_SEALED)
        if self._page is not None and self._is_page(request):
            text = self._page(request, trouble)
            return Response(
                text, status_code=trouble.status, media_type=MediaType.HTML, headers=headers
            )
        body: dict[str, object] = {
            "code": trouble.code,
            "message": trouble.sentence,
            "event": trouble.event,
        }
        if trouble.fields:
            body["fields"] = trouble.fields
        if trouble.params:
            body["params"] = trouble.params
        return Response(body, status_code=trouble.status, headers=headers)


def _lead(request: AnyRequest, target: str, fragment_status: int = 403) -> Response[Any]:
    """Lead the browser elsewhere, by htmx's own way where it asked."""
    if is_fragment(request):
        return Response(b"", status_code=fragment_status, headers={"hx-redirect": target})
    return Response(b"", status_code=303, headers={"location": target})


def log_failure(request: AnyRequest, error: BaseException) -> None:
    """Write where it broke. Texts of errors that are not the house's own may quote people."""
    log_failure_at(request.scope, error)


def log_failure_at(scope: Scope, error: BaseException) -> None:
    """The same, of a door that has no request of the framework."""
    text = str(error) if isinstance(error, HouseError) else ""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    where = " < ".join(f"{one.filename}:{one.lineno} {one.name}" for one in reversed(frames))
    log.error(
        "%s %s: %s %s at %s",
        state_of(scope).get("request_id", "-"),
        scope.get("path_template", "-"),
        type(error).__name__,
        text,
        where,
    )
