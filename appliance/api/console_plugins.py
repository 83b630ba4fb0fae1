"""The admin door's part about plugins: files, rights, switches, settings, tests.

Everything is an action through the desk, as on the pages; words for codes belong to whoever shows
them (`appliance.web.plugin_words`).
"""

from base64 import b64decode
from typing import Any, Final

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import plugin_files, plugin_settings, plugins
from appliance.api.console import Answer, Input, Nothing, actor_of, first_field
from appliance.api.console_plugin_lines import bounds, line, maker_of, manifest_of, offer_of
from appliance.domain.formats import Language
from appliance.domain.personal import Personal
from appliance.domain.plugins import JournalAsked, Need
from appliance.errors import Invalid, Unavailable
from appliance.http.errors import AnyRequest
from appliance.plugin_host import sentences
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.packages import LARGEST

LANGUAGES: Final[tuple[Language, ...]] = ("ru", "en")
FILE_LIMIT: Final = LARGEST * 4 // 3 + (1 << 20)
"""A file in base64, with what stands around it."""


class Named(Input):
    """A plugin by its name."""

    name: str


class Tried(Input):
    """A plugin whose connection is tried, or one account of its service."""

    name: str
    account: str = ""


class Removal(Input):
    """A plugin that goes, and whether what it kept goes with it."""

    name: str
    with_data: bool = False


class Dead(Input):
    """The events that a plugin could not take: again, or off for good."""

    name: str
    drop: bool = False


class File(Input):
    """A plugin's file, base64, and the warnings that were answered with yes."""

    body: str
    confirmed: tuple[Need, ...] = ()

    def __repr__(self) -> str:
        return "File(…)"


class Approval(Input):
    """The version that somebody read; without it, the one that is there."""

    name: str
    version: str = ""


class Settings(Input):
    """Settings as typed, by name."""

    name: str
    values: dict[str, str]

    def __repr__(self) -> str:
        return "Settings(•••)"


class Job(Input):
    """A job of a plugin."""

    name: str
    job: str


class Journal(Input):
    """Which lines: of a plugin, of a state, of one number, about an order."""

    name: str = ""
    state: str = ""
    number: int = 0
    order: int = 0
    before: int = 0
    limit: int = 50


class MakerKey(Input):
    """A maker's public key and what to call him."""

    key: str
    title: str = ""


def desk_of(request: AnyRequest) -> Desk:
    """The host of plugins.

    Raises:
        Unavailable: `not_started`.
    """
    found: Desk | None = request.app.state.desk
    if found is None:
        raise Unavailable("not_started")
    return found


