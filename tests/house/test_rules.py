"""Rules of the house that no type checker knows."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPLIANCE = ROOT / "appliance"

REVEALERS = frozenset(
    {
        "appliance/domain/personal.py",
        "appliance/domain/import_deeds.py",  # a buyer's name into his order
        "appliance/domain/sheet_out.py",  # into a file that was asked for
        "appliance/domain/client_money.py",  # asks whether an address is there
        "appliance/domain/fields.py",  # a kept value into words, wrapped again
        "appliance/domain/client_forms.py",  # a card into the inputs of its form, wrapped again
        "appliance/domain/form_texts.py",  # several values of an input, wrapped again
        "appliance/domain/wishes.py",  # from one sealed record into a draft of another
        "appliance/actions/pay_reports.py",  # who paid, into the cell of the payment
        "appliance/actions/bank_statements.py",  # what a bank says of payers, into cells
        "appliance/web/rendering.py",
        "appliance/api/console.py",
        "appliance/api/console_audit.py",  # addresses, to the administrator who chose them
        "appliance/web/me.py",  # draws the square code of an authenticator's seed
        "appliance/boot/demo.py",
        "appliance/boot/doors.py",
        "appliance/boot/first_run.py",
        # Secrets that go to a hasher, and profiles that go under a seal.
        "appliance/actions/_hashing.py",
        "appliance/actions/me.py",
        "appliance/actions/sign_in.py",
        "appliance/actions/setup.py",
        "appliance/actions/plugin_settings.py",  # typed settings, under a seal
        "appliance/actions/plugin_accounts.py",  # the same
        "appliance/actions/service_files.py",  # a file of a service, on its way under a seal
        "appliance/plugin_host/desk.py",  # settings, to the plugin they are of
        "appliance/actions/users.py",
        # What was typed or sent, on its way into a normaliser and under a key.
        "appliance/actions/_deal_steps.py",
        "appliance/actions/_subjects.py",  # how a request came and what was answered, under a seal
        "appliance/actions/packs.py",  # who gets a pack, into its sealed entry and the pack
        "appliance/api/console_packs.py",  # the pack itself, to whoever asked
        "appliance/storage/pack_rows.py",  # colleagues' names: an access list has to have them
        "appliance/actions/agreements.py",  # the recovery code to the vault
        "appliance/actions/subjects.py",  # the same, and the recovery code to the vault
        "appliance/actions/anchors.py",  # addresses of letters, on their way under a seal
        "appliance/actions/_client_checks.py",
        "appliance/api/console_people.py",  # a link, to whom may make it
        "appliance/actions/sign_in_links.py",  # a secret to be hashed, a password to be checked
        "appliance/actions/buyers.py",
        "appliance/actions/letter_post.py",  # to the mail server, and a password with it
        "appliance/actions/letters.py",
        "appliance/actions/_letters.py",  # a first name, into a text under the client's key
        "appliance/actions/mail.py",
        "appliance/actions/messages.py",  # a number and a text, under the client's key
        "appliance/actions/message_post.py",  # a link, into a text under the client's key
        "appliance/plugin_host/smtp.py",
        "appliance/plugin_api/calls.py",  # over the wire, to whoever was granted the field
        "appliance/actions/plugin_calls.py",
        "appliance/actions/parcels.py",  # the town of an address, to ask carriers about
        "appliance/plugin_host/handing.py",  # papers of a carrier, to whoever asked for them
        "appliance/actions/plugin_rows.py",
        "appliance/actions/_editing.py",
        "appliance/actions/_companies.py",
        "appliance/actions/_intake.py",
        "appliance/actions/_line_edits.py",
        "appliance/actions/_placing.py",
        # Into a document that is drawn and sealed, and out of it to be sealed.
        "appliance/actions/_papers.py",
        "appliance/actions/_acts.py",  # into an act, under the evidence key
        "appliance/actions/acts.py",
        "appliance/api/console_acts.py",  # to whom may read it
        "appliance/actions/_typesetting.py",
        "appliance/actions/papers.py",
        "appliance/actions/_tasks.py",
        "appliance/actions/client_dates.py",
        "appliance/actions/_deal_making.py",
        "appliance/actions/deals.py",
        "appliance/actions/clients.py",
        "appliance/actions/dossiers.py",  # what is shown anyway, into a file that is signed
        "appliance/actions/_paying.py",  # who paid, on his way under a key
        "appliance/actions/payments.py",
        "appliance/actions/tasks.py",
        "appliance/actions/timeline.py",
        "appliance/actions/_export_cells.py",
        "appliance/actions/export_rows.py",
        "appliance/actions/exports.py",
        "appliance/actions/imports.py",
        "appliance/actions/import_steps.py",
        "appliance/jobs/imports.py",
        "appliance/api/v1/table/orders.py",  # a buyer's contacts into the client they belong to
        "appliance/actions/webhooks.py",  # a secret, on its way under the house's key
        "appliance/jobs/webhooks.py",  # the same, into a signature
        "appliance/api/console_keys.py",  # a new key of a program, to whom may make it
        "appliance/api/v1/shapes.py",  # what the gate gave a program, into its answer
    }
)
"""Where `reveal()` may be called: a value about a person or a secret leaves its wrapper there."""

EXTRA_REVEALERS: frozenset[str] = frozenset(
    {
        path.relative_to(ROOT).as_posix()
        for folder in ("storage", "api/v5")
        for path in (APPLIANCE / folder).rglob("*.py")
    }
)
"""Storage seals what it reveals; the shop's API answers programs with the scopes for it."""

