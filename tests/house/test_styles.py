"""The style sheet keeps its own rules, and the scripts keep the policy's."""

import re
from pathlib import Path

FRONTEND = Path(__file__).resolve().parents[2] / "appliance/web/frontend"
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(")


def sheets() -> dict[str, str]:
    found = {path.name: path.read_text(encoding="utf-8") for path in FRONTEND.rglob("css/**/*.css")}
    return {name: re.sub(r"/\*.*?\*/", "", text, flags=re.S) for name, text in found.items()}


def test_colours_live_in_the_tokens_only() -> None:
    found = {name: COLOUR.findall(text) for name, text in sheets().items() if name != "tokens.css"}
    assert {name: colours for name, colours in found.items() if colours} == {}


def test_nothing_shouts_over_the_layers() -> None:
    assert [name for name, text in sheets().items() if "!important" in text] == []


def test_every_name_of_a_token_is_declared() -> None:
    whole = "\n".join(sheets().values())
    declared = set(re.findall(r"(--[\w-]+)\s*:", whole))
    assert set(re.findall(r"var\((--[\w-]+)", whole)) - declared == set()


def test_every_sheet_is_imported_once() -> None:
    index = (FRONTEND / "css/index.css").read_text(encoding="utf-8")
    imported = [Path(name).name for name in re.findall(r'@import "([^"]+)"', index)]
    assert sorted([*imported, "index.css"]) == sorted(sheets())


def test_a_bare_class_is_described_in_one_sheet() -> None:
    """Two screens that both call a thing `.run` draw over each other without anybody's wish."""
    named: dict[str, set[str]] = {}
    for name, text in sheets().items():
        # What folds on a phone speaks of everybody's classes; that is its work.
        for rule in re.findall(r"([^{};]+)\{", "" if name == "fit.css" else _wide(text)):
            for one in re.sub(r"\([^()]*\)", "", rule).split(","):
                if re.fullmatch(r"\.[a-z][\w-]*", one.strip()):
                    named.setdefault(one.strip(), set()).add(name)
    assert {one: places for one, places in named.items() if len(places) > 1} == {}


def _wide(text: str) -> str:
    """A sheet without what it says for phones and paper."""
    return re.sub(r"@(?:media|container)[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", text)


def test_no_script_evaluates_text_or_writes_markup_of_its_own() -> None:
    for path in (FRONTEND / "js").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\beval\(|new Function|document\.write|insertAdjacentHTML", text), (
            path.name
        )
        # innerHTML only of a <template>, for what our own server rendered and escaped
        assert all(
            "template.innerHTML = await answer.text()" in line
            for line in text.splitlines()
            if "innerHTML" in line
        ), path.name


def test_the_lock_names_hashes_and_no_addresses() -> None:
    lock = (FRONTEND / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity": "sha512-') == lock.count('"node_modules/')
