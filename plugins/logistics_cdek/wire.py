"""CDEK's messages as far as they are read: whatever else stands in them is passed over."""

import msgspec


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Unknown fields are ignored."""


class Token(_Part, frozen=True, kw_only=True):
    """A token and its seconds to live."""

    access_token: str
    expires_in: int = 3600


class City(_Part, frozen=True, kw_only=True):
    """A town."""

    code: int
    city: str = ""
    region: str = ""


class Wrong(_Part, frozen=True, kw_only=True):
    """A refusal's code; its words may name people and are not read."""

    code: str = ""


class Tariff(_Part, frozen=True, kw_only=True):
    """A tariff: roubles, days."""

    tariff_code: int
    tariff_name: str = ""
    delivery_mode: int
    delivery_sum: float
    period_min: int = 0
    period_max: int = 0


class Tariffs(_Part, frozen=True, kw_only=True):
    """What fits."""

    tariff_codes: list[Tariff] = []
    errors: list[Wrong] = []


class Mode(_Part, frozen=True, kw_only=True):
    """A mode of delivery of a service: its tariff."""

    tariff_code: int


class Service(_Part, frozen=True, kw_only=True):
    """A service of the contract."""

    tariff_name: str = ""
    delivery_modes: list[Mode] = []


class Contract(_Part, frozen=True, kw_only=True):
    """All services of a contract."""

    tariff_codes: list[Service] = []


class OfficePlace(_Part, frozen=True, kw_only=True):
    """Where an office is."""

    address: str = ""
    address_full: str = ""


class Office(_Part, frozen=True, kw_only=True):
    """An office or a locker; kilograms."""

    code: str
    type: str = "PVZ"
    work_time: str = ""
    nearest_metro_station: str = ""
    address_comment: str = ""
    have_cash: bool = True
    have_cashless: bool = True
    weight_max: float = 0
    location: OfficePlace = OfficePlace()


class Status(_Part, frozen=True, kw_only=True):
    """A status of an order or a print."""

    code: str = ""
    date_time: str = ""
    reason_code: str = ""
    city: str = ""
    deleted: bool = False


class Detail(_Part, frozen=True, kw_only=True):
    """What was charged, roubles."""

    total_sum: float = 0


class Placed(_Part, frozen=True, kw_only=True):
    """An order as CDEK has it."""

    uuid: str = ""
    cdek_number: str = ""
    is_return: bool = False
    delivery_point: str = ""
    statuses: list[Status] = []
    delivery_detail: Detail | None = None


class Asked(_Part, frozen=True, kw_only=True):
    """A request about it and what became of it."""

    type: str = ""
    state: str = ""
    date_time: str = ""
    errors: list[Wrong] = []


class Related(_Part, frozen=True, kw_only=True):
    """Another order that belongs to it."""

    uuid: str = ""
    type: str = ""


class Answer(_Part, frozen=True, kw_only=True):
    """Of every method about an order."""

    entity: Placed | None = None
    requests: list[Asked] = []
    related_entities: list[Related] = []
    errors: list[Wrong] = []

    @property
    def refusal(self) -> str:
        """Why it is refused: both shapes of 400, and INVALID of the last request; else empty."""
        if self.errors:
            return self.errors[0].code or "refused"
        for one in self.requests:
            if one.errors and one.state in {"INVALID", ""}:
                return one.errors[0].code or "refused"
        last = self.requests[-1] if self.requests else None
        return "refused" if last is not None and last.state == "INVALID" else ""


class Printed(_Part, frozen=True, kw_only=True):
    """A form that is being printed."""

    statuses: list[Status] = []


class PrintAnswer(_Part, frozen=True, kw_only=True):
    """Of the printing methods."""

    entity: Printed | None = None
    errors: list[Wrong] = []
    requests: list[Asked] = []


class Subscription(_Part, frozen=True, kw_only=True):
    """A subscription to notices."""

    uuid: str
    type: str = ""
    url: str = ""


class HookAbout(_Part, frozen=True, kw_only=True):
    """What a notice is about."""

    is_return: bool = False
    related_entities: list[Related] = []


class Hook(_Part, frozen=True, kw_only=True):
    """A notice: a hint, never believed."""

    type: str = ""
    uuid: str = ""
    attributes: HookAbout = HookAbout()
