"""The hash tree of RFC 9162 section 2.1: roots, inclusion and consistency proofs. Pure."""

import hashlib
from collections.abc import Callable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()

Nodes = Callable[[int, int], bytes]
"""`(level, index)` → 32 byte hash of the complete subtree over leaves
`index * 2**level … (index + 1) * 2**level - 1`; level 0 are the leaf hashes."""


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of a leaf: SHA-256(0x00 | leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 | left | right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def push(peaks: list[bytes], index: int, leaf: bytes) -> list[tuple[int, int, bytes]]:
    """Add the leaf hash with this index (from 0) to the peaks, in place.

    Args:
        peaks: hashes of the complete subtrees of a tree of `index` leaves, left to right.
        index: number of leaves before.
        leaf: its leaf hash.

    Returns:
        The inner nodes that became complete: (level from 1, index in level, hash).
    """
    complete: list[tuple[int, int, bytes]] = []
    level = 0
    while index & 1:
        leaf = node_hash(peaks.pop(), leaf)
        index >>= 1
        level += 1
        complete.append((level, index, leaf))
    peaks.append(leaf)
    return complete


def fold(peaks: Sequence[bytes]) -> bytes:
    """Root of a tree, from its peaks, left to right."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def peaks_of(size: int, nodes: Nodes) -> list[bytes]:
    """Hashes of the complete subtrees that make up a tree of `size` leaves."""
    return _peaks(0, size, nodes)


def root_of(size: int, nodes: Nodes) -> bytes:
    """Root of the tree of the first `size` leaves."""
    return fold(_peaks(0, size, nodes))


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """Path from leaf `index` (from 0) to the root of the first `size` leaves (2.1.3.1).

    Raises:
        ValueError: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(fold(_peaks(middle, end, nodes)))
            end = middle
        else:
            proof.append(fold(_peaks(start, middle, nodes)))
            start = middle
    proof.reverse()
    return proof


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """Proof that the tree of `old` leaves is the beginning of that of `new` ones (2.1.4.1).

    Raises:
        ValueError: not `0 < old <= new`.
    """
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof from {old} to {new}")
    proof: list[bytes] = []
    start, end = 0, new
    whole = True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(fold(_peaks(middle, end, nodes)))
            end = middle
        else:
            proof.append(fold(_peaks(start, middle, nodes)))
            start = middle
            whole = False
    if not whole:
        proof.append(fold(_peaks(start, end, nodes)))
    proof.reverse()
    return proof


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> bool:
    """Check an inclusion proof of a leaf hash (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            value = node_hash(sibling, value)
            place, last = _climb(place, last)
        else:
            value = node_hash(value, sibling)
        place >>= 1
        last >>= 1
    return last == 0 and value == root


def verify_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Check a consistency proof between two roots (2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first = node_hash(sibling, first)
            second = node_hash(sibling, second)
            place, last = _climb(place, last)
        else:
            second = node_hash(second, sibling)
        place >>= 1
        last >>= 1
    return last == 0 and first == old_root and second == new_root


def _climb(place: int, last: int) -> tuple[int, int]:
    """Skip the levels where the rightmost node is carried up without a sibling."""
    while place and not place & 1:
        place >>= 1
        last >>= 1
    return place, last


def _split(size: int) -> int:
    """Largest power of two smaller than `size` (> 1)."""
    return 1 << ((size - 1).bit_length() - 1)


def _peaks(start: int, end: int, nodes: Nodes) -> list[bytes]:
    """Complete subtrees of `[start, end)`; `start` is aligned as the RFC's recursion makes it."""
    found: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append(nodes(level, start >> level))
        start += 1 << level
    return found