@post("/plugins/list", status_code=200)
async def list_plugins(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Every plugin: state, process, rights asked, given and new, jobs."""
    desk = desk_of(request)
    found = await plugins.list_all(actor_of(request))
    return {"plugins": [line(desk, one) for one in found]}


@post("/plugins/show", status_code=200)
async def show_plugin(request: Request[Any, Any, Any], data: JSONBody[Named]) -> Answer:
    """One plugin, with its approvals and the hash of its file."""
    desk = desk_of(request)
    found, given, letters = await plugins.card(actor_of(request), data.name)
    return {
        **line(desk, found),
        "letters": msgspec.to_builtins(letters),
        "digest": found.digest,
        "approvals": [
            {
                "version": one.version,
                "by": one.by_number,
                "at": one.at.isoformat(),
                "until": None if one.until is None else one.until.isoformat(),
            }
            for one in given
        ],
    }


@post("/plugins/look", status_code=200, request_max_body_size=FILE_LIMIT)
async def look_at_file(request: Request[Any, Any, Any], data: JSONBody[File]) -> Answer:
    """What is in a file, and what to be warned of; nothing is installed."""
    desk = desk_of(request)
    offer = await desk.shelf.offer(actor_of(request), _bytes(data))
    await desk.shelf.decline(offer.token)
    return offer_of(offer)


@post("/plugins/add", status_code=200, request_max_body_size=FILE_LIMIT)
async def add_plugin(request: Request[Any, Any, Any], data: JSONBody[File]) -> Answer:
    """Install or update from a file; `plugin_confirm` names the warnings nobody answered yet."""
    desk, actor = desk_of(request), actor_of(request)
    offer = await desk.shelf.offer(actor, _bytes(data))
    try:
        installed = await desk.shelf.accept(actor, offer.token, data.confirmed)
    finally:
        await desk.shelf.decline(offer.token)
    return {**offer_of(offer), "state": installed.state.value}


@post("/plugins/remove", status_code=200)
async def remove_plugin(request: Request[Any, Any, Any], data: JSONBody[Removal]) -> Answer:
    """Remove a plugin that was added; with what it kept in its own tables, if that is said."""
    shelf = desk_of(request).shelf
    await shelf.remove(actor_of(request), data.name, with_data=data.with_data)
    return {}


@post("/plugins/letters", status_code=200)
async def settle_letters(request: Request[Any, Any, Any], data: JSONBody[Dead]) -> Answer:
    """Deliver again, or never, the events that a plugin could not take."""
    desk, actor = desk_of(request), actor_of(request)
    count = await plugins.deliver_again(actor, data.name, drop=data.drop)
    await desk.compare()
    return {"letters": count}


@post("/plugins/approve", status_code=200)
async def approve_plugin(request: Request[Any, Any, Any], data: JSONBody[Approval]) -> Answer:
    """Give a plugin the rights it asks for."""
    desk, actor = desk_of(request), actor_of(request)
    found, _, _ = await plugins.card(actor, data.name)
    version = data.version or found.version
    return {"state": (await desk.approve(actor, data.name, version, found.asked)).value}


@post("/plugins/take-back", status_code=200)
async def take_rights_back(request: Request[Any, Any, Any], data: JSONBody[Named]) -> Answer:
    """Take every right back."""
    await desk_of(request).take_back(actor_of(request), data.name)
    return {}


@post("/plugins/on", status_code=200)
async def switch_on(request: Request[Any, Any, Any], data: JSONBody[Named]) -> Answer:
    """Have a plugin run; also out of a pause or a quarantine."""
    await desk_of(request).switch_on(actor_of(request), data.name)
    return {}


@post("/plugins/off", status_code=200)
async def switch_off(request: Request[Any, Any, Any], data: JSONBody[Named]) -> Answer:
    """Stop a plugin; events pass it by."""
    await desk_of(request).switch_off(actor_of(request), data.name)
    return {}


@post("/plugins/pause", status_code=200)
async def pause_plugin(request: Request[Any, Any, Any], data: JSONBody[Named]) -> Answer:
    """Stop a plugin for a while; events are kept for it."""
    await desk_of(request).pause(actor_of(request), data.name)
    return {}


@post("/plugins/quarantine", status_code=200)
async def isolate_plugin(request: Request[Any, Any, Any], data: JSONBody[Named]) -> Answer:
    """Put a plugin into quarantine."""
    await desk_of(request).isolate(actor_of(request), data.name)
    return {}


@post("/plugins/settings", status_code=200)
async def show_settings(request: Request[Any, Any, Any], data: JSONBody[Named]) -> Answer:
    """The form of a plugin's settings; of secrets only whether they are set."""
    found = await plugin_settings.form(actor_of(request), data.name)
    fields = msgspec.to_builtins(manifest_of(found.plugin).settings)
    return {
        "name": data.name,
        "settings": [
            {**one, "typed": found.typed[one["name"]], "is_set": one["name"] in found.held}
            for one in fields
        ],
    }


@post("/plugins/set", status_code=200)
async def put_settings(request: Request[Any, Any, Any], data: JSONBody[Settings]) -> Answer:
    """Keep settings."""
    typed = {name: Personal(text) for name, text in data.values.items()}
    try:
        await desk_of(request).set_up(actor_of(request), data.name, typed)
    except Invalid as error:
        if not error.fields:
            raise
        # Which field, for the command; all of them, for the console's form.
        name, code = next(iter(error.fields.items()))
        every = ",".join(f"{name}={code}" for name, code in error.fields.items())
        allowed = bounds(await plugin_settings.form(actor_of(request), data.name), name)
        raise Invalid(code, field=name, every=every, bounds=allowed) from error
    return {}


@post("/plugins/test", status_code=200)
async def test_plugin(request: Request[Any, Any, Any], data: JSONBody[Tried]) -> Answer:
    """Have a plugin say how it is."""
    found = await desk_of(request).test(actor_of(request), data.name, data.account)
    folder = desk_of(request).shelf.folder(data.name)
    return {
        "findings": [
            {
                **msgspec.to_builtins(one),
                "said": {
                    language: sentences.said(folder, one.code, one.numbers, language)
                    for language in LANGUAGES
                },
            }
            for one in found
        ]
    }


@post("/plugins/journal", status_code=200)
async def read_journal(request: Request[Any, Any, Any], data: JSONBody[Journal]) -> Answer:
    """Exchanges, the newest first; `after` for the next page.

    `said` is in both languages; that of `box.…` has the words of whoever shows it.
    """
    asked = JournalAsked(
        plugin=data.name,
        state=data.state,
        number=data.number,
        order=data.order,
        before=data.before,
        limit=max(1, min(data.limit, 200)),
    )
    found = await plugins.journal(actor_of(request), asked)
    shelf = desk_of(request).shelf
    return {
        "lines": [
            {
                **msgspec.to_builtins(one),
                "repeats": one.may_repeat,
                "said": {
                    language: sentences.said(shelf.folder(one.plugin), one.code, one.data, language)
                    for language in LANGUAGES
                },
            }
            for one in found
        ],
        "after": found[-1].number if len(found) == asked.limit else None,
    }


@post("/plugins/run", status_code=200)
async def run_job(request: Request[Any, Any, Any], data: JSONBody[Job]) -> Answer:
    """Run a job of a plugin now."""
    await desk_of(request).run_now(actor_of(request), data.name, data.job)
    return {}


@post("/plugins/makers", status_code=200)
async def list_makers(request: Request[Any, Any, Any], data: JSONBody[Nothing]) -> Answer:
    """Whose signatures are trusted beside the release's maker's."""
    found = await plugin_files.makers(actor_of(request))
    return {"makers": [maker_of(one) for one in found]}


@post("/plugins/trust", status_code=200)
async def trust_maker(request: Request[Any, Any, Any], data: JSONBody[MakerKey]) -> Answer:
    """Trust a maker's signature."""
    await plugin_files.trust(actor_of(request), data.key, data.title)
    return {}


@post("/plugins/distrust", status_code=200)
async def distrust_maker(request: Request[Any, Any, Any], data: JSONBody[MakerKey]) -> Answer:
    """Trust it no more."""
    await plugin_files.distrust(actor_of(request), data.key)
    return {}


def _bytes(data: File) -> bytes:
    try:
        return b64decode(data.body, validate=True)
    except ValueError as error:
        raise Invalid("plugin_file_not_file") from error


HANDLERS: Final = (
    Router(
        path="/",
        route_handlers=[
            list_plugins,
            show_plugin,
            look_at_file,
            add_plugin,
            remove_plugin,
            settle_letters,
            approve_plugin,
            take_rights_back,
            switch_on,
            switch_off,
            pause_plugin,
            isolate_plugin,
            show_settings,
            put_settings,
            test_plugin,
            run_job,
            read_journal,
            list_makers,
            trust_maker,
            distrust_maker,
        ],
        exception_handlers={Invalid: first_field},
    ),
)
