import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from appliance.audit.chain import EpochKey
from appliance.audit.entry import Redaction, read_leaf
from appliance.audit.log import AuditLog
from appliance.audit.outbox import draft, open_payload
from appliance.audit.verify import Trust, verify
from appliance.errors import Conflict, Damaged, NotFound
from tests.unit.audit.fakes import BOX, START, FakeVault, entry, row

PERSON = UUID(int=99)


@pytest.fixture
def vault() -> FakeVault:
    return FakeVault()


@pytest.fixture
def log(tmp_path: Path, vault: FakeVault) -> AuditLog:
    return AuditLog.create(tmp_path / "audit.db", BOX, START, EpochKey(*vault.audit_epoch_key()))


def _key(vault: FakeVault) -> EpochKey:
    return EpochKey(*vault.audit_epoch_key())


def test_a_row_sealed_twice_is_in_the_log_once(log: AuditLog, vault: FakeVault) -> None:
    rows = [row(vault, n) for n in range(5)]
    assert log.append(rows, _key(vault)) == 5
    assert log.append([*rows, row(vault, 6)], _key(vault)) == 1
    assert log.size == 6


def test_a_log_opened_again_goes_on_where_it_stopped(
    tmp_path: Path, log: AuditLog, vault: FakeVault
) -> None:
    log.append([row(vault, n) for n in range(11)], _key(vault))
    log.close()
    again = AuditLog(tmp_path / "audit.db")
    again.append([row(vault, 12)], _key(vault))
    assert again.size == 12


def test_a_missing_log_is_never_made_anew_in_silence(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        AuditLog(tmp_path / "audit.db")
    assert refused.value.code == "audit_log_missing"


def test_no_new_log_begins_when_the_chain_has_moved_on(tmp_path: Path, vault: FakeVault) -> None:
    vault.advance_audit_epoch()
    with pytest.raises(Conflict) as refused:
        AuditLog.create(tmp_path / "new.db", BOX, START, _key(vault))
    assert refused.value.code == "audit_log_behind"


@pytest.mark.parametrize(
    "change",
    [
        {"payload": b"another"},
        {"payload": None},
        {"leaf": b"{}"},
        {"leaf": b"\xff"},
        {"id": UUID(int=3)},
        {"id": UUID(int=(1 << 128) - 1)},
    ],
)
def test_a_row_changed_before_its_sealing_leaves_a_trace_and_stops_nobody(
    tmp_path: Path, log: AuditLog, vault: FakeVault, change: dict[str, Any]
) -> None:
    good = row(vault, payload={"old": "new", "lines": 2})
    assert log.append([good._replace(**change), row(vault, 2)], _key(vault)) == 2
    first, second = log._db.execute("SELECT leaf FROM event ORDER BY seq").fetchall()
    assert read_leaf(first[0]).result == "audit_outbox_damaged"
    assert read_leaf(first[0]).actor_kind == "system"
    assert read_leaf(second[0]).result == "done"
    assert verify(tmp_path / "audit.db", Trust({0: vault.start_key})).ok


def test_a_time_of_the_far_future_does_not_enter_the_log(log: AuditLog, vault: FakeVault) -> None:
    good = row(vault)
    far = b'"at":%d' % (1 << 60)
    bad = good._replace(leaf=re.sub(rb'"at":\d+', far, good.leaf))
    log.append([row(vault), bad], _key(vault))
    last = log._db.execute("SELECT leaf FROM event ORDER BY seq DESC").fetchone()[0]
    assert read_leaf(last).result == "audit_outbox_damaged"
    assert read_leaf(last).mono < 1 << 42


def test_time_in_the_log_never_goes_back_with_the_clock(log: AuditLog, vault: FakeVault) -> None:
    late, early = START + timedelta(hours=1), START - timedelta(days=400)
    log.append([row(vault, 1, late), row(vault, 2, early), row(vault, 3, early)], _key(vault))
    leaves = [read_leaf(one[0]) for one in log._db.execute("SELECT leaf FROM event ORDER BY seq")]
    assert [leaf.mono - leaves[0].mono for leaf in leaves] == [0, 1, 2]
    assert leaves[1].at < leaves[0].at


def test_a_leaf_is_canonical_and_holds_nothing_of_the_payload(vault: FakeVault) -> None:
    made = draft(entry(payload={"name": "Варвара"}, payload_subject=PERSON), vault)
    assert made.payload is not None and made.payload_subject == PERSON
    text = made.leaf.decode()
    assert "Варвара" not in text and "null" not in text and ": " not in text
    keys = list(__import__("json").loads(text))
    assert keys == sorted(keys)


@pytest.mark.parametrize("subject", [PERSON, None])
def test_a_payload_opens_only_with_its_own_commitment(
    vault: FakeVault, subject: UUID | None
) -> None:
    made = entry(payload={"reason": "по просьбе", "rows": [1, 2]}, payload_subject=subject)
    out = draft(made, vault)
    assert out.payload is not None
    commit = read_leaf(out.leaf).commit
    opened = open_payload(made.id, subject, out.payload, commit, vault)
    assert opened == {"reason": "по просьбе", "rows": [1, 2]}
    with pytest.raises(Damaged):
        open_payload(made.id, subject, out.payload, "0" * 64, vault)


def test_an_entry_that_redacts_takes_the_payloads_with_it(log: AuditLog, vault: FakeVault) -> None:
    theirs = [row(vault, n, payload={"a": n}, payload_subject=PERSON) for n in range(3)]
    other = row(vault, 4, payload={"a": 4}, payload_subject=UUID(int=5))
    log.append([*theirs, other], _key(vault))
    log.append([row(vault, 5, redacts=Redaction(ledger=1, subject=str(PERSON)))], _key(vault))
    assert log._db.execute("SELECT seq FROM payload").fetchall() == [(4,)]
    assert log.size == 5


def test_an_epoch_is_sealed_with_its_own_key_only(log: AuditLog, vault: FakeVault) -> None:
    old = _key(vault)
    log.seal_epoch(START, old)
    with pytest.raises(Conflict) as refused:
        log.append([row(vault)], old)
    assert refused.value.code == "audit_epoch_mismatch"
