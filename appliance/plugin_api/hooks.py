"""The six hooks of a plugin, and what its functions look like (pluggy is the programming model).

All of them are called inside the plugin's own process: those that register once, when it starts;
`diagnose` each time somebody asks how it is. What *asks* is a hook, what *tells* is an event.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar
from uuid import UUID

import msgspec
import pluggy

from appliance.domain.events import Event

if TYPE_CHECKING:
    from appliance.plugin_api.core import Core

PROJECT: Final = "korobka"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

E_contra = TypeVar("E_contra", bound=Event, contravariant=True)


class RouteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request to an address of the plugin's.

    Attributes:
        route: path of the manifest's route that took it.
        rest: what follows that path in the address, without the slash.
        query: as it stood in the address, undecoded: its bytes as latin-1.
        headers: names in lower case; those with secrets only where `auth` is `signature`.
        caller: who the host found it to be: `key:<number>`, or empty for `signature`.
        address: of the sender, as the door or its own tunnel knows it; only for `signature`.
    """

    route: str
    method: str
    rest: str = ""
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    caller: str = ""
    address: str = ""

    def header(self, name: str) -> str:
        """The first header of that name; empty when there is none."""
        return next((value for key, value in self.headers if key == name.lower()), "")


class RouteReply(msgspec.Struct, frozen=True, kw_only=True):
    """What a route answers."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Badge(msgspec.Struct, frozen=True, kw_only=True):
    """A short mark on an order's card: drawn by the host from what was pushed to it last.

    Attributes:
        tone: one of `quiet`, `good`, `warn`, `bad`.
    """

    text: str
    tone: str = "quiet"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a plugin's state of health.

    Attributes:
        code: what is meant, `[a-z0-9_.]`; never a text of a person.
        numbers: for its sentence.
        account: of the other side it is about; empty: none of them.
    """

    code: str
    is_good: bool
    numbers: dict[str, int] = {}
    account: str = ""


Handler = Callable[[Any, "Core"], Awaitable[None]]
RouteHandler = Callable[[RouteRequest, "Core"], Awaitable[RouteReply]]
AnswerHandler = Callable[[Any, "Core"], Awaitable[msgspec.Struct]]
"""Takes the question's message; raises `Permanent(code)` to refuse."""
JobHandler = Callable[["Core"], Awaitable[None]]


class On(Protocol):
    """Takes `(OrderPlaced, handler)`: this event goes to that function."""

    def __call__(
        self, event: type[E_contra], handler: Callable[[E_contra, "Core"], Awaitable[None]], /
    ) -> None: ...


class Routes(Protocol):
    """Takes `("hook", handler)`: a path of the manifest goes to that function."""

    def __call__(self, path: str, handler: RouteHandler, /) -> None: ...


class Every(Protocol):
    """Takes `("check", handler)`: a job of the manifest runs that function."""

    def __call__(self, name: str, handler: JobHandler, /) -> None: ...


class Answers(Protocol):
    """Takes `("carrier.quote", handler)`: that question of `asks.ASKS` goes to that function."""

    def __call__(self, name: str, handler: AnswerHandler, /) -> None: ...


class Hooks:
    """What a plugin may implement; each is optional."""

    @hookspec
    def register_handlers(self, on: On) -> None:
        """Say which events go where. Only events of the manifest arrive."""

    @hookspec
    def register_routes(self, route: Routes) -> None:
        """Say who answers the addresses of the manifest."""

    @hookspec
    def register_jobs(self, every: Every) -> None:
        """Say who does the work of the timetable."""

    @hookspec
    def register_answers(self, answer: Answers) -> None:
        """Say who answers which question. Only those of `provides` in the manifest are asked.

        A page waits for the answer, some seconds at most.
        """

    @hookspec
    def card_badges(self, order: UUID) -> Sequence[Badge] | None:
        """Marks for this order's card, asked after an event of the order was handled.

        The host keeps them and draws them from its memory: no page waits for a plugin.
        """

    @hookspec
    def diagnose(
        self, core: "Core", account: str
    ) -> Sequence[Finding] | Awaitable[Sequence[Finding]] | None:
        """How the plugin is; may be `async` and ask the other side («Проверить связь»).

        Args:
            core: of this call; a function that needs none of these leaves them out.
            account: to be tried alone; empty: all of them.
        """
