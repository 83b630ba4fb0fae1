"""Log, verifier and the real vault agree on keys, signatures and sealed payloads."""

from pathlib import Path

from appliance.audit.chain import EpochKey
from appliance.audit.entry import Redaction, read_leaf
from appliance.audit.log import AuditLog
from appliance.audit.outbox import OutboxRow, draft, open_payload
from appliance.audit.sealer import EPOCH_SECONDS, Sealer
from appliance.audit.verify import Trust, verify
from appliance.vault.slots import ArgonCost
from appliance.vault.vault import Vault
from tests.unit.audit.fakes import BOX, START, Clock, Outbox, entry

CHEAP = ArgonCost(memory_kib=8, iterations=1)


async def test_the_owners_paper_checks_the_log_of_a_real_vault(tmp_path: Path) -> None:
    vault, code = Vault.create(tmp_path, argon=CHEAP, passwords=CHEAP)
    path, clock, outbox = tmp_path / "audit.db", Clock(), Outbox()
    AuditLog.create(path, BOX, START, EpochKey(*vault.audit_epoch_key())).close()
    log = AuditLog(path)
    sealer = Sealer(
        log, vault, outbox.fetch, outbox.delete, clock=clock.now, monotonic=clock.monotonic
    )
    sealer.start()
    person = vault.new_subject()
    vault.flush_subjects()
    for subject in (person, None):
        made = entry(payload={"old": "Варвара", "new": "Вера"}, payload_subject=subject)
        row = OutboxRow(made.id, *draft(made, vault))
        assert row.payload is not None
        commit = read_leaf(row.leaf).commit
        opened = open_payload(made.id, subject, row.payload, commit, vault)
        assert opened == {"old": "Варвара", "new": "Вера"}
        outbox.rows.append(row)
        clock.step(EPOCH_SECONDS)
        await sealer.run()
    papers = {0: vault.recovery_identity(code.text).chain_start_key}
    fresh: list[str] = []

    def replace() -> None:
        fresh.append(vault.replace_recovery_code().text)

    await sealer.restart_chain(replace)
    gone = entry(action="persons.destroy", redacts=Redaction(ledger=1, subject=str(person)))
    outbox.rows.append(OutboxRow(gone.id, *draft(gone, vault)))
    await sealer.run()
    note = await sealer.checkpoint()
    assert note is not None
    papers[vault.audit_chain_starts()[1]] = vault.recovery_identity(fresh[0]).chain_start_key
    report = verify(path, Trust(papers, vault.checkpoint_public_key(), [note]))
    assert (report.reason, report.ok, report.trusted) == ("", True, 3)
    assert (report.macs, report.epochs, report.redacted) == ("checked", 3, 1)
    log.close()
    vault.close()
