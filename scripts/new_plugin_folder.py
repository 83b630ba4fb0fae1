"""Make a plugin that passes its tests: manifest, handler, client, fake, texts, README.

scripts/new-plugin NAME [--title TEXT] [--into FOLDER]
"""

import argparse
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "plugin_template"
NAME = re.compile(r"[a-z][a-z0-9_]{2,40}")
TEST = "test_plugin.py.in"


def make(name: str, title: str, into: Path) -> list[Path]:
    """Lay the template out under a name.

    Args:
        name: of the plugin and its folder.
        title: for people.
        into: a checkout: `plugins/NAME` and `tests/plugins/test_NAME.py` are made there.

    Returns:
        the files made.

    Raises:
        FileExistsError: there is such a plugin.
        ValueError: the name will not do.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"a name is [a-z][a-z0-9_]{{2,40}}, not {name!r}")
    folder = into / "plugins" / name
    folder.mkdir(parents=True)
    made: list[Path] = []
    for source in sorted(TEMPLATE.rglob("*.in")):
        text = source.read_text(encoding="utf-8").replace("@NAME@", name).replace("@TITLE@", title)
        target = folder / source.relative_to(TEMPLATE).with_suffix("")
        if source.name == TEST:
            target = into / "tests" / "plugins" / f"test_{name}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        made.append(target)
    return made


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="scripts/new-plugin", description=__doc__)
    parser.add_argument("name", help="letters, digits and _, as courier_fast")
    parser.add_argument("--title", default="", help="for people; the name if not given")
    parser.add_argument("--into", type=Path, default=HERE.parent, help="a checkout; this one")
    asked = parser.parse_args()
    try:
        made = make(asked.name, asked.title or asked.name, asked.into)
    except (ValueError, FileExistsError) as error:
        print(f"scripts/new-plugin: {error}", file=sys.stderr)
        return 1
    for path in made:
        print(path)
    print("docs/plugins.md says how to go on")
    return 0


if __name__ == "__main__":
    sys.exit(main())
