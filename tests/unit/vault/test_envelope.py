"""Cells: what is sealed opens in its place, and nowhere else."""

from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import Invalid
from appliance.vault import envelope
from appliance.vault.envelope import CellRef
from appliance.vault.errors import CellDamaged

CIPHER = AESGCM(bytes(range(32)))
OTHER = AESGCM(bytes(range(1, 33)))
NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
REFS = st.builds(CellRef, NAMES, NAMES, st.uuids(), st.uuids())
EPOCHS = st.integers(0, 0xFFFFFFFF)

FROZEN = CellRef("client", "sealed", UUID(int=0x11), UUID(int=0x22))
FROZEN_CELL = bytes.fromhex(
    "0101000000012f487480ddb2fde59ab7375ce8afe1c0f577350b333323798f5c"
    "2f670d7cc67202890ce1d9939099ef0d2567dbd98207fb837a6f23d83ff62b8a"
    "3d0f"
)


@given(REFS, EPOCHS, st.binary(max_size=600))
def test_a_cell_opens_in_its_place_to_what_was_sealed(
    ref: CellRef, epoch: int, plain: bytes
) -> None:
    cell = envelope.seal(CIPHER, epoch, ref, plain)
    assert envelope.open_(CIPHER, epoch, ref, cell) == plain
    assert envelope.epoch_of(ref, cell) == epoch


@given(REFS, st.binary(max_size=100), st.data())
def test_a_cell_with_any_bit_flipped_does_not_open(
    ref: CellRef, plain: bytes, data: st.DataObject
) -> None:
    cell = bytearray(envelope.seal(CIPHER, 1, ref, plain))
    bit = data.draw(st.integers(0, len(cell) * 8 - 1))
    cell[bit // 8] ^= 1 << bit % 8
    with pytest.raises(CellDamaged):
        envelope.open_(CIPHER, 1, ref, bytes(cell))


@given(REFS, REFS)
def test_a_cell_does_not_open_in_any_other_place(ref: CellRef, other: CellRef) -> None:
    cell = envelope.seal(CIPHER, 1, ref, b"invented")
    moved = [ref._replace(**{name: getattr(other, name)}) for name in CellRef._fields]
    for place in [*moved, other]:
        if place != ref:
            with pytest.raises(CellDamaged):
                envelope.open_(CIPHER, 1, place, cell)


@given(REFS, EPOCHS, EPOCHS)
def test_a_cell_relabelled_with_another_epoch_does_not_open(
    ref: CellRef, epoch: int, other: int
) -> None:
    cell = envelope.seal(CIPHER, epoch, ref, b"invented")
    relabelled = envelope.header_of(other) + cell[envelope.HEADER_BYTES :]
    if epoch != other:
        with pytest.raises(CellDamaged):
            envelope.open_(CIPHER, other, ref, relabelled)
        with pytest.raises(CellDamaged):
            envelope.open_(CIPHER, other, ref, cell)


@given(REFS, st.binary(max_size=80), st.integers(0, 200))
def test_a_cell_cut_short_does_not_open(ref: CellRef, plain: bytes, length: int) -> None:
    cell = envelope.seal(CIPHER, 1, ref, plain)
    if length < len(cell):
        with pytest.raises(CellDamaged):
            envelope.open_(CIPHER, 1, ref, cell[:length])


@pytest.mark.parametrize("start", [b"", b"\x01", b"\x02\x01", b"\x01\x02"])
def test_an_unknown_version_or_algorithm_is_damage_and_not_a_guess(start: bytes) -> None:
    cell = start + bytes(80)
    with pytest.raises(CellDamaged):
        envelope.epoch_of(FROZEN, cell[: max(len(start), 20)] if not start else cell)


def test_a_cell_under_another_key_does_not_open() -> None:
    with pytest.raises(CellDamaged):
        envelope.open_(OTHER, 1, FROZEN, envelope.seal(CIPHER, 1, FROZEN, b"invented"))


def test_text_that_is_not_padded_is_damage_even_under_the_right_key() -> None:
    header, nonce = envelope.header_of(1), bytes(12)
    for padded in (b"", bytes(16), b"x" * 16):
        cell = header + nonce + CIPHER.encrypt(nonce, padded, envelope.binding(FROZEN, header))
        with pytest.raises(CellDamaged):
            envelope.open_(CIPHER, 1, FROZEN, cell)


@given(REFS, REFS, EPOCHS, EPOCHS)
def test_two_places_never_have_the_same_binding(
    left: CellRef, right: CellRef, epoch: int, other: int
) -> None:
    bindings = (
        envelope.binding(left, envelope.header_of(epoch)),
        envelope.binding(right, envelope.header_of(other)),
    )
    assert (bindings[0] == bindings[1]) == ((left, epoch) == (right, other))


def test_letters_moved_between_table_and_column_change_the_binding() -> None:
    header = envelope.header_of(1)
    one = envelope.binding(FROZEN._replace(table="ab", column="c"), header)
    two = envelope.binding(FROZEN._replace(table="a", column="bc"), header)
    assert one != two


def test_a_part_too_long_for_its_length_prefix_is_refused() -> None:
    with pytest.raises(Invalid):
        envelope.length_prefixed(bytes(0x10000))


@given(st.binary(max_size=200))
def test_padding_comes_off_again_and_hides_the_length(plain: bytes) -> None:
    padded = envelope.pad(plain)
    assert envelope.unpad(padded) == plain
    assert len(padded) % 16 == 0
    assert 1 <= len(padded) - len(plain) <= 16


def test_a_cell_is_its_padded_text_and_34_bytes_more() -> None:
    assert len(envelope.seal(CIPHER, 1, FROZEN, bytes(15))) == 16 + envelope.OVERHEAD == 50


def test_the_same_text_never_seals_to_the_same_bytes() -> None:
    cells = {envelope.seal(CIPHER, 1, FROZEN, b"invented") for _ in range(100)}
    assert len(cells) == 100


def test_damage_names_the_place_and_nothing_of_the_person_or_the_text() -> None:
    cell = envelope.seal(CIPHER, 1, FROZEN, b"invented text")
    with pytest.raises(CellDamaged) as caught:
        envelope.open_(CIPHER, 2, FROZEN, cell)
    said = f"{caught.value} {caught.value.params}"
    assert "client.sealed" in said and str(FROZEN.row) in said
    assert "invented" not in said and str(FROZEN.subject) not in said
    assert caught.value.__cause__ is None


def test_a_cell_of_the_first_release_opens_for_ever() -> None:
    assert envelope.open_(CIPHER, 1, FROZEN, FROZEN_CELL) == "придумано".encode()
