"""Services that the box speaks with: how each stands, what waits for it, what failed. Pure."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.plugins import Plugin

KEY_SOON: Final = timedelta(days=14)
"""A key of access that ends sooner is to be renewed."""
SILENT: Final = timedelta(hours=1)
"""A service that is down so long is told of: shorter gaps pass by themselves."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an account of a service stands.

    Attributes:
        code: what was found last, as `vendor.<code>` of the journal; empty: nothing was amiss.
        state: ok, warn or bad.
        status: of HTTP, for its sentence.
        since: since when it stands so.
        key_until: when its key of access ends; None: the service does not tell.
    """

    plugin: str
    account: str
    code: str = ""
    state: str = "ok"
    status: int = 0
    since: datetime | None = None
    key_until: datetime | None = None

    def days(self, now: datetime) -> int | None:
        """Days until the key ends, where that is soon; less than 0: it is over."""
        if self.key_until is None or self.key_until - now > KEY_SOON:
            return None
        return (self.key_until - now).days


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Deliveries to a plugin: on their way, and given up."""

    ready: int = 0
    dead: int = 0
    oldest: datetime | None = None


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery to a plugin, whatever became of it.

    Attributes:
        state: ready, held, dead or done.
        kind, record_id, deed: of a wish.
    """

    id: UUID
    event: str
    state: str
    kind: str = ""
    record_id: UUID | None = None
    deed: str = ""
    order_id: UUID | None = None


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that was given up.

    Attributes:
        event: its name; `kind` and `deed` of a wish.
        order_number: of the order it is about; 0: of none.
        error: code of the last failure.
    """

    id: UUID
    plugin: str
    event: str
    kind: str = ""
    deed: str = ""
    order_number: int = 0
    error: str = ""
    attempts: int = 0
    at: datetime


class Integration(msgspec.Struct, frozen=True, kw_only=True):
    """A service, or one account of it.

    Attributes:
        account: its code; empty where the plugin knows no accounts.
        title: what people call the account.
        is_used: the account is on.
    """

    plugin: Plugin
    account: str = ""
    title: str = ""
    is_used: bool = True
    standing: Standing
    waiting: Waiting = Waiting()


class IntegrationHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What is amiss with services, in figures.

    Attributes:
        dead: deliveries to plugins that were given up.
        refused, silent: (plugin, account) whose key is refused; that are down for long.
        keys: (plugin, account, days) of keys that end soon.
    """

    count: int = 0
    dead: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    silent: tuple[tuple[str, str], ...] = ()
    keys: tuple[tuple[str, str, int], ...] = ()
