"""Statements of banks: encodings, broken files, what a purpose names."""

import io

import pytest

from appliance.domain import bank_files
from appliance.domain.bank_purposes import named_in
from appliance.errors import Invalid
from tests.integration.money.files import document, statement

PURPOSE = "Оплата по счёту № ТД-15 от 01.10.2026, в т.ч. НДС 22 %"


def read(data: bytes) -> list[bank_files.BankDocument]:
    return list(bank_files.documents(bank_files.lines_of(io.BytesIO(data))))


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "utf-8", "utf-8-sig"])
def test_a_statement_is_read_in_every_encoding_that_banks_use(encoding: str) -> None:
    (one,) = read(statement([document("7", "1500.5", PURPOSE, payer="ИП Выдуманов")], encoding))
    assert (one.number, one.amount, str(one.day)) == ("7", 150_050, "2026-02-01")
    assert (one.payer, one.payer_inn) == ("ИП Выдуманов", "7736207543")
    assert one.purpose == PURPOSE
    assert one.incoming


def test_what_left_the_account_is_told_from_what_came() -> None:
    found = read(statement([document("1", "10", "Аренда", to="30101810400000000225")]))
    assert [one.incoming for one in found] == [False]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "statement_unreadable"),
        (b"PK\x03\x04", "statement_unreadable"),
        (b"1CClientBankExchange\r\n", "statement_unreadable"),
        (statement([document("1", "10", "Оплата")], whole=False), "statement_cut"),
        (statement([document("1", "10", "Оплата")])[:-40], "statement_cut"),
    ],
)
def test_a_file_that_is_none_or_was_cut_off_is_refused_whole(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(data)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("amount", "day", "problem"),
    [
        ("12,3,4", "01.02.2026", "statement_sum"),
        ("-5", "01.02.2026", "statement_sum"),
        ("0.00", "01.02.2026", "statement_sum"),
        ("99999999999999", "01.02.2026", "statement_sum"),
        ("10", "31.02.2026", "statement_day"),
        ("10", "2026-02-01", "statement_day"),
        ("10,50", "01.02.2026", ""),
    ],
)
def test_a_broken_document_is_named_and_costs_no_other(amount: str, day: str, problem: str) -> None:
    found = read(statement([document("1", amount, "А", day=day), document("2", "10", "Б")]))
    assert [one.problem for one in found] == [problem, ""]
    assert found[0].line == 12


def test_ten_thousand_documents_are_read_one_by_one() -> None:
    many = statement([document(str(number), "10", PURPOSE) for number in range(10_000)])
    found = bank_files.documents(bank_files.lines_of(io.BytesIO(many)))
    assert next(found).number == "0"
    assert sum(1 for _ in found) == 9_999


@pytest.mark.parametrize(
    ("purpose", "bills"),
    [
        ("Оплата по счету 15 от 01.10.2026", ("15",)),
        ("оплата по сч.№15", ("15",)),
        ("Сч N ТД-15", ("ТД-15",)),
        ("По счёту на оплату № 15/2 за лампы", ("15/2",)),
        ("Счет-договор № 7 от 01.02.2026", ("7",)),
        ("По счетам 15, 16 и 17", ("15", "16", "17")),
        ("по счёту 15 и 20 штук", ("15", "20")),
        ("Оплата по счету-фактуре 9", ()),
        ("По счету б/н", ()),
        ("На счет 40702810638000000000", ()),
        ("Расчет за февраль", ()),
        ("", ()),
    ],
)
def test_the_purpose_names_bills_and_nothing_that_is_none(
    purpose: str, bills: tuple[str, ...]
) -> None:
    assert named_in(purpose).bills == bills
