"""The verbs, and those of them that look at the box from outside."""

import platform
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Annotated, cast

import cyclopts

from appliance import __version__
from appliance.cli import copies, refusal, state, supervisor
from appliance.cli.answers import FAILED, NOT_RUNNING, OK, Common, about
from appliance.cli.client import House
from appliance.cli.texts import sentence, translate
from appliance.cli.verbs import GROUPS, VERBS, Verb
from appliance.config import Config, checks
from appliance.errors import HouseError

DEFAULTS = Common()
# The box renews a month ahead; with half of it gone, renewal does not work.
EXPIRY_WARNING = timedelta(days=15)
SAID_OUTSIDE = frozenset({"backups", "certificate", "anchor", "log", "release"})
"""Kinds of lines that the doctor looks at himself, also when the box does not run."""

Wait = Annotated[float, about("сколько секунд ждать ответа")]


def build() -> cyclopts.App:
    """Put the command line together, in the order of a box's life."""
    app = cyclopts.App(
        name="korobka",
        help=translate("Коробка: CRM на собственном сервере."),
        version=__version__,
        help_format="plaintext",
    )
    for verb in VERBS:
        _register(app, verb)
    for group in GROUPS:
        if group.app:
            app.command(group.app, name=group.name, help=translate(group.about))
            continue
        inner = cyclopts.App(name=group.name, help=translate(group.about))
        for verb in group.verbs:
            _register(inner, verb)
        app.command(inner)
    return app


def start(*, wait: Wait = 60.0, common: Common = DEFAULTS) -> int:
    """Start in the background and wait for the first answer."""
    config = common.load()
    if state.is_running(config):
        raise HouseError("already_running", path=str(config.data))
    checks.refuse_unfit(config, datetime.now(UTC))
    refusal.forget(config)
    keeper = supervisor.start(config)
    # A locked box that is up waits for a person: there is nothing more to wait for here.
    seen = state.wait(
        config, wait, is_hopeless=lambda: keeper.poll() is not None or state.is_locked(config)
    )
    if not seen.is_running:
        raise refusal.last(config) or HouseError(
            "did_not_start", path=str(supervisor.log_file(config))
        )
    return _report(config, seen, common)


def stop(*, common: Common = DEFAULTS) -> None:
    """End the background process and its box."""
    config = common.load()
    supervisor.stop(config)
    common.answer({"running": False}, translate("Коробка остановлена."))


def status(*, wait: Wait = 0.0, common: Common = DEFAULTS) -> int:
    """Look at the box; with `--wait`, until it answers."""
    config = common.load()
    return _report(config, state.wait(config, wait) if wait else state.look(config), common)


def doctor(*, common: Common = DEFAULTS) -> int:
    """Name everything that is wrong at once."""
    config = common.load()
    seen = state.look(config)
    found = checks.problems(config, datetime.now(UTC), is_running=seen.is_running)
    if seen.is_running and seen.tls.problem:
        found.append(checks.Problem("no_tls", {"problem": seen.tls.problem}))
    refused = None if seen.is_running else refusal.last(config)
    if refused is not None and refused.code not in {one.code for one in found}:
        found.append(checks.Problem(refused.code, dict(refused.params)))
    left = seen.tls.expires_at - datetime.now(UTC) if seen.tls.expires_at else None
    if left is not None and left < EXPIRY_WARNING:
        found.append(checks.Problem("tls_expires", {"days": left.days}))
    found += copies.problems(config, datetime.now(UTC))
    if seen.is_open:
        # It loads the verifier and the box's own modules, which no other verb here needs.
        from appliance.cli import audit  # noqa: PLC0415 - `status` is to answer at once

        found += audit.problems(config)
        found += _from_inside(config)
    listed: list[object] = [
        {"code": one.code, "text": sentence(one.code, one.params)} for one in found
    ]
    lines = [f"{one.code}. {sentence(one.code, one.params)}" for one in found]
    common.answer({"problems": listed}, "\n".join(lines) or translate("Всё в порядке."))
    return FAILED if found else OK


def _from_inside(config: Config) -> list[checks.Problem]:
    """What the box itself calls urgent and nothing above has said; none for who may not ask."""
    try:
        with House(config.admin_socket) as house:
            lines = cast("list[dict[str, object]]", house.ask("/box/health")["lines"])
    except HouseError:
        return []
    codes = [str(one["code"]) for one in lines if one["state"] == "bad"]
    told = [one for one in codes if one.partition(".")[0] not in SAID_OUTSIDE]
    return [checks.Problem("health_red", {"lines": ", ".join(told)})] if told else []


def version(*, common: Common = DEFAULTS) -> None:
    """Name the versions that a report of a failure needs."""
    common.answer(
        {
            "korobka": __version__,
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
        }
    )


def _register(app: cyclopts.App, verb: Verb) -> None:
    # A package of its own is named in full: what stands on top of the box is loaded by name only.
    inside = "." not in verb.where.partition(":")[0]
    where = f"appliance.cli.{verb.where}" if inside else verb.where
    app.command(where, name=verb.name, help=translate(verb.about))


def _report(config: Config, seen: state.State, common: Common) -> int:
    expires = seen.tls.expires_at
    common.answer(
        {
            "running": seen.is_running,
            "open": seen.is_open,
            "answers": not seen.tls.problem,
            "address": config.address,
            "fingerprint": state.fingerprint(config),
            "certificate_until": expires.isoformat() if expires else None,
            "pid": seen.pid,
            "version": __version__,
        }
    )
    return OK if seen.is_running and not seen.tls.problem else NOT_RUNNING
