"""What each kind of base sends: real files, in the sessions that it would send them in."""

from pathlib import Path

from tests.onec_client.base import Portion

FILES = Path(__file__).resolve().parents[1] / "data" / "commerceml"


def _read(folder: str, *names: str) -> dict[str, bytes]:
    return {name: (FILES / folder / name).read_bytes() for name in names}


def ut11() -> list[Portion]:
    """Catalogues of УТ 11 in schema 2.07: goods, then offers, a session for each file."""
    return [
        Portion(_read("dobromyslov", "import0_1.xml")),
        Portion(_read("dobromyslov", "import0_1_with_nested_groups.xml")),
        Portion(_read("dobromyslov", "offers0_1.xml")),
    ]


def unf() -> list[Portion]:
    """A catalogue with characteristics, schema 2.07, by the names of УНФ."""
    return [Portion(_read("carono", "import.xml")), Portion(_read("carono", "offers.xml"))]


def bitrix() -> list[Portion]:
    """The files of the exchange module in schema 3.1: the classifier first, in one archive."""
    names = sorted(
        (path.name for path in (FILES / "wagood").iterdir()),
        key=lambda name: ("import", "offers", "prices", "rests").index(name.partition("___")[0]),
    )
    placed = {_placed(name, data): data for name, data in _read("wagood", *names).items()}
    return [Portion(dict(sorted(placed.items(), key=lambda one: "/" in one[0])))]


def _placed(name: str, data: bytes) -> str:
    """The classifier lies at the root of the archive, goods and the rest below."""
    is_root = name.startswith("import") and "<Товар>".encode() not in data
    return name if is_root else f"goods/1/{name}"
