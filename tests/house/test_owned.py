"""What moves with a client is listed whole: a new table cannot be forgotten by a merge."""

import ast
from pathlib import Path

from appliance.domain.subjects import CATEGORIES
from appliance.storage.engine.shapes import columns_of, name_of
from appliance.storage.erasing import BESIDES, CATEGORY, FATES, Fate
from appliance.storage.key_places import CUSTOM_TABLE, SEALED, TOKENS
from appliance.storage.owned import NOT_MOVED, OF_THE_HOUSE, OWNED, STAYS
from appliance.storage.tables import TABLES

FOLDER = Path(__file__).resolve().parents[2] / "appliance" / "storage" / "tables"


def declared(kind: str = "sealed()") -> set[tuple[str, str]]:
    """Every column declared so: (table, column)."""
    found: set[tuple[str, str]] = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.ClassDef):
                continue
            names = [
                str(word.value.value)
                for word in node.keywords
                if word.arg == "tablename" and isinstance(word.value, ast.Constant)
            ]
            for line in node.body:
                if isinstance(line, ast.Assign) and ast.unparse(line.value) == kind:
                    found |= {(names[0], target.id) for target in line.targets}  # type: ignore[attr-defined]
    return found


def with_columns(*wanted: str) -> set[tuple[str, str]]:
    return {
        (name_of(table), name_of(column))
        for table in TABLES
        for column in columns_of(table)
        if name_of(column) in wanted
    }


def test_every_sealed_column_is_said_to_move_or_to_stay() -> None:
    moves = {(owned.name, cell) for owned in OWNED for cell in owned.cells}
    assert moves | STAYS | OF_THE_HOUSE == declared()
    assert not moves & (STAYS | OF_THE_HOUSE)


def test_every_cell_under_a_persons_key_gets_the_new_one() -> None:
    carried = {(one.table, cell) for one in SEALED for cell in one.cells}
    assert carried | OF_THE_HOUSE == declared()
    assert not carried & OF_THE_HOUSE


def test_every_blind_index_is_computed_anew_under_new_keys() -> None:
    again = {(one.table, column) for one in TOKENS for column in one.columns}
    assert again | {(CUSTOM_TABLE, "value_index")} == declared("blind_index()")


def test_every_row_that_names_a_client_or_a_person_moves_with_him() -> None:
    moves = {
        (owned.name, column)
        for owned in OWNED
        for column in (owned.client, owned.subject)
        if column
    }
    assert with_columns("customer_id", "subject_id") <= moves | NOT_MOVED


def test_every_part_of_a_client_has_a_fate_when_he_is_destroyed() -> None:
    assert set(FATES) == {owned.part for owned in OWNED}
    staying = {owned.name for owned in OWNED if FATES[owned.part] is Fate.STAY and owned.cells}
    assert staying == set()  # nothing sealed stays
    assert set(BESIDES) <= {part for part, fate in FATES.items() if fate is Fate.BLANK}


def test_every_sealed_or_indexed_column_has_a_category_of_personal_data() -> None:
    named = set(CATEGORY)
    assert {
        (table, column) for table, column in declared() if (table, column) not in OF_THE_HOUSE
    } == {place for place in named if not place[1].endswith("_index")}
    assert with_columns("value_index", "tail_index", "inn_index", "day_index") <= named
    assert {one for many in CATEGORY.values() for one in many} - {"custom"} == set(CATEGORIES)
