"""Checking what the vault signed, by whoever has its public key and nothing else."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the key's owner signed this message (Ed25519).

    Args:
        public_key: 32 bytes, as `Vault.checkpoint_public_key` gives them.
        message: what was signed.
        signature: 64 bytes; anything else is simply no signature.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
