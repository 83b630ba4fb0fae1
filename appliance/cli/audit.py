"""The verbs of the log: what its files alone tell, and what the running box is asked for."""

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, cast

from appliance.audit import verify as verifier
from appliance.boot import rescue
from appliance.cli.answers import FAILED, OK, Common, about
from appliance.cli.client import House
from appliance.cli.house import first_line
from appliance.cli.remote import PERSON, Person, ask_as
from appliance.cli.texts import translate
from appliance.config import Config
from appliance.config.checks import Problem
from appliance.errors import HouseError

DEFAULTS = Common()
LOOK_SECONDS = 0.3

TOLD = {
    "anchor.never": "anchor_never",
    "anchor.old": "anchor_old",
    "anchor.late": "anchor_late",
    "log.broken": "audit_log_forged",
    "release.cut": "update_cut_off",
    "release.returned": "update_was_returned",
}
"""Lines of the box's health → codes of `doctor`."""

Code = Annotated[Path | None, about("код восстановления: проверить цепочку от самого начала")]
Since = Annotated[str, about("с какого времени: 2026-11-22 или 2026-11-22T08:00")]
Until = Annotated[str, about("по какое время, не включая его")]


def verify(
    *,
    recovery_code_file: Code = None,
    anchor: Annotated[list[Path], about("файл с отпечатками, которые хранили вы")] = [],  # noqa: B006 - read only
    deep: Annotated[bool, about("сверить и сами записи", negative=())] = False,
    deeds: Annotated[bool, about("перечислить все действия", negative=())] = False,
    common: Common = DEFAULTS,
) -> int:
    """Verify the log as an outsider would: from its file alone, also while the box runs."""
    code = first_line(recovery_code_file) if recovery_code_file else None
    notes = [note for path in anchor for note in _notes(path)]
    found = rescue.verify_audit(
        common.load(),
        recovery_code=code,
        deep=deep,
        listed=deeds,
        notes=notes,
        told=_teller(quiet=common.json),
    )
    common.answer(found.facts, _report(found.facts))
    return OK if found.is_sound else FAILED


