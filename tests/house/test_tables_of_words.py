"""Every table of words can be read: a table named twice takes all of its pages down."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORDS = sorted(
    path
    for folder in ("appliance", "plugins", "tui")
    for path in (ROOT / folder).rglob("*.toml")
    if "node_modules" not in path.parts
)


@pytest.mark.parametrize("path", WORDS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_it_reads(path: Path) -> None:
    assert tomllib.loads(path.read_text(encoding="utf-8"))
