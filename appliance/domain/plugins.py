"""Plugins as the box knows them: states, rights asked and rights given. Pure."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal

API_LEVEL = 1
"""The level of the plugin API that this release speaks."""


Value = str | int | bool | None
"""Of a setting; money in kopecks, a time of day as `09:30`."""


class PluginState(StrEnum):
    """How a plugin stands.

    `running` is what an administrator wants of it; whether its process is up at this moment the
    keeper of processes knows. Events wait for one that is paused or in quarantine, and pass by one
    that is off.
    """

    FOUND = "found"  # nobody has approved its rights yet
    READY = "ready"  # approved, switched off
    RUNNING = "running"
    PAUSED = "paused"  # by a person
    QUARANTINED = "quarantined"  # by the host
    WAITING = "waiting_approval"  # its new version asks for more
    BROKEN = "broken"  # its files or its manifest cannot be used


HEARS = (PluginState.RUNNING, PluginState.PAUSED, PluginState.QUARANTINED, PluginState.WAITING)
"""States in which events are kept for a plugin, provided it was approved."""


class Source(StrEnum):
    """Where a plugin came from."""

    BOX = "box"  # shipped with the release, in its folder `plugins`
    ADDED = "added"  # out of one file that an administrator added
    PACKAGE = "package"  # a Python package with the entry point `korobka.plugins`


class PersonalUse(msgspec.Struct, frozen=True, order=True):
    """A personal field and what for."""

    field: str
    purpose: str


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """What a manifest asks for, or an administrator gave. Sorted, without repetition."""

    permissions: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    personal: tuple[PersonalUse, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is in it."""
        return not (self.permissions or self.events or self.hosts or self.personal)

    def beyond(self, given: "Rights | None") -> "Rights":
        """What is in these rights and not in the given ones."""
        if given is None:
            return self
        return Rights(
            permissions=_left(self.permissions, given.permissions),
            events=_left(self.events, given.events),
            hosts=_left(self.hosts, given.hosts),
            personal=tuple(one for one in self.personal if one not in given.personal),
        )

    def within(self, asked: "Rights") -> "Rights":
        """What is in both: what a plugin may really do."""
        return self.beyond(self.beyond(asked))


def rights(
    permissions: Sequence[str],
    events: Sequence[str],
    hosts: Sequence[str],
    personal: Sequence[tuple[str, str]],
) -> Rights:
    """Rights in their one spelling."""
    return Rights(
        permissions=tuple(sorted(set(permissions))),
        events=tuple(sorted(set(events))),
        hosts=tuple(sorted(set(hosts))),
        personal=tuple(sorted({PersonalUse(*one) for one in personal})),
    )


def _left(these: Sequence[str], those: Sequence[str]) -> tuple[str, ...]:
    return tuple(one for one in these if one not in those)


class FoundPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """What lies on the disk, before anybody agreed to it.

    Attributes:
        manifest: text of `plugin.toml`; empty where it cannot be read.
        digest: SHA-256 of the package an administrator added, hex; empty for others.
        signer: public key that signed it, hex; `box` for what came with the release, else empty.
        asked: rights of the manifest.
        problem: why it cannot be used: a code, or empty.
    """

    name: str
    version: str = ""
    source: Source = Source.BOX
    manifest: str = ""
    digest: str = ""
    signer: str = ""
    asked: Rights = Rights()
    problem: str = ""