def show(
    *,
    who: Annotated[str, about("логин, либо system, console, anonymous, api_key")] = "",
    deed: Annotated[str, about("действие: orders или orders.create")] = "",
    thing: Annotated[str, about("что: «order 4815» или order")] = "",
    since: Since = "",
    until: Until = "",
    result: Annotated[str, about("done, refused или код отказа")] = "",
    before: Annotated[int | None, about("записи до этой")] = None,
    limit: Annotated[int, about("сколько записей, до 500")] = 50,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """List entries of the log, the newest first."""
    body: dict[str, object] = {
        "who": who,
        "deed": deed,
        "thing": thing,
        "result": result,
        "before": before,
        "limit": limit,
    }
    for name, text in (("since", since), ("until", until)):
        if text:
            body[name] = _moment(text, name).isoformat()
    found = _ask(person, common, "/audit/page", body)
    lines = cast("list[dict[str, Any]]", found["lines"])
    tail = f"{translate('Дальше')}: --before {found['after']}" if found["after"] else ""
    common.answer(found, "\n".join([*map(_line, lines), tail]).rstrip())


def export(
    out: Annotated[Path | None, about("архив .zip; без него его сделает сама коробка")] = None,
    /,
    *,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Write the log for a check by an outsider: archive with verifier, anchors and guide."""
    if out is not None:
        facts = rescue.export_audit(common.load(), out.absolute(), _teller(quiet=common.json))
    else:
        facts = _carried_out(person, common, {"kind": "export"})
    common.answer(facts, f"{translate('Журнал выгружен')}: {facts['out']}")


def cancel(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """End the verification or export that the box carries out."""
    common.answer(_ask(person, common, "/audit/cancel", {}), translate("Прервано."))


def anchors(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """List what was kept of the log outside the box."""
    found = _ask(person, common, "/audit/anchors", {})
    rows = cast("list[dict[str, Any]]", found["anchors"])
    lines = [
        f"{one['made_at'][:16]}  {one['kind']:<6}{one['state']:<8}{one['size']:>9}  "
        f"{one['place']} {one['code']}".rstrip()
        for one in rows
    ]
    common.answer(found, "\n".join(lines) or translate("Журнал ещё не заверялся."))


def anchor_now(*, person: Person = PERSON, common: Common = DEFAULTS) -> int:
    """Keep a checkpoint outside by every chosen way."""
    found = _ask(person, common, "/audit/anchor", {})
    kept = cast("list[dict[str, str]]", found["kept"])
    failed = [f"{one['place']}: {one['code']}" for one in kept if one["code"]]
    failed += [str(found["code"])] if found["code"] else []
    said = f"{translate('Заверено записей')}: {found['size']}"
    common.answer(found, "\n".join([said, *failed]))
    return FAILED if failed else OK


def set_anchors(
    *,
    file: Annotated[bool, about("в папки для копий")] = True,
    mail: Annotated[list[str], about("письмом на этот адрес")] = [],  # noqa: B006 - read only
    paper: Annotated[bool, about("на бумаге, печатаете вы")] = False,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Choose where anchors are kept; all ways are named anew."""
    body = {"file": file, "mail": bool(mail), "paper": paper, "to": list(mail)}
    ask_as(person, common, "/audit/set-anchors", body)


def paper(
    out: Annotated[Path | None, about("файл .pdf, куда может писать коробка")] = None,
    /,
    *,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Draw the newest checkpoint as a page with a square code."""
    ask_as(person, common, "/audit/paper", {"path": str(out.absolute()) if out else ""})


def write_verifier(
    *,
    out: Annotated[Path, about("куда записать программу")] = Path("verify.py"),
    common: Common = DEFAULTS,
) -> None:
    """Write the stand-alone verifier: one file for any machine with Python."""
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(Path(verifier.__file__).read_text(encoding="utf-8"))
    except OSError as error:
        raise HouseError("export_unwritable", path=str(out)) from error
    common.answer({"out": str(out)}, f"python {out} log.jsonl --public-key public.txt")


def accept_loss(
    *,
    yes: Annotated[bool, about("потеря понятна и принята", negative=())] = False,
    common: Common = DEFAULTS,
) -> None:
    """Go on with a log that is shorter than what was kept of it outside."""
    if not yes:
        raise HouseError("usage", problem="--yes")
    facts = rescue.accept_loss(common.load())
    said = translate("Принято: записи до {size} потеряны, коробку можно запускать.")
    nothing = translate("Терять нечего: журнал не короче того, что заверено.")
    common.answer(facts, said.format(**facts) if facts["anchors"] else nothing)


def problems(config: Config) -> list[Problem]:
    """What `korobka doctor` says of the log of a running box: anchors that are late, forgery."""
    try:
        with House(config.admin_socket) as house:
            lines = cast("list[dict[str, Any]]", house.ask("/box/health")["lines"])
    except HouseError:
        return []  # a sealed box, or one who may not look: the other lines say so
    found: list[Problem] = []
    for one in lines:
        if code := TOLD.get(str(one["code"])):
            values = cast("dict[str, str | int]", one["values"])
            found.append(Problem(code, {"first_bad": 0, **values}))
    return found


def _ask(person: Person, common: Common, path: str, body: Mapping[str, object]) -> dict[str, Any]:
    with House(common.socket()) as house:
        _name(house, person)
        return house.ask(path, body)


def _name(house: House, person: Person) -> None:
    if person.login is not None:
        house.sign_in(person.login, person.password(), person.code)


def _carried_out(person: Person, common: Common, body: Mapping[str, object]) -> dict[str, Any]:
    tell, pause = _teller(quiet=common.json), threading.Event()
    with House(common.socket()) as house:
        _name(house, person)
        house.ask("/audit/start", body)
        while (seen := house.ask("/audit/progress"))["running"]:
            tell(cast("int", seen["done"]), cast("int", seen["total"]))
            pause.wait(LOOK_SECONDS)
    last = cast("dict[str, Any]", seen["last"])
    if last["code"]:
        raise HouseError(last["code"], "", **last["params"])
    return cast("dict[str, Any]", last["result"])


def _teller(*, quiet: bool) -> Callable[[int, int], None]:
    """Say each tenth of the way on standard error."""
    said = [0]

    def tell(done: int, total: int) -> None:
        here = done * 10 // max(total, 1)
        if not quiet and here > said[0]:
            said[0] = here
            sys.stderr.write(f"{min(here * 10, 100)} %\n")
            sys.stderr.flush()

    return tell


def _line(one: Mapping[str, Any]) -> str:
    who = f"{one['kind']} {one['number'] or ''} {one['who']}".strip()
    thing = f"{one['thing']} {one['thing_number'] or ''}".strip()
    end = "" if one["result"] == "done" else one["result"]
    return f"{one['seq']:>8}  {one['at'][:19]}  {who:<24}  {one['deed']:<32}{thing} {end}".rstrip()


def _report(facts: Mapping[str, object]) -> str:
    """The deeds, one a line, then the verdict."""
    rows = cast("Sequence[Mapping[str, object]]", facts.get("deeds", []))
    lines = [" ".join(str(value) for value in deed.values()) for deed in rows]
    return "\n".join([*lines, str(facts["verdict"])])


def _notes(path: Path) -> list[str]:
    try:
        found = verifier.notes_in(path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise HouseError("file_unreadable", path=str(path)) from error
    if not found:
        raise HouseError("audit_note_damaged")
    return found


def _moment(text: str, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise HouseError("usage", problem=f"--{name}") from error
    return found.astimezone(UTC)
