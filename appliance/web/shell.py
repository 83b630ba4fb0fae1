"""What the frame around every screen needs: sections, the person, look, marks and messages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

Theme = Literal["auto", "light", "dark"]
Density = Literal["tight", "normal", "loose", "touch"]
Side = Literal["full", "mini"]

LOOK_COOKIE = "korobka_look"


def N_(text: str) -> str:  # noqa: N802 (gettext's own name for a text translated later)
    """Mark a text for the catalogue; it is translated where it is printed."""
    return text


@dataclass(frozen=True, slots=True)
class Look:
    """How the person wants the screens; kept in a cookie, so the first paint is already right."""

    theme: Theme = "auto"
    density: Density = "normal"
    side: Side = "full"
    letters: bool = True


def read_look(cookie: str) -> Look:
    """Read the cookie `theme.density.side.letters`; unknown words fall back one by one.

    Args:
        cookie: its value as js/look.js wrote it, or an empty text.
    """
    words = set(cookie.split("."))

    def one(allowed: tuple[str, ...]) -> str:
        return next((word for word in allowed if word in words), allowed[0])

    return Look(
        theme=one(("auto", "light", "dark")),  # pyright: ignore[reportArgumentType] (one of the words)
        density=one(("normal", "tight", "loose", "touch")),  # pyright: ignore[reportArgumentType] (same)
        side=one(("full", "mini")),  # pyright: ignore[reportArgumentType] (same)
        letters="off" not in words,
    )


@dataclass(frozen=True, slots=True)
class NavItem:
    """One section in the side bar.

    Attributes:
        section: what `Shell.section` is compared with.
        label: msgid.
        go: the letter after G.
        count: work waiting for me, 0 shows nothing; `hot` paints it red.
    """

    section: str
    href: str
    label: str
    icon: str
    go: str = ""
    count: int = 0
    hot: bool = False


@dataclass(frozen=True, slots=True)
class Me:
    """The signed-in person as the frame shows him."""

    name: str
    initials: str
    tone: int
    role: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """A one-line message under the header; `text` is a msgid or a ready sentence."""

    text: str
    tone: str = ""
    icon: str = "circle-alert"


@dataclass(frozen=True, slots=True)
class Mark:
    """A small fact at the right of the status line."""

    text: str
    icon: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A toast that waits for the page; `undo` is the address that undoes, or None."""

    text: str
    undo: str | None = None


@dataclass(frozen=True, slots=True)
class Shell:
    """Everything around a screen.

    Attributes:
        makes: (address, msgid) of what the reader may make from anywhere.
        mark: the moment at which the page began to be read, for the stream of changes.
    """

    company: str
    section: str
    me: Me
    navigation: tuple[tuple[NavItem, ...], ...]
    strips: tuple[Strip, ...] = ()
    marks: tuple[Mark, ...] = ()
    toasts: tuple[Note, ...] = ()
    may_order: bool = False
    owners: frozenset[str] = frozenset()
    may_call: bool = False
    makes: tuple[tuple[str, str], ...] = ()
    mark: str = ""
    tabs: tuple[NavItem, ...] = field(init=False)

    def __post_init__(self) -> None:
        every = [item for group in self.navigation for item in group]
        first = sorted(every, key=lambda item: FIRST.get(item.section, len(FIRST)))[:4]
        shown = tuple(item for item in every if item in first)
        object.__setattr__(self, "tabs", shown)  # four fit beside «Ещё» at 390 px


@dataclass(frozen=True, slots=True)
class Door:
    """What stands around the sign-in and unlock forms."""

    company: str
    host: str
    version: str
    own_certificate: bool = False


SECTIONS: tuple[tuple[NavItem, ...], ...] = (
    (
        NavItem("today", "/", N_("Сегодня"), icon="sun", go="T"),
        NavItem("orders", "/orders", N_("Заказы"), icon="shopping-bag", go="O"),
        NavItem("clients", "/clients", N_("Клиенты"), icon="users", go="C"),
        NavItem("deals", "/deals", N_("Сделки"), icon="square-kanban", go="D"),
        NavItem("tasks", "/tasks", N_("Задачи"), icon="circle-check", go="Z"),
        NavItem("courier", "/courier", N_("Доставка"), icon="map-pin", go="V"),
        NavItem("data", "/data/duplicates", N_("Данные"), icon="database", go="M"),
    ),
    (
        NavItem("catalog", "/catalog", N_("Каталог"), icon="package", go="K"),
        NavItem("ship", "/ship", N_("Отгрузки"), icon="truck", go="W"),
        NavItem("stock", "/stock", N_("Склад"), icon="clipboard-list", go="S"),
    ),
    (
        NavItem("money", "/money/bank", N_("Оплаты"), icon="wallet", go="B"),
        NavItem("reports", "/reports", N_("Отчёты"), icon="chart-no-axes-column", go="R"),
        NavItem("mail", "/mail", N_("Почта"), icon="mail", go="P"),
        NavItem("notices", "/notices", N_("Уведомления"), icon="bell", go="N"),
        NavItem("branches", "/branches", N_("Филиалы"), icon="building-2", go="F"),
    ),
    (NavItem("admin", "/admin", N_("Настройки"), icon="settings-2", go=","),),
)


FIRST: dict[str, int] = {
    section: place
    for place, section in enumerate(
        ("today", "orders", "clients", "deals", "courier", "ship", "money", "stock", "tasks")
    )
}
"""What a phone's bar shows first: a keeper's own work stands before the catalogue."""


def navigation(
    allowed: Collection[str], counts: Mapping[str, int]
) -> tuple[tuple[NavItem, ...], ...]:
    """Keep the sections a person may open, with the work that waits in each.

    Args:
        allowed: names of sections.
        counts: section → number shown beside it.
    """
    groups = (
        tuple(
            NavItem(i.section, i.href, i.label, i.icon, i.go, counts.get(i.section, 0), i.hot)
            for i in group
            if i.section in allowed
        )
        for group in SECTIONS
    )
    return tuple(group for group in groups if group)
