"""Why a file, an archive or a request was not taken. The words are in `texts/`."""


class Refused(Exception):
    """Something the other side sent cannot be used.

    Attributes:
        code: names the sentence in `texts/`.
        offset: byte of the file at which it was found; -1 where there is none.
        numbers: what the sentence has places for: counts and limits, never texts of the file.
    """

    def __init__(self, code: str, offset: int = -1, **numbers: int) -> None:
        super().__init__(f"{code} at {offset}" if offset >= 0 else code)
        self.code = code
        self.offset = offset
        self.numbers = numbers
