import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.audit import merkle

# The reference vectors published with certificate-transparency (RFC 6962/9162 share the tree).
LEAVES = [
    bytes.fromhex(one)
    for one in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    pair = naive_root(leaves[:split]) + naive_root(leaves[split:])
    return hashlib.sha256(b"\x01" + pair).digest()


def tree(leaves: list[bytes]) -> merkle.Nodes:
    stored: dict[tuple[int, int], bytes] = {}
    peaks: list[bytes] = []
    for index, leaf in enumerate(leaves):
        stored[0, index] = merkle.leaf_hash(leaf)
        for level, place, value in merkle.push(peaks, index, stored[0, index]):
            stored[level, place] = value
    assert peaks == merkle.peaks_of(len(leaves), lambda level, place: stored[level, place])
    return lambda level, place: stored[level, place]


def test_the_roots_are_those_of_the_reference_vectors() -> None:
    nodes = tree(LEAVES)
    assert [merkle.root_of(size, nodes).hex() for size in range(1, 9)] == ROOTS
    assert merkle.root_of(0, nodes).hex() == hashlib.sha256(b"").hexdigest()


def test_the_proofs_are_those_of_the_reference_vectors() -> None:
    nodes = tree(LEAVES)
    assert merkle.inclusion_proof(0, 1, nodes) == []
    assert [one.hex() for one in merkle.inclusion_proof(0, 8, nodes)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [one.hex() for one in merkle.inclusion_proof(2, 3, nodes)] == [
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    ]
    assert [one.hex() for one in merkle.consistency_proof(6, 8, nodes)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_proof_holds_for_its_own_place_and_for_no_other(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    leaves = [b"leaf %d" % number for number in range(size)]
    nodes = tree(leaves)
    root = naive_root(leaves)
    assert merkle.root_of(size, nodes) == root
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(index, size, nodes)
    leaf = merkle.leaf_hash(leaves[index])
    assert merkle.verify_inclusion(index, size, leaf, proof, root)
    other = data.draw(st.integers(0, size - 1))
    assert merkle.verify_inclusion(other, size, leaf, proof, root) == (other == index)
    assert not merkle.verify_inclusion(index, size, leaf, [*proof, root], root)
    old = data.draw(st.integers(1, size))
    old_root = naive_root(leaves[:old])
    path = merkle.consistency_proof(old, size, nodes)
    assert merkle.verify_consistency(old, size, path, old_root, root)
    false = naive_root([*leaves[: old - 1], b"forged"])
    assert not merkle.verify_consistency(old, size, path, false, root)
    if path:
        assert not merkle.verify_consistency(old, size, path[:-1], old_root, root)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(index, size, tree(LEAVES))
    assert not merkle.verify_inclusion(index, size, b"", [], b"")


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
def test_there_is_no_proof_from_nothing_or_backwards(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no consistency"):
        merkle.consistency_proof(old, new, tree(LEAVES))
    assert not merkle.verify_consistency(old, new, [], b"", b"")
