"""Bringing in people and companies: one statement for each table and chunk, one key each."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain import taxids
from appliance.domain.customers import ContactKind, CustomerChange, CustomerDraft, CustomerKind
from appliance.domain.ids import uuid7
from appliance.domain.imports import Match, Outcome, Tally
from appliance.domain.personal import Personal, reveal_or_none
from appliance.storage import contacts, counters, customer_edits, references, staff
from appliance.storage.customers import Known
from appliance.storage.import_filled import Filled, Meant, Token
from appliance.storage.imports import Done
from appliance.storage.statements import any_of, chunked, fetch
from appliance.storage.tx import Tx
from appliance.vault.blind import BlindField

COUNTED = {"email": "by_email", "phone": "by_phone", "inn": "by_inn", "code": "by_code"}
"""Kind of token → what a tally counts it as."""


def meant(tx: Tx, draft: CustomerDraft) -> Meant:
    """Work out the blind indexes of a row."""
    reach = contacts.read_all(draft.contacts)
    tokens: list[Token] = []  # under every key there is: whoever is known is known by one of them
    if draft.external_id is not None:
        tokens.append(("code", draft.external_id))
    requisites = reveal_or_none(draft.requisites)
    inn = taxids.normalise_inn(requisites.inn) if requisites is not None else None
    if inn:
        tokens += [("inn", one) for one in tx.vault.blinds(BlindField.TAX_ID, inn)]
    for kind in (ContactKind.EMAIL, ContactKind.PHONE):
        for one in reach:
            found = contacts.indexes_of(tx.vault, one) if one.kind is kind else ()
            tokens += [(kind.value, index) for index in found]
    return Meant(draft, reach, tuple(tokens))


async def known_by(rows: Sequence[Meant], kind: CustomerKind, shop: str) -> dict[Token, Known]:
    """Live clients of this kind whom the rows' tokens name; of several the oldest."""
    found: dict[Token, Known] = {}
    tokens = {token for row in rows for token in row.tokens}
    select = (
        "SELECT {}, c.id, c.number, c.subject_id, c.owner_id, c.shop, c.external_id, c.state, "
        "c.version, c.kind FROM customer c "
    )
    end = " AND c.kind = {} AND c.state = 'live' ORDER BY c.number DESC"
    for name, head, condition in (
        ("phone", "k.value_index", "JOIN contact k ON k.customer_id = c.id "
         "WHERE k.kind = 'phone' AND k.value_index IN {}"),
        ("email", "k.value_index", "JOIN contact k ON k.customer_id = c.id "
         "WHERE k.kind = 'email' AND k.value_index IN {}"),
        ("inn", "k.inn_index", "JOIN requisites k ON k.customer_id = c.id WHERE k.inn_index IN {}"),
        ("code", "c.external_id", "WHERE c.shop = {} AND c.external_id IN {}"),
    ):  # fmt: skip
        wanted = [value for what, value in tokens if what == name]
        shops = (shop,) if name == "code" else ()
        for part in chunked(wanted):
            sql = select.replace("{}", head, 1) + condition + end
            for row in await fetch(sql, *shops, any_of(part), kind.value):
                found[name, row[0]] = Known(*row[1:])
    return found


def first_match(row: Meant, known: Mapping[Token, Known]) -> tuple[str, Known] | None:
    """Whom a row means, and by what."""
    return next(((t[0], known[t]) for t in row.tokens if t in known), None)


