"""Which lines of the product checklist have tests: `scripts/check --checklist`.

A test names the lines that it shows with `@pytest.mark.checklist(number)`, or its module does with
`pytestmark`.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINES = 195
"""Lines of the checklist."""


def main() -> int:
    """Print the numbers with their tests, then those without; fail on a number that is none."""
    shown: defaultdict[int, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for number, test in _marks(ast.parse(path.read_text(encoding="utf-8"))):
            shown[number].append(f"{path.relative_to(ROOT)}::{test}")
    for number in sorted(shown):
        print(f"{number:4}  {len(shown[number]):3}  {shown[number][0]}")
    missing = [str(number) for number in range(1, LINES + 1) if number not in shown]
    print(f"checklist: {LINES - len(missing)} of {LINES} lines have tests; without one:")
    print(" ".join(missing) or "none")
    return 1 if any(not 1 <= number <= LINES for number in shown) else 0


def _marks(module: ast.Module) -> Iterator[tuple[int, str]]:
    for node in module.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
        ):
            yield from ((number, "*") for number in _numbers(node.value))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                yield from ((number, node.name) for number in _numbers(decorator))


def _numbers(tree: ast.expr) -> Iterator[int]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "checklist"
        ):
            yield from (
                argument.value
                for argument in node.args
                if isinstance(argument, ast.Constant) and isinstance(argument.value, int)
            )


if __name__ == "__main__":
    sys.exit(main())
