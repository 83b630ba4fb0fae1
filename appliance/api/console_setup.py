"""The admin door's part about the first run: one question a step, each may be repeated."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal, Protocol

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import setup
from appliance.actions._hashing import hashed, new_one_time_password
from appliance.actions.setup import Around, OwnerAsked
from appliance.api.console import Answer, Input, Nothing, actor_of, first_field
from appliance.domain.access import Actor
from appliance.domain.papers import OwnRequisites
from appliance.domain.personal import Personal
from appliance.domain.protection import Category, Protection
from appliance.domain.setup import Reach, SetupStep, UnlockProfile, Way
from appliance.errors import Conflict, Invalid, Unavailable
from appliance.http.errors import AnyRequest


class Setting(Protocol):
    """What boot lends of the first run; `app.state.setting`. See `boot.first_run.FirstRun`."""

    def around(self) -> Around: ...

    def facts(self) -> Answer: ...

    def progress(self) -> Answer: ...

    async def name_box(self, name: str) -> None: ...

    async def choose_unlock(
        self, profile: UnlockProfile, passphrase: Personal[str], key_file: str
    ) -> None: ...

    def new_code(self) -> str: ...

    def try_code(self, typed: str, *, is_shown: bool) -> Answer: ...

    def prove(self, actor: Actor, code: Personal[str], *, is_shown: bool = False) -> None: ...

    async def put_address(self, listen: str, port: int, hosts: Sequence[str]) -> None: ...

    def write_trust(self, folder: str) -> Answer: ...

    async def put_reach(self, asked: Reach) -> Answer: ...

    async def try_reach(self, asked: Reach) -> Mapping[str, str]: ...

    async def put_copies(
        self, targets: Sequence[str], every_minutes: int, secret: str = ""
    ) -> None: ...

    def fill(self, actor: Actor) -> None: ...


class Company(Input):
    """Our company; `contragent_type` is legal-entity or enterpreneur."""

    name: str
    inn: str
    contragent_type: Literal["legal-entity", "enterpreneur"] = "legal-entity"
    kpp: str = ""
    ogrn: str = ""
    address: str = ""
    director: str = ""

    def __repr__(self) -> str:
        return "Company(•••)"


class Owner(Input):
    """Who owns the box."""

    login: str
    name: str
    email: str = ""

    def __repr__(self) -> str:
        return "Owner(•••)"


class UnlockChoice(Input):
    """What opens the box; the secret only where it is new."""

    profile: UnlockProfile
    passphrase: str = ""
    key_file: str = ""

    def __repr__(self) -> str:
        return "UnlockChoice(•••)"


class NewCode(Input):
    """`again`: another code although this one was typed back."""

    again: bool = False


class TypedCode(Input):
    """What was typed from the paper."""

    typed: str

    def __repr__(self) -> str:
        return "TypedCode(•••)"


class Address(Input):
    """Where the box answers in the firm's network."""

    listen: str
    port: int
    hosts: tuple[str, ...] = ()


class ToFolder(Input):
    """A folder on the box's own machine; empty: the usual one."""

    folder: str = ""


class WayIn(Input):
    """How the box is reached from outside."""

    way: Way
    name: str = ""
    port: int = 443
    server: str = ""
    vpn: bool = False


class CopyPlan(Input):
    """Where copies go and how often; 0: only by hand. `secret`: of a key to an object store."""

    targets: tuple[str, ...] = ()
    every_minutes: int = 60
    secret: str = ""

    def __repr__(self) -> str:
        return "CopyPlan(•••)"


class Answers(Input):
    """Questions about the data; see `domain.protection`."""

    threats: int = 3
    category: Category = Category.OTHER
    staff_only: bool = False
    many: bool = False
    officer: str = ""
    notified: bool = False


class Beginning(Input):
    """Begin with invented data, or empty."""

    sample: bool


def _setting(request: AnyRequest) -> Setting:
    found: Setting | None = request.app.state.setting
    if found is None:
        raise Unavailable("not_started")
    return found


