"""The Post's messages as far as they are read: whatever else stands in them is passed over."""

import msgspec


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """Unknown fields are ignored."""


class Wrong(_Part, frozen=True, kw_only=True):
    """A refusal of a whole request; its words may name people and are not read."""

    code: str = ""
    sub_code: str = ""
    status: str = ""

    @property
    def word(self) -> str:
        """The most telling code of the three."""
        return self.sub_code or self.code or self.status


class Days(_Part, frozen=True, kw_only=True):
    """How long it takes."""

    min_days: int = 0
    max_days: int = 0


class Tariff(_Part, frozen=True, kw_only=True):
    """A price: kopecks without VAT, and the VAT."""

    total_rate: int
    total_vat: int = 0
    delivery_time: Days | None = None


class Cleaned(_Part, frozen=True, kw_only=True):
    """An address as the Post understood it."""

    id: str = ""
    address_type: str = ""
    quality_code: str = ""
    validation_code: str = ""
    index: str = ""
    region: str = ""
    area: str = ""
    place: str = ""
    location: str = ""
    street: str = ""
    house: str = ""
    slash: str = ""
    letter: str = ""
    corpus: str = ""
    building: str = ""
    hotel: str = ""
    room: str = ""
    office: str = ""
    vladenie: str = ""
    num_address_type: str = ""


class Person(_Part, frozen=True, kw_only=True):
    """A name in its parts."""

    id: str = ""
    name: str = ""
    surname: str = ""
    middle_name: str = ""
    quality_code: str = ""


class Reason(_Part, frozen=True, kw_only=True):
    """Why one position is refused."""

    code: str = ""


class Position(_Part, frozen=True, kw_only=True):
    """A refused position; some methods give one code, some a list."""

    position: int = 0
    error_codes: list[Reason] = []
    error_code: str = ""

    @property
    def word(self) -> str:
        """Its code."""
        return self.error_codes[0].code if self.error_codes else self.error_code or "UNDEFINED"


class Batch(_Part, frozen=True, kw_only=True):
    """A batch."""

    batch_name: str
    batch_status: str = ""
    shipment_count: int = 0


class Made(_Part, frozen=True, kw_only=True):
    """What became of a list: 200 also where every position is refused."""

    result_ids: list[int] = []
    errors: list[Position] = []
    batches: list[Batch] = []


class Order(_Part, frozen=True, kw_only=True):
    """An order of the backlog, or a parcel of a batch."""

    id: int
    order_num: str = ""
    barcode: str = ""
    batch_name: str = ""
    batch_status: str = ""
    total_rate_wo_vat: int = 0
    total_vat: int = 0


class CheckedIn(_Part, frozen=True, kw_only=True):
    """Whether the office got form 103."""

    f103_sent: bool = False
    error_code: str = ""


class Near(_Part, frozen=True, kw_only=True):
    """Postcodes of offices."""

    postoffices: list[str] = []


class Hours(_Part, frozen=True, kw_only=True):
    """Of one day of the week; empty: closed."""

    begin_worktime: str = ""
    end_worktime: str = ""


class Office(_Part, frozen=True, kw_only=True):
    """A post office."""

    postal_code: str
    address_source: str = ""
    settlement: str = ""
    region: str = ""
    is_closed: bool = False
    is_temporary_closed: bool = False
    working_hours: list[Hours] = []


class Point(_Part, frozen=True, kw_only=True):
    """An office that takes parcels by the contract."""

    operator_postcode: str = ""
    enabled: bool = True


class Quota(_Part, frozen=True, kw_only=True):
    """Requests of a day."""

    allowed_count: int = 0
    current_count: int = 0
