"""The table of keys tells the truth: what it names is bound, what is bound it names."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from appliance.web.hotkeys import HOTKEYS

WEB = Path(__file__).parents[2] / "appliance" / "web"
SCRIPTS = sorted((WEB / "frontend" / "js").glob("*.js"))
_PLAIN = {
    "+": "NumpadAdd",
    "↑": "ArrowUp", "↓": "ArrowDown", "←": "ArrowLeft", "→": "ArrowRight",
    "Ctrl": "Control", "Esc": "Escape",
}  # fmt: skip
_LISTED = re.compile(r"for \(const (?:\[key[^\]]*\]|key) of (\[.+?\])\) (?:\{\s*)?bind", re.DOTALL)
_MARKED = re.compile(r'(?:aria-keyshortcuts|data-leader|data-view|data-go)="([^"{]+)"')
_MADE = re.compile(
    r"^(?:export )?(?:async )?(?:function\*?|const|let|class) ([A-Za-z_$][\w$]*)", re.MULTILINE
)
_SILENT = {"Control+Enter"}


def bound() -> set[str]:
    """Combinations that the scripts bind."""
    found: set[str] = set()
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'bind\("([^"]+)"', text))
        for many in _LISTED.findall(text):
            shift = "Shift+" if "bind(`Shift+" in text else ""
            found |= {shift + one for one in re.findall(r'"((?:Arrow)?[A-Z][A-Za-z]*)"', many)}
        if "bind(String(digit)" in text:
            found |= {str(digit) for digit in range(1, 10)}
    return found


def marked() -> set[str]:
    """Combinations that elements of pages name; js/keys.js presses these elements."""
    found: set[str] = set()
    for path in (WEB / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for one in re.findall(r"keys='([^']+)'", text):
            found.add(one.replace("Ctrl+", "Control+").replace("Esc", "Escape"))
        for one in re.findall(r"'aria-keyshortcuts': '([^'{]+)'", text):
            found |= set(one.split())
        for many in re.findall(
            r'(?:aria-keyshortcuts|data-leader|data-view|data-go)="([^"{]+)"', text
        ):
            found |= set(many.split())
    return found


def named() -> dict[str, tuple[str, ...]]:
    """Combination of the table → its keys as they stand there."""
    found: dict[str, tuple[str, ...]] = {}
    for title, rows in HOTKEYS:
        for keys, _ in rows:
            for one in keys:
                if title == "Переходы" and one == "G":
                    continue
                plain = "+".join(_PLAIN.get(part, part) for part in one.split())
                found[plain] = keys
    return found


def test_every_key_of_the_table_is_bound_or_stands_on_an_element() -> None:
    leaders = {"G", "V", "Control+;"}
    gone = {part for keys, _ in dict(HOTKEYS)["Переходы"] for part in keys}
    known = bound() | marked() | leaders | gone | set(named_by_macros())
    assert set(named()) - known == set()


def named_by_macros() -> set[str]:
    """Keys that reach a template by its context."""
    text = (WEB / "bulk_words.py").read_text(encoding="utf-8")
    return set(re.findall(r'": "([A-Z])"', text))


def test_every_bound_letter_stands_in_the_table() -> None:
    told = set(named()) | {"J", "K", "M", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"}
    told |= {str(digit) for digit in range(1, 10)} | {"Shift+ArrowUp", "Shift+ArrowDown"}
    assert bound() - told - _SILENT == set()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_module_binds_a_name_twice(path: Path) -> None:
    text = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))
    names: list[str] = []
    for many in re.findall(r"^import \{([^}]*)\} from", text, re.MULTILINE):
        names += [one.split(" as ")[-1].strip() for one in many.split(",") if one.strip()]
    names += re.findall(
        r"^(?:export )?(?:async )?(?:function\*?|const|let|class) ([A-Za-z_$][\w$]*)",
        text,
        re.MULTILINE,
    )
    assert sorted(names) == sorted(set(names))


def test_every_module_parses() -> None:
    node = shutil.which("node")
    for path in SCRIPTS if node else ():  # without one, the browser's own tests find it
        done = subprocess.run(
            [str(node), "--check", "--input-type=module"],
            input=path.read_bytes(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, f"{path.name}: {done.stderr.decode()[:400]}"
    assert SCRIPTS