class People:
    """One chunk on its way in.

    Attributes:
        outcomes: what became of each row, in order.
        first, last: change entries of those who were known; zeros for none.
    """

    def __init__(
        self, tx: Tx, rows: Sequence[Meant], known: dict[Token, Known], match: Match
    ) -> None:
        self.tx, self.rows, self.known, self.match = tx, rows, known, match
        self.tally = Tally()
        self.outcomes: list[Done] = []
        self.first = self.last = 0
        self._fresh: list[_Fresh] = []
        self._made: dict[UUID, Known] = {}

    async def bring(self) -> None:
        """Add who is new, change who is known."""
        self.tx.vault.preload({one.subject_id for one in self.known.values()})
        for row in self.rows:
            found = self._found(row)
            if found is None:
                self._begin(row)
                continue
            by, known = found
            if self.match is not Match.UPDATE:
                self._count(by, Done(Outcome.SKIPPED, known.id, known.number), "skipped")
                continue
            if known.number == 0:  # of a row above: it must stand before it is changed
                await self._store()
            await self._change(row, by, self._made.get(known.id, known))
        await self._store()
        if self.first:
            self.last = await counters.kept(counters.FEED)

    def _found(self, row: Meant) -> tuple[str, Known] | None:
        found = None if self.match is Match.CREATE else first_match(row, self.known)
        code = ("code", row.draft.external_id or "")
        if found is None and code in self.known:
            return "code", self.known[code]  # a shop gives a code once
        return found

    def _count(self, by: str, done: Done, name: str) -> None:
        self.outcomes.append(done)
        both = {name: 1, COUNTED[by]: 1}
        self.tally = self.tally.plus(Tally(**both))

    def _begin(self, row: Meant) -> None:
        draft = row.draft
        known = Known(
            uuid7(), 0, self.tx.vault.new_subject(), None, draft.shop, draft.external_id,
            kind=draft.kind.value,
        )  # fmt: skip
        for token in row.tokens:
            self.known.setdefault(token, known)
        self._fresh.append(_Fresh(row, known, len(self.outcomes)))
        self.outcomes.append(Done(Outcome.CREATED, known.id))
        self.tally = self.tally.plus(Tally(created=1))

    async def _change(self, row: Meant, by: str, known: Known) -> None:
        if not self.first:
            # The number keeps the feed's counter: what follows until the commit is ours alone.
            self.first = await counters.draw(counters.FEED)
        entries = await customer_edits.apply(self.tx, known, _change_of(row.draft, known))
        outcome, name = (Outcome.UPDATED, "updated") if entries else (Outcome.SAME, "same")
        self._count(by, Done(outcome, known.id, known.number), name)

    async def _store(self) -> None:
        fresh, self._fresh = self._fresh, []
        if not fresh:
            return
        number = await counters.draw("customer", len(fresh))
        people = await staff.directory(self.tx)
        owners = {one.number: one.id for one in people.values() if one.active}
        rows = Filled(self.tx, owners, await references.lists())
        for shift, one in enumerate(fresh):
            known = one.known._replace(number=number + shift)
            self._made[known.id] = known
            self.outcomes[one.place] = Done(Outcome.CREATED, known.id, known.number)
            rows.add(one.row, known)
        await rows.store()


class _Fresh(NamedTuple):
    row: Meant
    known: Known
    place: int


def _change_of(draft: CustomerDraft, known: Known) -> CustomerChange:
    """What a row says about somebody who is known; what it does not say stays."""
    names = (
        "first_name", "last_name", "patronymic", "company_name", "birthday", "comment",
    )  # fmt: skip
    given: dict[str, Any] = {
        name: value for name in names if (value := getattr(draft, name)) is not None
    }
    if draft.sex:
        given["sex"] = draft.sex
    if draft.vip:
        given["vip"] = True
    if draft.external_id is not None and known.external_id is None:
        given["external_id"] = draft.external_id
    if draft.manager_number is not None and known.owner_id is None:
        given["manager_number"] = draft.manager_number
    return CustomerChange(
        **given,
        add_contacts=draft.contacts,
        custom=draft.custom,
        address=_said(draft.address),
        requisites=_said(draft.requisites),
        add_tags=draft.tags,
    )


def _said(parts: Personal[Any] | None) -> Personal[Mapping[str, str]] | None:
    if parts is None:
        return None
    record = parts.reveal()
    return Personal(
        {
            name: text
            for name in record.__struct_fields__
            if name != "v" and (text := getattr(record, name))
        }
    )
