"""`korobka subject …`: requests of people about their data, destruction, acts."""

from base64 import b64encode
from datetime import date
from pathlib import Path
from typing import Annotated, Any, cast

from appliance.cli.answers import Common, about
from appliance.cli.client import House
from appliance.cli.house import first_line
from appliance.cli.remote import PERSON, Person, ask_as
from appliance.cli.saving import save_act, save_pack
from appliance.cli.texts import translate
from appliance.errors import HouseError

DEFAULTS = Common()

Day = Annotated[date | None, about("день, когда запрос пришёл: ГГГГ-ММ-ДД; без него — сегодня")]
Words = Annotated[Path, about("файл с текстом; «-» — стандартный ввод")]


def listed(
    *,
    state: Annotated[list[str], about("только в этом состоянии")] = [],  # noqa: B006 - read only
    before: Annotated[int | None, about("старше запроса с этим номером")] = None,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """List requests: number, kind, state, last day."""
    found = _asked(person, common, "/subjects/list", {"states": list(state), "before": before})
    rows = cast("list[dict[str, Any]]", found["requests"])
    lines = [
        f"{one['number']:>6}  {one['kind']:<12} {one['state']:<8} {one['due_on']}"
        f"  {one['customer']}"
        for one in rows
    ]
    common.answer(found, "\n".join(lines) or translate("Запросов нет."))


def show(number: int, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Print one request: found, approvals, holds, what it waits for."""
    ask_as(person, common, "/subjects/show", {"number": number})


def find(customer: int, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Count what the box holds of a client."""
    ask_as(person, common, "/subjects/find", {"customer": customer})


def request(
    customer: int,
    /,
    kind: Annotated[
        str,
        about(
            "access, rectify, block, marketing, authority, withdraw, erase, unlawful, surplus, "
            "purpose_end"
        ),
    ],
    *,
    received: Day = None,
    channel: Annotated[str, about("как пришёл: letter, phone, visit")] = "",
    note_file: Annotated[Path | None, about("файл с пояснением; «-» — стандартный ввод")] = None,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Write down what client CUSTOMER asks."""
    body: dict[str, object] = {"customer": customer, "kind": kind, "channel": channel}
    if received is not None:
        body["received_on"] = received.isoformat()
    if note_file is not None:
        body["note"] = _text(note_file)
    ask_as(person, common, "/subjects/request", body)


def block(number: int, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Block the person of an open request."""
    ask_as(person, common, "/subjects/block", {"number": number})


def refuse(
    number: int, /, *, reason_file: Words, person: Person = PERSON, common: Common = DEFAULTS
) -> None:
    """Take a request back with a reason; the person is as before."""
    body = {"number": number, "text": _text(reason_file)}
    ask_as(person, common, "/subjects/refuse", body)


def answer(
    number: int, /, *, text_file: Words, person: Person = PERSON, common: Common = DEFAULTS
) -> None:
    """Close a request that needs no destruction with what was answered."""
    ask_as(person, common, "/subjects/answer", {"number": number, "text": _text(text_file)})


def extend(number: int, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Add five working days, once; the person has to be told why in a letter."""
    ask_as(person, common, "/subjects/extend", {"number": number})


def hold(
    customer: int,
    /,
    *,
    law: Annotated[str, about("какой закон велит хранить")],
    until: Annotated[date, about("до какого дня: ГГГГ-ММ-ДД")],
    purpose: Annotated[str, about("order, callback, mailing, accounting")] = "accounting",
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Keep a client's data for a law; prints the hold's id."""
    body = {"customer": customer, "purpose": purpose, "law": law, "until": until.isoformat()}
    ask_as(person, common, "/subjects/hold", body)


def release(hold_id: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """End a hold before its day."""
    ask_as(person, common, "/subjects/release", {"id": hold_id})


def give_up_place(place: str, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Wait no more for copies at PLACE: the disk is destroyed."""
    ask_as(person, common, "/subjects/give-up-place", {"path": place})


def approve(
    number: int,
    /,
    *,
    code_file: Annotated[
        Path | None, about("файл с кодом восстановления: вместо второго человека")
    ] = None,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Agree to a destruction; needs --as: the box's own account agrees to nothing."""
    if code_file is None:
        ask_as(person, common, "/subjects/approve", {"number": number})
    else:
        body = {"number": number, "code": _text(code_file).split("\n", 1)[0].strip()}
        ask_as(person, common, "/subjects/approve-by-code", body)


def execute(number: int, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Have a destruction whose pause is over begin within half a minute."""
    ask_as(person, common, "/subjects/execute", {"number": number})


def rules(
    *,
    pause: Annotated[int | None, about("пауза перед уничтожением, часов: от 24 до 240")] = None,
    full_name: Annotated[
        bool | None, about("называть человека в акте полностью, а не инициалами")
    ] = None,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Print the pause and how acts name people; with options, set them."""
    now = _asked(person, common, "/subjects/rules", {})
    if pause is None and full_name is None:
        common.answer(now)
        return
    wanted = {
        "pause_hours": now["pause_hours"] if pause is None else pause,
        "full_name": now["full_name"] if full_name is None else full_name,
    }
    ask_as(person, common, "/subjects/set-rules", wanted)


def acts(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """List acts: number, state, until when it is kept."""
    found = _asked(person, common, "/acts/list", {})
    rows = cast("list[dict[str, Any]]", found["acts"])
    lines = [
        f"{one['number']:>6}  {one['state']:<7} {one['made_at'][:10]}  → {one['keep_until'][:10]}"
        for one in rows
    ]
    common.answer(found, "\n".join(lines) or translate("Актов нет."))


def act(
    number: int,
    /,
    *,
    out: Annotated[Path, about("папка, куда положить файлы акта")],
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Save act and extract: PDF, JSON, CSV, signatures, the key that checks them.

    Raises:
        HouseError: `file_unwritable`, or as the box refuses.
    """
    found = _asked(person, common, "/acts/archive", {"number": number})
    names = save_act(number, str(found["zip"]), str(out))
    common.answer({"number": number, "files": names}, "\n".join(names))


def act_rules(
    *,
    system: Annotated[str | None, about("название информационной системы в актах")] = None,
    processor: Annotated[
        list[str] | None,
        about("кому поручена обработка: «Название=адрес»; «-» — никому", negative=()),
    ] = None,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Print what acts say of the firm beside its requisites; with options, set it."""
    now = _asked(person, common, "/acts/rules", {})
    if system is None and processor is None:
        common.answer(now)
        return
    wanted = {"system": now["system"] if system is None else system}
    if processor is None:
        wanted["processors"] = now["processors"]
    else:
        pairs = [one.partition("=") for one in processor if one != "-"]
        wanted["processors"] = [
            {"name": name.strip(), "address": place.strip()} for name, _, place in pairs
        ]
    ask_as(person, common, "/acts/set-rules", wanted)


def papers(
    number: int,
    /,
    *,
    line: Annotated[list[str], about("бумага и число листов: «Анкета=2»")],
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Write down which papers are destroyed with the data, for the act of request NUMBER.

    Raises:
        HouseError: `usage`: a line without a number of sheets; or as the box refuses.
    """
    lines: list[dict[str, object]] = []
    for one in line:
        name, _, sheets = one.rpartition("=")
        if not name.strip() or not sheets.strip().isdecimal():
            raise HouseError("usage", problem=f"--line {one}")
        lines.append({"name": name.strip(), "sheets": int(sheets)})
    ask_as(person, common, "/acts/papers", {"number": number, "lines": lines})


def _asked(person: Person, common: Common, path: str, body: dict[str, object]) -> dict[str, object]:
    with House(common.socket()) as house:
        if person.login is not None:
            house.sign_in(person.login, person.password(), person.code)
        return house.ask(path, body)


def _text(path: Path) -> str:
    """A whole text: of a file, or of the standard input."""
    try:
        return Path("/dev/stdin" if str(path) == "-" else path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HouseError("file_unreadable", path=str(path)) from error


def pack(
    *,
    receiver_file: Annotated[Path, about("файл с именем того, кому передаём; «-» — ввод")],
    out: Annotated[Path, about("папка, куда положить пакет")] = Path(),
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Make a pack for an inspection: registers, acts, hashes and a signature; takes two people."""
    with House(common.socket()) as house:
        if person.login is not None:
            house.sign_in(person.login, person.password(), person.code)
        answer = house.ask("/subjects/pack", {"receiver": first_line(receiver_file)})
    path = save_pack(str(answer["zip"]), str(out))
    log = translate("Журнал с проверяющей программой приложите отдельно: korobka audit export")
    common.answer({"path": path}, f"{translate('Пакет лежит в')} {path}\n{log}")


def give(
    number: int,
    /,
    *,
    out: Annotated[Path, about("папка, куда положить архив")] = Path(),
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Save all that is kept of the person of open request NUMBER, for that person."""
    answer = _asked(person, common, "/subjects/give", {"number": number})
    path = save_pack(str(answer["zip"]), str(out), f"request-{number}")
    common.answer({"path": path}, f"{translate('Архив лежит в')} {path}")


def scan(
    number: int,
    file: Annotated[Path, about("скан подписанного акта: PDF, JPEG, PNG до 5 МБ")],
    /,
    *,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Lay a scan of the signed act to act NUMBER."""
    try:
        body = b64encode(file.read_bytes()).decode()
    except OSError as error:
        raise HouseError("file_unreadable", path=str(file)) from error
    ask_as(person, common, "/acts/attach", {"number": number, "file": body})
