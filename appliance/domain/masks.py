"""How a contact looks to those who may know that it exists, but not what it is."""

from appliance.domain.phones import digits_of

_DOT = "•"


def mask_phone(typed: str, normal: str) -> str:
    r"""First digit of the code and the last two stay: `+7 9•• •••-••-34`.

    >>> mask_phone("8 912 000-12-34", "+79120001234")
    '+7\xa09••\xa0•••-••-34'
    """
    if normal.startswith("+7") and len(normal) == 12:
        return f"+7\u00a0{normal[2]}••\u00a0•••-••-{normal[-2:]}"
    digits = digits_of(normal or typed)
    if len(digits) < 5:
        return _DOT * 5
    return ("+" if normal else "") + _DOT * (len(digits) - 2) + digits[-2:]


def mask_email(address: str) -> str:
    """First letter and the zone stay: `a••••@•••.ru`; without a host before it nothing does.

    >>> mask_email("anna@example.ru")
    'a••••@•••.ru'
    >>> mask_email("anna@.ru")
    '•••••'
    """
    local, _, domain = address.rpartition("@")
    host, _, zone = domain.rpartition(".")
    return f"{local[:1]}••••@•••.{zone}" if local and host and zone else _DOT * 5


def mask_tax_id(inn: str) -> str:
    """The last three digits stay.

    >>> mask_tax_id("7707083893")
    '•••••••893'
    """
    return _DOT * max(len(inn) - 3, 0) + inn[-3:]
