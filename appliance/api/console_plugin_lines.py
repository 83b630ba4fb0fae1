"""Plugins, their files and makers as the admin door sends them."""

import msgspec

from appliance.api.console import Answer
from appliance.domain.plugins import Maker, Offer, Plugin, Rights, SettingsForm
from appliance.plugin_api.manifest import Manifest, ManifestError, read_manifest
from appliance.plugin_host.desk import Desk


def manifest_of(plugin: Plugin) -> Manifest:
    """The manifest.

    Raises:
        ManifestError: it cannot be used any more.
    """
    return read_manifest(plugin.manifest.encode())


def bounds(form: SettingsForm, name: str) -> str:
    """What is allowed in a field, in figures."""
    one = next((each for each in manifest_of(form.plugin).settings if each.name == name), None)
    if one is None or (one.min is None and one.max is None):
        return "—"
    low, high = (n if n is None or one.kind != "money" else n // 100 for n in (one.min, one.max))
    if low is None or high is None:
        return f"≤ {high}" if low is None else f"≥ {low}"
    return f"{low}–{high}"


def line(desk: Desk, plugin: Plugin) -> Answer:
    """A plugin with its state, process, rights and jobs."""
    try:
        manifest = manifest_of(plugin)
        title, about = msgspec.to_builtins((manifest.title, manifest.about))
        jobs = [one.name for one in manifest.jobs]
        screens = [
            {"name": one.name, "title": msgspec.to_builtins(one.title)} for one in manifest.screens
        ]
    except ManifestError:
        title, about = {"ru": plugin.name, "en": plugin.name}, {"ru": "", "en": ""}
        jobs, screens = [], []
    facts = desk.facts(plugin.name)
    return {
        "name": plugin.name,
        "title": title,
        "about": about,
        "version": plugin.version,
        "source": plugin.source.value,
        "signer": plugin.signer,
        "state": "offered" if plugin.is_offered else plugin.state.value,
        "last_at": None if plugin.last_at is None else plugin.last_at.isoformat(),
        "last_state": plugin.last_state,
        "reason": plugin.reason,
        "process": "" if facts is None else facts.state,
        "restarts": 0 if facts is None else facts.restarts,
        "memory": 0 if facts is None else facts.rss,
        "last_code": "" if facts is None else facts.last_code,
        "asked": rights_of(plugin.asked),
        "given": None if plugin.given is None else rights_of(plugin.given),
        "wider": rights_of(plugin.wider),
        "jobs": jobs,
        "screens": screens,
    }


def rights_of(rights: Rights) -> Answer:
    """Rights by kind."""
    return msgspec.to_builtins(rights)


def offer_of(offer: Offer) -> Answer:
    """A file that was read."""
    return {
        "name": offer.found.name,
        "version": offer.found.version,
        "was": None if offer.was is None else offer.was.version,
        "signer": offer.found.signer,
        "trusted": offer.trusted,
        "needs": [one.value for one in offer.needs],
        "asked": rights_of(offer.found.asked),
        "size": offer.size,
    }


def maker_of(one: Maker) -> Answer:
    """A maker with his key."""
    return {"key": one.key, "title": one.title, "at": one.at.isoformat(), "by": one.by_number}
