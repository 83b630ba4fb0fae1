"""The first run: its steps, what was answered, and the plan that is left of it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from appliance.domain.protection import Protection


class SetupStep(StrEnum):
    """Steps in their order."""

    COMPANY = "company"
    OWNER = "owner"
    UNLOCK = "unlock"
    CODE = "code"
    CHECK = "check"
    ADDRESS = "address"
    REACH = "reach"
    COPIES = "copies"
    PRIVACY = "privacy"
    BEGINNING = "beginning"
    PLAN = "plan"


UnlockProfile = Literal["passphrase", "key_file", "both"]
"""What opens the box after it was switched on."""


class Way(StrEnum):
    """How the site, couriers and payment services reach the box."""

    NONE = "none"
    ROUTER = "router"  # a port of the router leads to the outer door
    TUNNEL = "tunnel"  # a rented server passes the bytes on; TLS ends in the box


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """The way in from outside.

    Attributes:
        name, port: public name and port under which it is reached.
        server: of a tunnel: name or address of the rented server.
        vpn: colleagues away from the office come by a VPN.
        found: code of each check of the last trial → its state (`ok`, `warn`, `bad`).
    """

    way: Way = Way.NONE
    name: str = ""
    port: int = 0
    server: str = ""
    vpn: bool = False
    tested_at: datetime | None = None
    found: Mapping[str, str] = {}


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What the box remembers of its first run; setting `setup`.

    Attributes:
        begun: the box was made by a release that has a first run.
        done: step → when it was answered.
        owner: login of the owner.
        code_at: when the code was shown; None: it is the one that `korobka init` printed.
        checked_at: when it was typed back.
        proof: stamp of the copy that the typed code opened; empty: none yet.
        trust: folder into which trust packages were written.
        sample: invented data were asked for.
    """

    begun: bool = False
    done: Mapping[str, datetime] = {}
    owner: str = ""
    code_at: datetime | None = None
    checked_at: datetime | None = None
    proof: str = ""
    trust: str = ""
    reach: Reach = Reach()
    protection: Protection = Protection()
    sample: bool = False
    finished_at: datetime | None = None

    @property
    def at(self) -> SetupStep:
        """The first step that is not done."""
        left = (step for step in SetupStep if step.value not in self.done)
        return next(left, SetupStep.PLAN)

    def with_done(self, step: SetupStep, now: datetime) -> "Setup":
        """Note a step; one that was done keeps its first day."""
        if step.value in self.done:
            return self
        return msgspec.structs.replace(self, done={**self.done, step.value: now})


class PlanLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the implementation plan.

    Attributes:
        code: what it is about; words stand at the doors.
        done: False: it is left to be done.
        values: codes, numbers, days.
    """

    code: str
    done: bool
    values: Mapping[str, str | int] = {}


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the plan is made of besides the answers.

    Attributes:
        company: requisites are filled in.
        colleagues: people who may sign in, the first administrator among them.
        administrators: those who run the box.
        factor: every one of them has a second step.
        ways_in: kinds of slots.
        officers: people with the role of the data officer.
        targets: folders of copies; off_box: those on another disk.
        proven_at: the last proven copy.
        mail: a mail server is set.
        outer: the outer door is open.
        brought: the outer door's certificate is one that browsers know.
    """

    company: bool = False
    colleagues: int = 1
    administrators: int = 1
    factor: bool = False
    ways_in: tuple[str, ...] = ()
    officers: int = 0
    targets: int = 0
    off_box: int = 0
    proven_at: datetime | None = None
    mail: bool = False
    outer: bool = False
    brought: bool = False


def plan(setup: Setup, facts: Facts) -> list[PlanLine]:
    """What is done and what is left, in the order in which one would do it."""
    reach = setup.reach
    lines = [
        PlanLine(code="company", done=facts.company),
        PlanLine(code="owner", done=bool(setup.owner), values={"login": setup.owner}),
        PlanLine(code="ways_in", done=len(facts.ways_in) > 1),
        PlanLine(code="code", done=setup.checked_at is not None),
        PlanLine(code="proof", done=bool(setup.proof)),
        PlanLine(code="trust", done=bool(setup.trust), values={"folder": setup.trust}),
        PlanLine(code="off_box", done=facts.off_box > 0, values={"count": facts.off_box}),
        PlanLine(code="second_admin", done=facts.administrators > 1),
        PlanLine(code="factor", done=facts.factor),
        PlanLine(code="mail", done=facts.mail),
        PlanLine(code="officer", done=facts.officers > 0),
        PlanLine(code="notified", done=setup.protection.notified),
        PlanLine(code="colleagues", done=facts.colleagues > 1, values={"count": facts.colleagues}),
    ]
    if reach.way is not Way.NONE:
        tried = bool(reach.found) and "bad" not in reach.found.values()
        lines.insert(7, PlanLine(code="reach", done=facts.outer and tried))
        lines.insert(8, PlanLine(code="public_certificate", done=facts.brought))
    return lines
