"""Where a buyer came from."""

import msgspec


class SourceMarks(msgspec.Struct, frozen=True, kw_only=True):
    """Where the buyer came from; the advertising marks of the first page."""

    source: str = ""
    medium: str = ""
    campaign: str = ""
    keyword: str = ""
    content: str = ""
    client_id: str = ""
