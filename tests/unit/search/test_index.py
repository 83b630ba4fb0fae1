"""The index against a plain filter over the same entries."""

import threading
from collections.abc import Iterable, Sequence
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.domain.folding import parse
from appliance.vault import search
from appliance.vault.search import SearchEntry, SearchIndex
from appliance.vault.search_build import build

_WORDS = [
    "Иванов",
    "Иванова",
    "Ивашкин",
    "Анна",
    "Анастасия",
    "О",
    "Ли",
    "Ём",
    "Петров-Водкин",
    "ООО «Ива»",
]
_names = st.lists(st.sampled_from(_WORDS) | st.text("абвиё ab1-'", max_size=7), max_size=4).map(
    " ".join
)
_digits = st.lists(st.text("0147", min_size=1, max_size=11), max_size=4).map(tuple)
_mails = st.lists(
    st.sampled_from(["iva.n@mail.ru", "anna@iva.ru", "и@я.рф", "b@ya.ru"]), max_size=3
).map(tuple)
_entries = st.builds(
    SearchEntry,
    record=st.integers(1, 12).map(lambda n: UUID(int=n << 60)),
    number=st.integers(0, 120),
    owner=st.integers(0, 5),
    names=_names,
    digits=_digits,
    mails=_mails,
)  # fmt: skip
_queries = st.sampled_from(
    [
        *("ива", "иванов", "и", "о", "а", "ли", "bdf", "iva", "ан ив", "л", "я", "ем", "z"),
        *("14", "0", "1", "47", "147", "0147", "8147", "1471", "ива 14"),
        *("iva.n@", "anna@iva", "водкин", "ооо ива"),
    ]
) | st.text("абвиё ab1470-@.", max_size=8)
_steps = st.lists(st.lists(_entries, min_size=1, max_size=6) | st.integers(1, 12), max_size=8)


def found(
    index: SearchIndex, alive: dict[UUID, SearchEntry], query: str, owners: frozenset[int] | None
) -> list[UUID]:
    """Candidates that stand the check, as the storage will do it."""
    parsed = parse(query)
    batches = index.candidates(parsed, owners=owners, limit=10_000)
    return [r for batch in batches for r in batch if parsed.matches(alive[r].haystack())]


def plain(alive: dict[UUID, SearchEntry], query: str, owners: frozenset[int] | None) -> set[UUID]:
    parsed = parse(query)
    return {
        record
        for record, entry in alive.items()
        if (owners is None or entry.owner in owners) and parsed.matches(entry.haystack())
    }


def apply(
    index: SearchIndex, steps: Iterable[Sequence[SearchEntry] | int]
) -> dict[UUID, SearchEntry]:
    alive: dict[UUID, SearchEntry] = {}
    for step in steps:
        if isinstance(step, int):
            index.remove([UUID(int=step << 60)])
            alive.pop(UUID(int=step << 60), None)
        else:
            index.put_many(step)
            alive.update({entry.record: entry for entry in step})
    return alive


@settings(max_examples=300, deadline=None)
@given(
    _steps,
    st.lists(_queries, min_size=1, max_size=5),
    st.none() | st.frozensets(st.integers(0, 5)),
    st.sampled_from(["live", "compact", "reload", "replay", "counted"]),
)
def test_verified_finds_equal_a_plain_filter(
    steps: list[list[SearchEntry] | int],
    queries: list[str],
    owners: frozenset[int] | None,
    state: str,
) -> None:
    index = SearchIndex()
    alive = apply(index, steps)
    if state == "compact":
        index.compact()
    elif state == "reload":
        index = SearchIndex.load(index.serialize())
    elif state == "replay":
        assert apply(index, steps) == alive
    elif state == "counted":
        index.put_many(alive.values())
    for query in queries:
        finds = found(index, alive, query, owners)
        assert len(finds) == len(set(finds))
        assert set(finds) == plain(alive, query, owners)
    assert index.stats().entries == len(alive)


def person(number: int, names: str, owner: int = 1, *digits: str) -> SearchEntry:
    return SearchEntry(UUID(int=number), number, owner, names, digits)


@pytest.mark.parametrize("query", ["о", "О Ё", "л", "ли", "е", "7", "j", "ли 7"])
def test_a_word_of_one_letter_and_a_number_of_one_digit_are_found(query: str) -> None:
    index = SearchIndex()
    index.put_many([person(7, "О Ё Ли"), person(83, "Ямщиков")])
    assert list(index.candidates(query, owners=None, limit=9)) == [[UUID(int=7)]]


