"""Every plugin that is switched on, each in a process of its own."""

import asyncio
import re
from collections.abc import Callable
from typing import Final
from uuid import UUID

from appliance.errors import Unavailable
from appliance.plugin_api import messages
from appliance.plugin_api.codes import code_of
from appliance.plugin_api.hooks import Finding, RouteReply, RouteRequest
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_host.link import Asked
from appliance.plugin_host.postman import Down
from appliance.plugin_host.ward import Enabled, Facts, Note, PutAside, Ward

DOWN_SECONDS: Final = 15.0
"""A plugin that is not up takes no deliveries for so long; that costs them no attempt."""

LONGEST_PAUSE: Final = 120.0
"""Seconds that a plugin may pause its lane for: the other side is asked again by then."""

ACCOUNT: Final = re.compile(r"[A-Za-z0-9_.:-]{0,60}")
"""How an account of the other side is named: it stands in the outbox in clear."""

DIAGNOSE_SECONDS: Final = 20.0


class Keeper:
    """Starts, stops and asks plugins.

    Attributes:
        risen: told of a plugin that is up, at first or again.
    """

    def __init__(self, asked: Asked, note: Note, put_aside: PutAside) -> None:
        """Args: asked: carries out a call of `Core`. note: writes into a plugin's journal."""
        self._asked = asked
        self._note = note
        self._put_aside = put_aside
        self.risen: Callable[[str], None] = _nobody
        self._wards: dict[str, Ward] = {}
        self._changing = asyncio.Lock()

    async def start(self, enabled: Enabled) -> None:
        """Have a plugin run, as it is approved and set now; one that runs is started anew."""
        name = enabled.manifest.name
        async with self._changing:
            # Who is started anew stays one that is switched on: pages go on saying so meanwhile.
            if was := self._wards.get(name):
                await was.stop()
            self._wards[name] = Ward(
                enabled, self._asked, self._note, self._put_aside, lambda: self.risen(name)
            )

    async def stop(self, name: str) -> None:
        """Have a plugin run no longer."""
        async with self._changing:
            if ward := self._wards.pop(name, None):
                await ward.stop()

    async def close(self) -> None:
        """End every process."""
        async with self._changing:
            wards = list(self._wards.values())
            self._wards.clear()
            await asyncio.gather(*(ward.stop() for ward in wards))

    def facts(self, name: str) -> Facts | None:
        """How a plugin is; None for one that is not switched on."""
        ward = self._wards.get(name)
        return ward.facts if ward else None

    def is_starting(self, name: str) -> bool:
        """Whether a plugin that is switched on will be up in a moment."""
        ward = self._wards.get(name)
        return ward is not None and ward.is_starting

    @property
    def running(self) -> tuple[str, ...]:
        """Names of the plugins that are switched on."""
        return tuple(self._wards)

    def enabled(self, name: str) -> Enabled | None:
        """As what a plugin was started."""
        ward = self._wards.get(name)
        return ward.enabled if ward else None

    async def deliver(
        self, name: str, event: str, payload: bytes, delivery_id: UUID, attempt: int
    ) -> None:
        """Hand an event over and wait until it is settled.

        Raises:
            Retry, Pause, Permanent: as the plugin says, or the host for it.
        """
        ward = self._wards.get(name)
        if ward is None:
            raise Down(DOWN_SECONDS)

        def message(number: int) -> messages.ToPlugin:
            return messages.Deliver(
                id=number,
                event=event,
                payload=payload,
                delivery_id=delivery_id,
                attempt=attempt,
            )

        await self._settle(ward, message)

    async def run_job(self, name: str, job: str) -> None:
        """Run a job of the manifest.

        Raises:
            Retry, Pause, Permanent: as the plugin says, or the host for it.
        """
        ward = self._wards.get(name)
        if ward is None:
            raise Down(DOWN_SECONDS)
        await self._settle(ward, lambda number: messages.RunJob(id=number, name=job))

    async def request(self, name: str, request: RouteRequest) -> RouteReply:
        """Have a plugin answer a request to one of its addresses.

        Raises:
            Unavailable: `plugin_down`, `plugin_overdue`.
        """
        answer = await self._ward(name).call(
            lambda number: messages.Ask(id=number, request=request)
        )
        if not isinstance(answer, messages.Reply) or not 100 <= answer.status <= 599:
            raise Unavailable("plugin_down")
        return RouteReply(status=answer.status, headers=answer.headers, body=answer.body)

    async def diagnose(self, name: str, account: str = "") -> tuple[Finding, ...]:
        """Ask a plugin how it is, or how one account of its service is.

        Raises:
            Unavailable: `plugin_down`, `plugin_overdue`.
        """
        answer = await self._ward(name).call(
            lambda number: messages.Diagnose(id=number, account=account), DIAGNOSE_SECONDS
        )
        findings = answer.findings if isinstance(answer, messages.Found) else ()
        return tuple(
            Finding(
                code=code_of(one.code),
                is_good=one.is_good,
                numbers=one.numbers,
                account=one.account if ACCOUNT.fullmatch(one.account) else "",
            )
            for one in findings[:20]
        )

    async def question(
        self, name: str, question: str, body: bytes, seconds: float
    ) -> messages.Said:
        """Have a plugin answer a question; one that is being started is not waited for.

        Raises:
            Unavailable: `plugin_down`, `plugin_overdue`.
        """
        ward = self._ward(name)
        if not ward.is_answering(question):
            raise Unavailable("plugin_down")
        answer = await ward.call(
            lambda number: messages.Question(id=number, name=question, body=body), seconds
        )
        if not isinstance(answer, messages.Said):
            raise Unavailable("plugin_down")
        return answer

    def _ward(self, name: str) -> Ward:
        ward = self._wards.get(name)
        if ward is None:
            raise Unavailable("plugin_down")
        return ward

    async def _settle(self, ward: Ward, message: Callable[[int], messages.ToPlugin]) -> None:
        try:
            answer = await ward.call(message)
        except Unavailable as error:
            if error.code == "plugin_down":
                raise Down(DOWN_SECONDS) from None
            raise Retry(error.code) from None
        code = code_of(getattr(answer, "code", ""), "no_code")
        match answer:
            case messages.Settled(outcome="done"):
                return
            case messages.Settled(outcome="pause", seconds=seconds, account=account):
                # Another name than its own would be no account: all of them wait then.
                known = account if ACCOUNT.fullmatch(account) else ""
                raise Pause(max(1.0, min(seconds, LONGEST_PAUSE)), known)
            case messages.Settled(outcome="permanent"):
                raise Permanent(code)
            case _:
                raise Retry(code)


def _nobody(name: str) -> None:
    """Nobody waits for it."""
