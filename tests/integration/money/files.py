"""Invented statements of a bank."""

from collections.abc import Sequence

OURS = "40702810638000000000"
HEAD = (
    "1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка={word}\r\n"
    "Отправитель=Выдуманный банк\r\n"
    "ДатаНачала=01.02.2026\r\nДатаКонца=28.02.2026\r\nРасчСчет={ours}\r\nСекцияРасчСчет\r\n"
    "ДатаНачала=01.02.2026\r\nРасчСчет={ours}\r\nКонецРасчСчет\r\n"
)


def document(
    number: str,
    amount: str,
    purpose: str,
    *,
    day: str = "01.02.2026",
    payer: str = "ООО «Выдуманный покупатель»",
    inn: str = "7736207543",
    account: str = "40702810200000000001",
    to: str = OURS,
) -> str:
    """One document, as banks write them."""
    return (
        "СекцияДокумент=Платежное поручение\r\n"
        f"Номер={number}\r\nДата={day}\r\nСумма={amount}\r\nПлательщикСчет={account}\r\n"
        f"Плательщик=ИНН {inn} {payer}\r\nПлательщикИНН={inn}\r\nПлательщик1={payer}\r\n"
        f"ПолучательСчет={to}\r\nДатаПоступило={day}\r\nНазначениеПлатежа={purpose}\r\n"
        "КонецДокумента\r\n"
    )


def statement(documents: Sequence[str], encoding: str = "cp1251", *, whole: bool = True) -> bytes:
    """A file of a bank."""
    word = "DOS" if encoding == "cp866" else "Windows"
    end = "КонецФайла\r\n" if whole else ""
    text = HEAD.format(word=word, ours=OURS) + "".join(documents) + end
    return text.encode(encoding, "replace")
