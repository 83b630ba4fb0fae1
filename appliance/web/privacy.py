"""«Персональные данные»: requests of people, agreeing to destroy, acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import acts, desk, privacy, subjects, trimming
from appliance.domain import formats, inputs
from appliance.domain.acts import PaperLine
from appliance.domain.disclosures import Disclosed
from appliance.domain.holds import KeptSet
from appliance.domain.personal import Personal
from appliance.domain.privacy import PurposeCode
from appliance.domain.subjects import ENDED, RULE, RequestKind, RequestState, RequestView
from appliance.errors import Conflict, Denied, Invalid, NotFound
from appliance.roles import Permission
from appliance.web import plugin_words, privacy_packs, texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.client_cards import BASES
from appliance.web.orders import word
from appliance.web.privacy_words import (
    KEPT,
    KINDS,
    PURPOSES,
    facts,
    kept_by_law,
    line,
    lost,
    needed,
    steps,
    term,
)
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of

HOME: Final = "/privacy"
_TYPED: Final = ("sure", "text", "purpose", "law", "until", "papers")


class _Words(dict[str, str]):
    """What was typed; an empty text for what was not."""

    def __missing__(self, key: str) -> str:
        return ""


@dataclass
class Typed:
    """What was typed and refused; `failed`: a sentence about the deed as a whole."""

    values: Mapping[str, str] = field(default_factory=dict[str, str])
    problems: Mapping[str, str] = field(default_factory=dict[str, str])
    deed: str = ""
    failed: str = ""


class PrivacyPages(Controller):
    """Requests of people."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show the list; `?all` with what is done."""
        return await _page(request, None, Typed())

    @get("/new")
    async def fresh(self, request: WebRequest) -> Response[Any]:
        """Show the form of a new request; `?client=` fills the number in."""
        client = request.query_params.get("client", "")
        return await _page(request, None, Typed({"customer": client}, deed="new"))

    @post("/new")
    async def ask(self, request: WebRequest) -> Response[Any]:
        """Write a request down."""
        form, reader = await request.form(), reader_of(request)
        values = {
            name: word(form, name).strip() for name in ("customer", "kind", "received", "note")
        }
        problems: dict[str, str] = {}
        number = values["customer"].lstrip("№ ")
        if not (number.isascii() and number.isdigit() and len(number) < 12):
            problems["customer"] = "number_unreadable"
        day = _day(reader, values["received"], "received", problems)
        kind = values["kind"]
        if not problems:
            try:
                made = await subjects.request(
                    reader.actor,
                    int(number),
                    RequestKind(kind) if kind in set(RequestKind) else RequestKind.ERASE,
                    received_on=day,
                    channel=word(form, "channel").strip(),
                    note=Personal(values["note"]),
                )
                return go(request, f"{HOME}/{made.number}")
            except Invalid as error:
                names = {"received_on": "received"}
                problems = {names.get(name, name): code for name, code in error.fields.items()}
            except NotFound:
                problems["customer"] = "customer_not_found"
            except Conflict as error:
                failed = told(request, error)
                return await _page(request, None, Typed(values, {}, "new", failed))
        return await _page(request, None, Typed(values, problems, "new"))

    @get("/{number:int}")
    async def one(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show a request."""
        return await _page(request, number, Typed())

    @post("/{number:int}/{deed:str}")
    async def act(
        self, request: WebRequest, number: FromPath[int], deed: FromPath[str]
    ) -> Response[Any]:
        """Agree, refuse, answer, extend, hold or block."""
        form, reader = await request.form(), reader_of(request)
        typed = {name: word(form, name) for name in _TYPED}
        try:
            if deed == "kept":
                kept = await trimming.kept(reader.actor, number)
                return await _page(request, number, Typed(), kept)
            if deed == "person":
                return await privacy_packs.person(request, reader, number)
            await _act(reader, number, deed, form)
        except Invalid as error:
            fields = dict(error.fields) or {"code": error.code}
            return await _page(request, number, Typed(typed, fields, deed))
        except (Denied, Conflict) as error:
            if error.code == "step_up_needed":
                return go(request, f"/me/confirm?next={HOME}/{number}")
            return await _page(request, number, Typed(typed, {}, deed, told(request, error)))
        return go(request, f"{HOME}/{number}")

    @get("/acts/{number:int}")
    async def archive(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Give an act with its extract, after the factor or password again."""
        try:
            found = await acts.archive(reader_of(request).actor, number)
        except Denied as error:
            if error.code != "step_up_needed":
                raise
            return go(request, f"/me/confirm?next={HOME}")
        return privacy_packs.handed(f"act-{number}.zip", found)


async def _act(reader: Reader, number: int, deed: str, form: FormMultiDict) -> None:
    text = Personal(word(form, "text"))
    match deed:
        case "approve" | "code":
            await _agree(reader, number, deed, form)
        case "refuse":
            await subjects.refuse(reader.actor, number, text)
        case "answer":
            await subjects.answer(reader.actor, number, text)
        case "extend":
            await subjects.extend(reader.actor, number)
        case "block":
            await subjects.block(reader.actor, number)
        case "hold":
            await _hold(reader, number, form)
        case "papers":
            await acts.note_papers(reader.actor, number, _papers(word(form, "papers")))
        case _:
            raise NotFound("request_not_found")


async def _agree(reader: Reader, number: int, deed: str, form: FormMultiDict) -> None:
    if _plain(word(form, "sure")) not in {_plain(f"ПД-{number}"), _plain(f"PD-{number}")}:
        raise Invalid("number_differs", fields={"sure": "number_differs"})
    if deed == "code":
        await subjects.approve_by_code(reader.actor, number, Personal(word(form, "code")))
    else:
        await subjects.approve(reader.actor, number)


async def _hold(reader: Reader, number: int, form: FormMultiDict) -> None:
    problems: dict[str, str] = {}
    day = _day(reader, word(form, "until"), "until", problems)
    if problems or day is None:
        raise Invalid("invalid", fields=problems or {"until": "date_unreadable"})
    one = await subjects.show(reader.actor, number)
    law, purpose = word(form, "law"), word(form, "purpose")
    code = PurposeCode(purpose) if purpose in set(PurposeCode) else PurposeCode.ACCOUNTING
    await subjects.hold(reader.actor, one.customer_number, code, law, day)


def _papers(text: str) -> list[PaperLine]:
    """Lines «Анкета, 2»: a paper and its sheets; without a number it is one sheet."""
    lines: list[PaperLine] = []
    for one in filter(str.strip, text.splitlines()):
        name, _, sheets = one.rpartition(",")
        if not (name and sheets.strip().isdecimal()):
            name, sheets = one, "1"
        lines.append(PaperLine(name=name.strip(), sheets=int(sheets)))
    return lines


def _plain(text: str) -> str:
    return "".join(text.casefold().split()).replace("-", "")


def _day(reader: Reader, text: str, name: str, problems: dict[str, str]) -> date | None:
    if not text.strip():
        return None
    try:
        return inputs.day(text, reader.today)
    except Invalid as error:
        problems[name] = error.code
        return None


async def _page(
    request: WebRequest,
    number: int | None,
    typed: Typed,
    kept: Personal[KeptSet] | None = None,
) -> Response[Any]:
    reader = reader_of(request)
    works = reader.may(Permission.SUBJECT_REQUEST)
    if works:
        found = await subjects.list_requests(reader.actor)
    else:
        found = await subjects.to_agree(reader.actor)
    one: RequestView | None = None
    if number is not None:
        one = next((each for each in found if each.number == number), None)
        if works:
            one = await subjects.show(reader.actor, number)
        if one is None:
            raise NotFound("request_not_found")
    if one is not None and works and RULE[one.kind].destroys and not typed.deed:
        known = await acts.papers(reader.actor, one.number)
        lines = "\n".join(f"{paper.name}, {paper.sheets}" for paper in known)
        typed = Typed({**typed.values, "papers": lines}, typed.problems, typed.deed, typed.failed)
    codes = await desk.names(reader.actor)
    reads_acts = reader.may(Permission.EVIDENCE_READ)
    errors = {
        name: texts.error(code, reader.language).title for name, code in typed.problems.items()
    }
    return draw(
        request,
        reader,
        "privacy.html",
        status=422 if typed.problems or typed.failed else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        rows=[line(reader, each) for each in found],
        one=one,
        about=None if one is None else _about(reader, one, codes),
        reads_acts=reads_acts,
        acts=await acts.list_all(reader.actor) if reads_acts else [],
        disclosed=_disclosed(reader, await privacy.disclosed(reader.actor, number))
        if works
        else [],
        kinds=[(kind.value, reader._(text)) for kind, text in KINDS.items()],
        purposes=[(code.value, reader._(text)) for code, text in PURPOSES.items()],
        kept=kept,
        kept_names=[(code, reader._(text)) for code, text in KEPT.items()],
        works=works,
        typed=_Words(typed.values),
        problems=errors,
        deed=typed.deed,
        failed=typed.failed,
    )


def _disclosed(reader: Reader, rows: Sequence[Disclosed]) -> list[dict[str, Any]]:
    """Hand-overs in words."""
    return [
        {
            "when": formats.moment_short(one.at, reader.now, reader.zone, reader.language),
            "plugin": one.plugin,
            "client": one.customer_number,
            "fields": ", ".join(
                plugin_words.words("field", name, reader.language).text for name in one.fields
            ),
            "purpose": plugin_words.words("purpose", one.purpose, reader.language).text,
            "basis": reader._(BASES[one.basis]),
            "times": one.times,
        }
        for one in rows
    ]


def _about(reader: Reader, one: RequestView, codes: Any) -> dict[str, Any]:
    """What the aside shows of a request, and which deeds it offers."""
    destroys = RULE[one.kind].destroys
    missing, by_code = needed(reader, one)
    is_open = one.state is RequestState.OPEN
    is_blocked = one.state is RequestState.BLOCKED
    going = one.state in (RequestState.OPEN, RequestState.BLOCKED, RequestState.COOLING)
    return {
        "kind": reader._(KINDS[one.kind]),
        "term": term(reader, one),
        "facts": facts(reader, one),
        "steps": steps(reader, one, codes),
        "lost": lost(reader, one),
        "missing": missing if destroys and is_blocked else "",
        "by_code": by_code,
        "may_agree": destroys and is_blocked and reader.may(Permission.SUBJECT_APPROVE),
        "kept": kept_by_law(reader, one) if is_blocked else "",
        "may_read_kept": bool(one.found.kept_in or one.found.kept_of) and one.state not in ENDED
        and not one.is_lost
        and reader.may(Permission.EVIDENCE_READ),
        "may_give": is_open and reader.may(Permission.EVIDENCE_READ),
        "may_answer": is_open or (is_blocked and not destroys),
        "may_refuse": going and not one.found.kept_of,
        "may_block": is_open,
        "may_hold": (going or one.state is RequestState.HELD) and destroys,
        "may_papers": destroys and going and not one.found.kept_of,
        "may_extend": going and not one.extended and bool(RULE[one.kind].term.extension),
        "ended": one.state in ENDED,
    }  # fmt: skip


HANDLERS: Final = (PrivacyPages,)