class Plugin(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin the box knows.

    Attributes:
        given: what was approved; None: nothing ever.
        reason: code of why it is in quarantine or broken.
        by_number: of whom the last change of state is; 0: the box itself.
        last_at, last_state: of its newest exchange; None and empty: there was none.
    """

    id: UUID
    name: str
    version: str
    source: Source
    manifest: str
    digest: str
    signer: str
    asked: Rights
    state: PluginState
    installed_at: datetime
    changed_at: datetime
    given: Rights | None = None
    reason: str = ""
    by_number: int = 0
    last_at: datetime | None = None
    last_state: str = ""

    @property
    def is_offered(self) -> bool:
        """Whether it came with the box and nobody has wanted it yet: it waits for nobody."""
        return self.state is PluginState.FOUND and self.source is not Source.ADDED

    @property
    def allowed(self) -> Rights:
        """What it may do now: given and still asked for."""
        return Rights() if self.given is None else self.given.within(self.asked)

    @property
    def wider(self) -> Rights:
        """What it asks for beyond what was given."""
        return self.asked.beyond(self.given)


class ToRun(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that is to run.

    Attributes:
        hosts: `name:port` and `*.name:port`.
        near: `name:port` that an administrator named in settings.
        settings: with defaults, secrets in clear.
        accounts: of its service that are on; None: its manifest knows but one.
    """

    plugin: Plugin
    hosts: tuple[str, ...]
    near: tuple[str, ...]
    settings: Personal[dict[str, Value]]
    accounts: Personal[tuple["AccountSet", ...]] | None = None


class AccountSet(msgspec.Struct, frozen=True, kw_only=True):
    """An account that is on, as its plugin is told: settings with defaults, secrets in clear."""

    code: str
    title: str
    settings: dict[str, Value]

    def __repr__(self) -> str:
        return f"AccountSet({self.code})"


class AccountForm(msgspec.Struct, frozen=True, kw_only=True):
    """An account with what it is set to.

    Attributes:
        typed: every setting as one would type it; of a secret nothing.
        held: names that have a value of their own.
    """

    code: str
    title: str
    is_active: bool
    typed: dict[str, str]
    held: frozenset[str]

    def __repr__(self) -> str:
        return f"AccountForm({self.code})"


class SettingsForm(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin with what it is set to.

    Attributes:
        typed: every setting as one would type it; of a secret nothing.
        held: names that have a value of their own.
    """

    plugin: Plugin
    typed: dict[str, str]
    held: frozenset[str]


class JournalAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines of the journal: by any of plugin, state, reference number, number of an order."""

    plugin: str = ""
    state: str = ""
    number: int = 0
    order: int = 0
    before: int = 0
    limit: int = 50


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange.

    Attributes:
        number: what people quote.
        direction: in, out, here.
        state: ok, warn, bad.
        code: of the plugin's catalogue; `box.…`: the box speaks of the plugin.
        data: numbers and codes for the sentence.
        kind, object_number: the record it is about.
        delivery_id: of the event that was handled, where one was.
    """

    number: int
    plugin: str
    at: datetime
    direction: str
    state: str
    code: str
    data: dict[str, int | str]
    kind: str
    object_number: int
    delivery_id: UUID | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether it is worth while to ask for it again; what is to be repeated is found then."""
        if self.code.startswith("box."):
            return False
        return self.delivery_id is not None or (self.kind == "order" and self.object_number > 0)


class GivenRights(msgspec.Struct, frozen=True, kw_only=True):
    """One approval: rights, for which version, by whom, when; `until`: when another came."""

    rights: Rights
    version: str
    by_number: int
    at: datetime
    until: datetime | None = None


class Need(StrEnum):
    """What somebody must be warned of, and say yes to, before a file is installed."""

    UNSIGNED = "unsigned"  # nobody signed it
    STRANGER = "stranger"  # whoever signed it is not among the makers the box trusts
    OTHER_MAKER = "other_maker"  # the plugin it replaces was signed by somebody else
    OLDER = "older"  # it replaces a newer version


class Letters(msgspec.Struct, frozen=True, kw_only=True):
    """Events on their way to a plugin: waiting and dead ones, each up to `MOST_COUNTED`."""

    waiting: int = 0
    dead: int = 0


MOST_COUNTED = 1000


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read and waits for a yes.

    Attributes:
        token: names it until then; empty where it is only weighed.
        needs: of `Need`: what to be warned of.
        was: the plugin it would replace.
        size: bytes of the file.
        trusted: a maker the box trusts signed it.
    """

    found: FoundPlugin
    token: str = ""
    needs: tuple[Need, ...] = ()
    was: Plugin | None = None
    size: int = 0
    trusted: bool = False


class Maker(msgspec.Struct, frozen=True, kw_only=True):
    """Whose signature an administrator trusts: public key (hex), what he calls it, since when."""

    key: str
    title: str
    by_number: int
    at: datetime


class Makers(msgspec.Struct, frozen=True, kw_only=True):
    """The setting that keeps them."""

    list: tuple[Maker, ...] = ()


MAKERS = "plugins.makers"
MOST_MAKERS = 50


def weigh(found: FoundPlugin, was: Plugin | None, *, trusted: bool) -> tuple[Need, ...]:
    """What to be warned of before a file replaces what is there."""
    needs: list[Need] = []
    if not found.signer:
        needs.append(Need.UNSIGNED)
    elif not trusted:
        needs.append(Need.STRANGER)
    if was is not None and was.signer and was.signer != found.signer:
        needs.append(Need.OTHER_MAKER)
    if was is not None and _ordered(found.version) < _ordered(was.version):
        needs.append(Need.OLDER)
    return tuple(needs)


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(one) for one in version.split(".") if one.isdigit())