TX_MAKERS = frozenset(
    {
        "appliance/actions/_gate.py",
        "appliance/boot/demo.py",
        "appliance/boot/first_start.py",
        "appliance/boot/index.py",
    }
)
"""Who makes a `Tx`: the gate; first start and demo, before there is anybody to ask; the index,
which reads every name when the box is unlocked."""

RUNNERS = frozenset({"write", "read", "slow_read", "alter"})
TRANSACTIONS = frozenset(
    {
        "appliance/actions/_gate.py",
        "appliance/plugin_host/postman.py",
        "appliance/storage/migrations/runner.py",
    }
)
"""Who begins a transaction, with boot and the database itself."""


def _modules() -> list[str]:
    return sorted(path.relative_to(ROOT).as_posix() for path in APPLIANCE.rglob("*.py"))


@cache
def _calls(module: str) -> tuple[tuple[str, ast.Call], ...]:
    return tuple(_calls_in(module))


def _calls_in(module: str) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            target = node.func
            if isinstance(target, ast.Attribute):
                yield target.attr, node
            elif isinstance(target, ast.Name):
                yield target.id, node


def callers(name: str, *, method: bool) -> set[str]:
    """Modules that call `name`, as a method or as a plain name."""
    kind = ast.Attribute if method else ast.Name
    return {
        module
        for module in _modules()
        for called, node in _calls(module)
        if called == name and isinstance(node.func, kind)
    }


def revealers() -> set[str]:
    """Modules that open a wrapped value: it takes nothing, unlike the action of the same name."""
    return {
        module
        for module in _modules()
        for called, node in _calls(module)
        if called == "reveal_or_none"
        or (called == "reveal" and not node.args and not node.keywords)
    }


def test_only_the_listed_modules_reveal() -> None:
    assert revealers() <= REVEALERS | EXTRA_REVEALERS


def test_no_page_reveals_in_python() -> None:
    in_web = {one for one in revealers() if one.startswith("appliance/web/")}
    assert in_web <= {"appliance/web/rendering.py", "appliance/web/me.py"}


def test_only_the_gate_makes_a_tx() -> None:
    assert callers("Tx", method=False) <= TX_MAKERS


def test_only_the_gate_the_postman_and_migrations_begin_transactions() -> None:
    begun = {
        module
        for module in _modules()
        for called, node in _calls(module)
        if called in RUNNERS and _on_database(node)
    }
    outside = {
        one for one in begun if not one.startswith(("appliance/boot/", "appliance/storage/engine/"))
    }
    assert outside <= TRANSACTIONS


def _on_database(node: ast.Call) -> bool:
    target = node.func
    if not isinstance(target, ast.Attribute):
        return False
    return ast.unparse(target.value).rpartition(".")[2].strip("_") == "database"


@pytest.mark.parametrize("call", ["sleep", "create_task", "ensure_future"])
def test_no_action_waits_or_starts_a_task(call: str) -> None:
    inside = {one for one in callers(call, method=True) if one.startswith("appliance/actions/")}
    assert inside == set()


def test_nobody_sleeps_in_a_thread() -> None:
    sleepers = [
        module
        for module in _modules()
        for called, node in _calls(module)
        if called == "sleep" and ast.unparse(node.func) == "time.sleep"
    ]
    assert sleepers == []


def test_a_child_takes_no_module_from_the_folder_it_is_started_in() -> None:
    """`python -m` looks there first: a folder named `updates` beside would be run as ours."""
    loose = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("appliance", "backups", "tui", "updates")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.List | ast.Call) and _is_loose(node)
    ]
    assert loose == []


def _is_loose(node: ast.List | ast.Call) -> bool:
    words = node.elts if isinstance(node, ast.List) else node.args
    said = [one.value for one in words if isinstance(one, ast.Constant)]
    own = any(isinstance(one, ast.Attribute) and one.attr == "executable" for one in words)
    return own and "-m" in said and not {"-P", "-I"} & set(said)
