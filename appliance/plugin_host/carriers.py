"""Carriers' plugins asked by pages: prices, kept for half an hour, and points of towns.

Each carrier answers for itself within its time; one that is silent is said to be so and holds up
nobody. What was answered is kept by where to, how heavy, how large and cash or not, so that typing
does not ask the same again.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from appliance.domain.formats import Language
from appliance.domain.parcel_points import key_of
from appliance.domain.parcels import Package
from appliance.plugin_api.asks import Provided
from appliance.plugin_api.parcels import Offer, Offers, Point, Points, PointsAsked, QuoteAsked
from appliance.plugin_host.keeper import Keeper
from appliance.plugin_host.questions import Heard

KEPT_SECONDS: Final = 30 * 60.0
MOST_KEPT: Final = 2000
DECLARED_BUCKET: Final = 100_00
"""Kopecks; insurance is a share of a hundredth: less changes no price that anybody notices."""

AskAll = Callable[[str, msgspec.Struct, Sequence[str] | None], Awaitable[list[Heard]]]


class Quoted(NamedTuple):
    """What one carrier said.

    Attributes:
        plugin, title: its plugin, and what people call it.
        offers: tariffs that fit.
        trouble: code of the plugin's own texts where there is none.
        refusal: `plugin_silent`, `plugin_starting`, `plugin_off`, `plugin_refused`; empty where it
            answered.
    """

    plugin: str
    title: str
    offers: tuple[Offer, ...] = ()
    trouble: str = ""
    refusal: str = ""


class Carriers:
    """The carriers of a box that run."""

    def __init__(
        self,
        keeper: Callable[[], Keeper],
        providing: Callable[[Provided], Sequence[str]],
        ask_all: AskAll,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keeper = keeper
        self._providing = providing
        self._ask_all = ask_all
        self._clock = clock
        self._kept: dict[tuple[Any, ...], tuple[float, Offers]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Plugins of carriers that run."""
        return tuple(sorted(self._providing("carrier")))

    def title(self, plugin: str, language: Language) -> str:
        """What people call a carrier."""
        enabled = self._keeper().enabled(plugin)
        return plugin if enabled is None else enabled.manifest.title.of(language)

    async def quotes(self, asked: QuoteAsked, language: Language) -> list[Quoted]:
        """Ask every carrier what it costs; who answered lately is not asked again."""
        found: dict[str, Heard] = {}
        missing: list[str] = []
        for name in self.names:
            kept = self._kept.get(self._key(name, asked))
            if kept is not None and kept[0] > self._clock():
                found[name] = Heard(plugin=name, answer=kept[1])
            else:
                missing.append(name)
        for one in await self._ask_all("carrier.quote", asked, missing) if missing else ():
            found[one.plugin] = one
            if isinstance(one.answer, Offers) and one.answer.offers:
                self._keep(self._key(one.plugin, asked), one.answer)
        return [self._quoted(found[name], language) for name in sorted(found)]

    def _quoted(self, one: Heard, language: Language) -> Quoted:
        title = self.title(one.plugin, language)
        if not isinstance(one.answer, Offers):
            return Quoted(one.plugin, title, trouble=one.why, refusal=one.refusal)
        return Quoted(one.plugin, title, one.answer.offers, one.answer.trouble)

    async def points(self, plugin: str, asked: PointsAsked) -> tuple[Point, ...] | str:
        """Ask one carrier for the points of a town; a code of `Quoted.refusal`: no answer."""
        refusal = "plugin_off"
        for one in await self._ask_all("carrier.points", asked, [plugin]):
            if isinstance(one.answer, Points):
                return one.answer.points
            refusal = one.refusal or refusal
        return refusal

    def _key(self, plugin: str, asked: QuoteAsked) -> tuple[Any, ...]:
        # A plugin whose settings were changed was started anew: another object, other prices.
        box = Package(
            grams=asked.box.grams,
            length_mm=asked.box.length_mm,
            width_mm=asked.box.width_mm,
            height_mm=asked.box.height_mm,
        )
        return (
            plugin,
            id(self._keeper().enabled(plugin)),
            asked.shop,
            key_of(asked.city, asked.index, asked.country),
            asked.index,
            box.bucket,
            asked.declared // DECLARED_BUCKET,
            asked.cod > 0,
        )

    def _keep(self, key: tuple[Any, ...], answer: Offers) -> None:
        now = self._clock()
        if len(self._kept) >= MOST_KEPT:
            fresh = {one: kept for one, kept in self._kept.items() if kept[0] > now}
            self._kept = fresh if len(fresh) < MOST_KEPT else {}
        self._kept[key] = (now + KEPT_SECONDS, answer)
