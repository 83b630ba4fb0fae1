"""A test that says what is absent must not be able to meet it by chance."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SURE = 8
"""Digits of which a random id hardly ever holds just these: one in 16**8 at each place."""


def short_digits(value: object) -> bool:
    """Whether a random UUID, or a time's microseconds, could hold this by chance."""
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if not isinstance(text, str) or not text or len(text) >= SURE:
        return False
    return set(text) <= set("0123456789abcdef-") and any(sign.isdigit() for sign in text)


def chancy(source: str) -> list[int]:
    """The lines that assert the absence of a few digits."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Compare)
        for sign, left in zip(node.ops, [node.left, *node.comparators[:-1]], strict=True)
        if isinstance(sign, ast.NotIn) and isinstance(left, ast.Constant)
        if short_digits(left.value)
    ]


def test_no_test_calls_a_few_digits_absent_where_a_random_id_may_hold_them() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for line in chancy(path.read_text(encoding="utf-8"))
    ]
    assert found == [], "write more of the value, or a sign that no id has (+, a space, a bracket)"


def test_the_rule_finds_what_failed_by_chance_and_lets_sure_ones_be() -> None:
    assert chancy('assert "x" in text and "7912" not in text') == [1]
    assert chancy('assert b"112233" not in content') == [1]
    assert chancy('assert "+7912" not in text') == []
    assert chancy('assert "79120001234" not in text') == []
    assert chancy('assert "anna" not in text') == []
