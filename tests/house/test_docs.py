"""Documents keep step with the code: names of the reference, words of the domain, links."""

import ast
import re
from pathlib import Path

import pytest

from scripts import _reference

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
REFERENCE = _reference.PLACE.read_text(encoding="utf-8")
FIRST_CELL = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \| (.+?) \| (.+?) \|$", re.MULTILINE)


@pytest.mark.parametrize("kind", sorted(_reference.names()))
def test_every_name_of_the_code_is_in_the_reference(kind: str) -> None:
    missing = _reference.names()[kind] - set(FIRST_CELL.findall(REFERENCE))
    assert missing == set(), "run scripts/docs"


def test_the_reference_names_nothing_that_is_gone() -> None:
    known = set[str]().union(*_reference.names().values())
    assert set(FIRST_CELL.findall(REFERENCE)) - known == set(), "run scripts/docs"


def _defined() -> set[str]:
    """Names of all classes of the product, tables by the name of the thing they keep."""
    found: set[str] = set()
    for path in (ROOT / "appliance").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found |= {node.name, node.name.removesuffix("Row")}
    return found


def test_every_word_of_the_domain_that_is_in_use_exists_in_the_code() -> None:
    text = (ROOT / "docs" / "domain.md").read_text(encoding="utf-8")
    used, _, _ = text.partition("## Words kept for later")
    words = {word for row in ROW.findall(used) for word in re.findall(r"`(\w+)`", row[0])}
    assert len(words) > 25
    assert words - _defined() == set()


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(path: Path) -> None:
    targets = [one for one in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in one]
    assert [one for one in targets if not (path.parent / one).exists()] == []


def test_every_script_that_the_readme_names_is_there() -> None:
    for name in ("README.md", "README.ru.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        named = set(re.findall(r"scripts/[\w-]+", text))
        assert [one for one in sorted(named) if not (ROOT / one).exists()] == []


def test_decisions_are_numbered_once_each_and_say_their_number() -> None:
    papers = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [int(path.name[:4]) for path in papers]
    assert numbers == list(range(1, len(papers) + 1))
    for number, path in zip(numbers, papers, strict=True):
        assert path.read_text(encoding="utf-8").startswith(f"# {number}. "), path.name
