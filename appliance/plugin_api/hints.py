"""What a service of hints is asked while a colleague types: a company by its number, an address.

The only questions that carry what is about somebody: it is what was typed just now, and nobody's
record yet. So they go only to a plugin that was granted `typed.read`, which an administrator
reads as «видит то, что набирают в реквизитах и адресе».
"""

from typing import Literal

import msgspec

from appliance.domain.personal import Personal

MOST_HINTS = 7
State = Literal["active", "liquidating", "liquidated", "bankrupt", "reorganizing", ""]


class _Message(msgspec.Struct, frozen=True):
    """Unknown fields are ignored: a newer box may say more."""


class PartyAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A tax number that stands its check digits (ИНН)."""

    number: Personal[str]


class Party(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A company or a sole proprietor as the register has it.

    Attributes:
        is_person: a sole proprietor: the name is a person's.
        state: in the register; anything but `active` is worth a word, not a ban.
    """

    name: Personal[str]
    legal_name: Personal[str]
    is_person: bool = False
    inn: Personal[str]
    kpp: str = ""
    ogrn: str = ""
    address: Personal[str] = Personal("")
    state: State = ""


class Parties(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Empty: the register knows none."""

    parties: tuple[Party, ...] = ()


class BankAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A bank's number (БИК)."""

    number: str


class Bank(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A bank of the directory."""

    bic: str
    name: str
    account: str = ""


class Banks(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Empty: there is none of this number."""

    banks: tuple[Bank, ...] = ()


class AddressAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """The beginning of an address."""

    text: Personal[str]


class Address(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A way to go on.

    Attributes:
        line: as one writes it, index and all.
        is_whole: down to the house: a courier finds it.
    """

    line: Personal[str]
    is_whole: bool = False


class Addresses(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Best first."""

    addresses: tuple[Address, ...] = ()