def test_a_client_with_more_fields_than_columns_is_found_by_the_last_of_them() -> None:
    names = "ООО Торговый дом Ромашка и сыновья Ивановы из города О"
    entry = SearchEntry(UUID(int=1), 1, 0, names, ("79160001122", "7712345678"), ("b@opt.ru",))
    index = SearchIndex()
    index.put_many([entry])
    for query in ("сыновья", "города о", "1122", "7712345678", "b@opt"):
        assert found(index, {entry.record: entry}, query, None) == [entry.record]
    assert index.corrections("горада") == ["города"]


def test_a_removed_client_is_never_suggested() -> None:
    index = SearchIndex()
    index.put_many(person(n, "Иванов Иван") for n in range(1, 600))
    index.remove(UUID(int=n) for n in range(1, 600, 2))
    suggested = [r.int for batch in index.candidates("иван", owners=None, limit=900) for r in batch]
    assert suggested == list(range(598, 0, -2))
    assert index.stats().removed == SearchIndex.load(index.serialize()).stats().removed == 300


def test_a_changed_client_is_no_longer_found_by_its_former_name_or_owner() -> None:
    index = SearchIndex()
    index.put_many([person(1, "Девичья Анна", 1)])
    index.put_many([person(1, "Замужняя Анна", 2)])
    assert not list(index.candidates("девичья", owners=None, limit=9))
    assert not list(index.candidates("анна", owners=frozenset({1}), limit=9))
    assert list(index.candidates("анна", owners=frozenset({2}), limit=9)) == [[UUID(int=1)]]


@pytest.mark.parametrize("others", [1, 15, 16, 40])
def test_only_clients_of_the_given_owners_are_suggested(others: int) -> None:
    index = SearchIndex()
    index.put_many(person(n, "Иванов Иван", n % 50) for n in range(1, 5001))
    owners = frozenset(range(others))
    suggested = [r for b in index.candidates("иван", owners=owners, limit=9999) for r in b]
    assert {r.int for r in suggested} == {n for n in range(1, 5001) if n % 50 in owners}


def test_nobody_is_suggested_to_one_who_may_see_nobodys_clients() -> None:
    index = SearchIndex()
    index.put_many([person(1, "Иванов")])
    assert not list(index.candidates("иванов", owners=frozenset(), limit=9))


def test_the_exact_number_comes_first_then_closing_digits_then_the_rest() -> None:
    index = SearchIndex()
    entries = [
        person(4821, "А"),
        person(5, "Б", 1, "79160004821"),
        person(6, "В", 1, "79164821000"),
    ]
    entries += [person(n, "Г", 1, f"7999{n:07}") for n in range(7, 500)]
    index.put_many(entries)
    finds = found(index, {entry.record: entry for entry in entries}, "4821", None)
    assert [record.int for record in finds] == [4821, 5, 6]


def test_no_more_than_the_limit_is_suggested() -> None:
    index = SearchIndex()
    index.put_many(person(n, "Иванов Иван") for n in range(1, 1000))
    assert sum(len(b) for b in index.candidates("иван", owners=None, limit=70)) == 70


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("ивнаов", "иванов"), ("иваннов", "иванов"), ("ивнов", "иванов"), ("бванов", "иванов"),
     ("bdyfjd", "иванов"), ("анна ивонова", "анна иванова"), ("водкен", "водкин")],
)  # fmt: skip
def test_one_typing_error_is_mended_from_the_words_in_use(typed: str, meant: str) -> None:
    index = SearchIndex()
    index.put_many(
        [person(1, "Иванов Пётр"), person(2, "Иванова Анна"), person(3, "Петров-Водкин")]
    )
    assert meant in index.corrections(typed)


@pytest.mark.parametrize("typed", ["", "иванов", "ива", "жщцзъ", "79161234567", "ив?"])
def test_a_known_or_hopeless_word_is_not_mended(typed: str) -> None:
    index = SearchIndex()
    index.put_many([person(1, "Иванов Пётр", 1, "79161234568")])
    assert index.corrections(typed) == []


def test_a_name_shows_neither_in_the_text_of_an_entry_nor_in_the_figures() -> None:
    index = SearchIndex()
    index.put_many([person(1, "Иванов")])
    assert "Иванов" not in f"{person(1, 'Иванов')!r} {person(1, 'Иванов')} {index.stats()}"


def test_nothing_of_the_index_is_kept_in_files() -> None:
    database = SearchIndex()._db  # pyright: ignore[reportPrivateUsage] - the claim is about it
    modes = [
        database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "temp_store")
    ]
    assert modes == ["memory", 2]


def test_a_build_reports_progress_and_a_stopped_one_gives_no_index() -> None:
    slices = [[person(n, "Иванов") for n in range(at, at + 10)] for at in (1, 11, 21)]
    told: list[tuple[int, int]] = []
    index = build(slices, total=30, revision=7, progress=lambda *figures: told.append(figures))
    assert index is not None
    assert (index.stats().entries, index.revision) == (30, 7)
    assert told == [(10, 30), (20, 30), (30, 30)]
    assert build(slices, total=30, revision=7, stopped=lambda: True) is None