@post("/setup/show", status_code=200)
async def show(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Answers, facts, plan and what could be offered."""
    setting = _setting(request)
    screen = await setup.show(actor_of(request), setting.around())
    return {**_plain(screen), "facts": setting.facts()}


def _plain(value: object) -> Answer:
    return msgspec.to_builtins(value)


@post("/setup/company", status_code=200)
async def put_company(request: Request[Any, Any, Any], data: JSONBody[Company]) -> Answer:
    """Write our company down; the box bears its name."""
    changed = await setup.put_company(
        actor_of(request), OwnRequisites(**msgspec.structs.asdict(data))
    )
    await _setting(request).name_box(" ".join(data.name.split()))
    return {"changed": changed}


@post("/setup/owner", status_code=200)
async def put_owner(request: Request[Any, Any, Any], data: JSONBody[Owner]) -> Answer:
    """Name the owner; `password` where he is new, once."""
    password = new_one_time_password()
    asked = OwnerAsked(login=data.login, name=data.name, email=data.email)
    is_new = await setup.put_owner(actor_of(request), asked, await hashed(Personal(password)))
    return {"login": data.login, "password": password if is_new else ""}


@post("/setup/unlock", status_code=200)
async def choose_unlock(request: Request[Any, Any, Any], data: JSONBody[UnlockChoice]) -> Answer:
    """Have the box open in this way from its next start on."""
    actor, setting = actor_of(request), _setting(request)
    await setup.allow(actor, f"unlock: {data.profile}")
    await setting.choose_unlock(data.profile, Personal(data.passphrase), data.key_file)
    await setup.note(actor, SetupStep.UNLOCK, {})
    return {"profile": setting.facts()["profile"]}


@post("/setup/code", status_code=200)
async def new_code(request: Request[Any, Any, Any], data: JSONBody[NewCode]) -> Answer:
    """Draw the code of the paper: `{"code"}`, once."""
    actor = actor_of(request)
    before = await setup.allow(actor, "recovery code")
    if before.checked_at is not None and not data.again:
        raise Conflict("setup_code_kept")
    code = _setting(request).new_code()
    changed = {"code_at": datetime.now(UTC), "checked_at": None, "proof": ""}
    await setup.note(actor, SetupStep.CODE, changed)
    return {"code": code}


@post("/setup/try-code", status_code=200)
async def try_code(request: Request[Any, Any, Any], data: JSONBody[TypedCode]) -> Answer:
    """Compare what is being typed, group by group."""
    known = await setup.known(actor_of(request))
    return _setting(request).try_code(data.typed, is_shown=_is_shown(known))


def _is_shown(known: setup.Setup) -> bool:
    """Whether a code was shown that nobody has typed back yet."""
    return known.code_at is not None and known.checked_at is None


@post("/setup/prove", status_code=200)
async def prove(request: Request[Any, Any, Any], data: JSONBody[TypedCode]) -> Answer:
    """Have a copy made now and opened by the typed code; `/setup/progress` says how it goes."""
    actor = actor_of(request)
    known = await setup.allow(actor, "proof of the code")
    _setting(request).prove(actor, Personal(data.typed), is_shown=_is_shown(known))
    return {}


@post("/setup/progress", status_code=200)
async def progress(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """How the long work of a step is doing."""
    await setup.known(actor_of(request))
    return _setting(request).progress()


@post("/setup/address", status_code=200)
async def put_address(request: Request[Any, Any, Any], data: JSONBody[Address]) -> Answer:
    """Answer there; the doors open anew."""
    actor, setting = actor_of(request), _setting(request)
    await setup.allow(actor, "address")
    await setting.put_address(data.listen, data.port, data.hosts)
    await setup.note(actor, SetupStep.ADDRESS, {})
    facts = setting.facts()
    return {"address": facts["address"], "fingerprint": facts["fingerprint"]}


@post("/setup/trust", status_code=200)
async def write_trust(request: Request[Any, Any, Any], data: JSONBody[ToFolder]) -> Answer:
    """Write the trust packages into a folder."""
    actor = actor_of(request)
    await setup.allow(actor, "trust packages")
    written = _setting(request).write_trust(data.folder)
    await setup.note(actor, None, {"trust": written["folder"]})
    return written


@post("/setup/reach", status_code=200)
async def put_reach(request: Request[Any, Any, Any], data: JSONBody[WayIn]) -> Answer:
    """Open or close the way in from outside."""
    actor, setting = actor_of(request), _setting(request)
    before = (await setup.allow(actor, f"reach: {data.way.value}")).reach
    asked = Reach(vpn=data.vpn)
    if data.way is not Way.NONE:
        name, server = data.name.strip().lower(), data.server.strip().lower()
        asked = Reach(way=data.way, name=name, port=data.port, server=server, vpn=data.vpn)
    same = msgspec.structs.replace(before, tested_at=None, found={}) == asked
    answer = await setting.put_reach(asked)
    await setup.note(actor, SetupStep.REACH, {} if same else {"reach": asked})
    return answer


@post("/setup/try-reach", status_code=200)
async def try_reach(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Try the way in, as far as the box itself sees it."""
    actor = actor_of(request)
    asked = (await setup.known(actor)).reach
    found = await _setting(request).try_reach(asked)
    tested = msgspec.structs.replace(asked, tested_at=datetime.now(UTC), found=dict(found))
    await setup.note(actor, None, {"reach": tested})
    return {"found": dict(found)}


@post("/setup/copies", status_code=200)
async def put_copies(request: Request[Any, Any, Any], data: JSONBody[CopyPlan]) -> Answer:
    """Have copies go there."""
    actor = actor_of(request)
    await setup.allow(actor, "copies")
    await _setting(request).put_copies(data.targets, data.every_minutes, data.secret)
    await setup.note(actor, SetupStep.COPIES, {})
    return {}


@post("/setup/privacy", status_code=200)
async def put_privacy(request: Request[Any, Any, Any], data: JSONBody[Answers]) -> Answer:
    """Keep the answers; `level`, `clause` and `letter` of the decree."""
    answers = Protection(**msgspec.structs.asdict(data))
    return dict((await setup.put_privacy(actor_of(request), answers))._asdict())


@post("/setup/beginning", status_code=200)
async def begin(request: Request[Any, Any, Any], data: JSONBody[Beginning]) -> Answer:
    """Begin empty, or have invented data made; `/setup/progress` says how it goes."""
    actor, setting = actor_of(request), _setting(request)
    screen = await setup.show(actor, setting.around())
    if data.sample and not screen.setup.sample:
        if not screen.empty:
            raise Conflict("box_not_empty")
        await setup.allow(actor, "sample data")
        setting.fill(actor)
    else:
        await setup.note(actor, SetupStep.BEGINNING, {})
    return {}


@post("/setup/finish", status_code=200)
async def finish(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """End the first run."""
    return _plain(await setup.finish(actor_of(request)))


def field_of(request: AnyRequest, error: Invalid) -> Any:
    """As `first_field`, and which field it is."""
    answer = first_field(request, error)
    if error.fields:
        answer.content["params"]["field"] = next(iter(error.fields))
    return answer


HANDLERS: Final = (
    Router(
        path="/",
        route_handlers=[
            show,
            put_company,
            put_owner,
            choose_unlock,
            new_code,
            try_code,
            prove,
            progress,
            put_address,
            write_trust,
            put_reach,
            try_reach,
            put_copies,
            put_privacy,
            begin,
            finish,
        ],
        exception_handlers={Invalid: field_of},
    ),
)
