"""Keys of plugins' rows sort as their values do, and no version reads rows shaped otherwise."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.plugin_rows import Shape, changed, key_of

SHAPE = Shape(
    columns={"name": "text", "number": "integer", "note": "personal"}, key=("name", "number")
)
VALUES = st.tuples(st.text(max_size=20), st.integers(-(1 << 63), (1 << 63) - 1))


@given(VALUES, VALUES)
def test_keys_sort_as_values_do(first: tuple[str, int], second: tuple[str, int]) -> None:
    def order(one: tuple[str, int]) -> tuple[bytes, int]:
        return one[0].encode(errors="surrogatepass"), one[1]

    assert (key_of(SHAPE, first) < key_of(SHAPE, second)) == (order(first) < order(second))


@given(VALUES)
def test_a_part_of_a_key_begins_it(values: tuple[str, int]) -> None:
    part = key_of(SHAPE, values[:1], whole=False)
    assert key_of(SHAPE, values).startswith(part)
    assert part < key_of(SHAPE, values) < part + b"\xff"


def test_a_version_may_add_and_leave_out_but_not_reshape() -> None:
    def became(**changes: object) -> tuple[str, ...]:
        columns = {"name": "text", "number": "integer", "note": "personal"}
        shape = Shape(columns=columns | changes.pop("columns", {}), key=("name", "number"))  # type: ignore[operator]
        if "key" in changes:
            shape = Shape(columns=shape.columns, key=changes["key"])  # type: ignore[arg-type]
        return changed({"rows": SHAPE}, {"rows": shape, "more": SHAPE})

    assert became() == became(columns={"fresh": "flag"}) == ()
    assert became(columns={"note": "text"}) == ("rows",)
    assert became(key=("name",)) == ("rows",)
    assert changed({"rows": SHAPE}, {}) == ()