def test_ids_that_come_in_any_order_are_replaced_and_not_doubled() -> None:
    index = SearchIndex()
    numbers = [n * 7919 % 1009 for n in range(1, 1009)]
    for n in numbers:
        index.put_many([person(n, "Иванов")])
    index.put_many(person(n, "Петров") for n in numbers)
    stats = index.stats()
    assert (stats.entries, stats.stale) == (1008, 1008)
    assert not list(index.candidates("иванов", owners=None, limit=9))


def test_many_dead_rows_ask_for_a_rebuild() -> None:
    index = SearchIndex()
    for _ in range(22):
        index.put_many(person(n, "Ли") for n in range(1, 501))
    assert index.stats().rebuild_due


def test_one_thread_writes_while_another_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_CHUNK", 20)
    index = SearchIndex()
    index.put_many(person(n, "Иванов Иван") for n in range(1, 201))
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for turn in range(5):
                index.put_many(person(n, "Иванов Пётр") for n in range(1, 401))
                index.remove([UUID(int=1000 + turn)])
                SearchIndex.load(index.serialize())
        except BaseException as error:  # noqa: BLE001 - a thread's failure must fail the test
            failures.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        suggested = [r for b in index.candidates("иванов", owners=None, limit=999) for r in b]
        assert len(suggested) == len(set(suggested))
    writer.join()
    assert not failures
    assert sum(len(b) for b in index.candidates("пётр", owners=None, limit=999)) == 400


def _entry(number: int, names: str) -> SearchEntry:
    return SearchEntry(UUID(int=number << 60), number, 1, names, ("79120001234",), ("a@b.ru",))


def test_who_is_erased_leaves_no_trigram_and_no_word_behind() -> None:
    index = SearchIndex()
    others = [_entry(number, f"Сухова Анна{'а' * number}") for number in range(1, 8)]
    gone = _entry(9, "Незабудкина Анна")
    index.put_many([*others, gone])
    index.erase([gone])
    assert index.scrub()
    plain = index.serialize().decode("utf-8", "replace")
    assert "незабуд" not in plain
    assert "анна" in plain  # others are called so
    assert list(index.candidates("незабуд", owners=None, limit=10)) == []
    assert len(next(index.candidates("анна", owners=None, limit=10))) == len(others)
    again = SearchIndex.load(index.serialize())
    again.put_many([gone])  # the block is taken back
    assert next(again.candidates("незабуд", owners=None, limit=10)) == [gone.record]


def test_of_whoever_changed_before_no_older_name_stays_and_no_other_client_loses_his() -> None:
    index = SearchIndex()
    index.put_many(_entry(number, f"Сомов Пётр {'о' * number}") for number in range(10, 200))
    index.put_many([_entry(1, "Сухова Анна"), _entry(2, "Прежняя Анна"), _entry(3, "Прежнева Я")])
    index.put_many([_entry(2, "Средняя Анна"), _entry(3, "Прежнева Яна")])
    index.put_many([_entry(2, "Новая Анна")])
    index = SearchIndex.load(index.serialize())
    index.erase([_entry(2, "Новая Анна")])
    index = SearchIndex.load(index.serialize())
    assert index.stats().removed == 3
    assert index.scrub()
    assert index.stats().removed == 0
    plain = index.serialize().decode("utf-8", "replace")
    assert not [left for left in ("новая", "прежняя", "средняя", "няя") if left in plain]
    for word, number in (("анна", 1), ("прежнева", 3), ("яна", 3)):
        found = [key for batch in index.candidates(word, owners=None, limit=10) for key in batch]
        assert found == [_entry(number, "").record], word
    assert "сухова" in index.corrections("суховп")
    assert "анна" in index.corrections("аннв"), "the dictionary still knows what others are called"


def test_a_removed_client_is_taken_out_without_his_text() -> None:
    index = SearchIndex()
    index.put_many([_entry(number, f"Сухова Анна{'а' * number}") for number in range(1, 30)])
    index.put_many([_entry(40, "Незабудкина Ия")])
    index.remove([_entry(40, "").record])
    assert index.scrub()
    assert "незабуд" not in index.serialize().decode("utf-8", "replace")


def test_another_text_than_the_one_that_was_put_leaves_nothing_behind_either() -> None:
    index = SearchIndex()
    index.put_many([_entry(number, f"Сухова Анна{'а' * number}") for number in range(1, 30)])
    index.put_many([_entry(40, "Незабудкина Ия")])
    index.erase([_entry(40, "Совсем Другая")])
    assert index.scrub()
    assert "незабуд" not in index.serialize().decode("utf-8", "replace")
    assert len(next(index.candidates("сухова", owners=None, limit=99))) == 29
