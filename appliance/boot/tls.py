"""The box's certificates: made at first start, renewed by themselves, without a network."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from appliance.config import Config
from appliance.vault import certificates
from appliance.vault.certificates import Certificate, Names
from appliance.vault.vault import Vault

_LABEL = "tls.authority"
_ROW = UUID(int=0)


class _Guard:
    """Keeps the authority's key under the vault's secret."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def close(self, secret: bytes) -> bytes:
        return self._vault.seal_secret(_LABEL, _ROW, secret)

    def open(self, closed: bytes) -> bytes:
        return self._vault.open_secret(_LABEL, _ROW, closed)


def _staff_names(config: Config) -> Names:
    return certificates.names_of(config.box.hosts, config.server.listen)


def _outer_names(config: Config) -> Names:
    return certificates.names_of((config.outer.name,), config.outer.listen)


def create(config: Config, vault: Vault, now: datetime) -> Certificate:
    """Make the staff door's authority and certificate."""
    return certificates.create(config.tls, _staff_names(config), now, _Guard(vault))


def cover(config: Config, vault: Vault, now: datetime) -> bool:
    """Have the staff door answer to the names of these settings; True for a new authority.

    A brought certificate is left alone: whoever brought it renews it.

    Raises:
        Invalid: `tls_name`.
    """
    if not (config.tls / "ca.pem").exists():
        return False
    return certificates.cover(config.tls, _staff_names(config), now, _Guard(vault))


def has_outer(config: Config) -> bool:
    """Whether the outer door has its certificate: made by the box, or brought by the firm."""
    return (config.tls_outer / "tls.pem").exists()


def show(config: Config, *, outer: bool = False) -> Certificate:
    """What the door serves.

    Raises:
        NotFound: `tls_missing`.
    """
    return certificates.inspect(_folder(config, outer=outer))


def adopt(
    config: Config, chain: bytes, key: bytes, now: datetime, *, outer: bool = False
) -> Certificate:
    """Serve a certificate that the firm brought, from the next start on.

    Raises:
        Invalid: `tls_unreadable`, `tls_key_differs`, `tls_expired`, `tls_not_yet`,
            `tls_name_missing`; nothing was changed.
    """
    hosts = (config.outer.name,) if outer else config.box.hosts or (config.server.listen,)
    certificates.refuse_unfit(chain, [host for host in hosts if host], now)
    return certificates.adopt(_folder(config, outer=outer), chain, key)


def _folder(config: Config, *, outer: bool) -> Path:
    return config.tls_outer if outer else config.tls


def renew(config: Config, vault: Vault, now: datetime) -> bool:
    """Renew what is due, make the outer door's when it was opened; True if anything changed."""
    guard = _Guard(vault)
    changed = certificates.renew_if_due(config.tls, now, guard, _staff_names(config))
    if config.outer.enabled:
        if not has_outer(config):
            certificates.create(config.tls_outer, _outer_names(config), now, guard)
            return True
        changed |= certificates.renew_if_due(config.tls_outer, now, guard, _outer_names(config))
    return changed
