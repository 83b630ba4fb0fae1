"""Ready mappings of other programs' exports: what their files bring lands where it belongs."""

import pytest

from appliance.domain.import_fields import FIELDS, PRESETS, Preset, guess, lacking, preset_of
from appliance.domain.imports import ImportKind

pytestmark = pytest.mark.checklist(176)


def _name(one: Preset) -> str:
    return f"{one.program}-{one.kind.value}"


@pytest.mark.parametrize("ready", PRESETS, ids=_name)
def test_a_programs_own_headings_pair_themselves_and_lack_nothing(ready: Preset) -> None:
    head = [one.capitalize() for one in ready.pairs]
    found = preset_of(ready.kind, head)
    assert found is not None and found.program == ready.program
    columns = guess(ready.kind, head)
    known = {field.code: field for field in FIELDS[ready.kind]}
    for heading, code, paired in zip(head, ready.pairs.values(), columns, strict=True):
        assert code == "" or code in known, heading
        # The second column of a field that holds one value is left for a person to decide.
        assert paired == code or (paired == "" and not known[code].many), heading
    assert lacking(ready.kind, columns) == ()
    assert ready.sure <= set(ready.pairs)


@pytest.mark.parametrize(
    ("kind", "head", "expected"),
    [
        (
            ImportKind.CLIENTS,
            ["ID", "Имя", "Фамилия", "Рабочий телефон", "Мобильный телефон", "Рабочий e-mail",
             "Ответственный", "Компания"],
            ("external_id", "first_name", "last_name", "phone", "phone", "email", "manager", ""),
        ),
        (
            ImportKind.DEALS,
            ["ID", "Название сделки", "Бюджет", "Этап сделки", "Основной контакт",
             "Рабочий телефон", "Воронка"],
            ("external_id", "name", "amount", "stage", "full_name", "phone", ""),
        ),
        (
            ImportKind.ORDERS,
            ["Номер", "Дата", "Статус", "Фамилия", "Телефон", "Товар", "Количество", "Цена",
             "Тип доставки", "Менеджер"],
            ("number", "created_at", "status", "last_name", "phone", "product", "quantity",
             "price", "delivery_type", "manager"),
        ),
        (
            ImportKind.PRODUCTS,
            ["Код", "Номенклатура", "Артикул", "Ед. изм.", "Цена", "Остаток"],
            ("external_id", "name", "sku", "unit", "price", "quantity"),
        ),
    ],
    ids=["bitrix24", "amocrm", "retailcrm", "1c-prices"],
)  # fmt: skip
def test_a_usual_file_of_each_program_is_read_without_pairing_by_hand(
    kind: ImportKind, head: list[str], expected: tuple[str, ...]
) -> None:
    assert guess(kind, head) == expected


def test_every_program_named_has_a_mapping() -> None:
    assert {"Битрикс24", "amoCRM", "retailCRM", "1С"} <= {one.program for one in PRESETS}
