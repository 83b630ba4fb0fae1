"""`scripts/dev --vendors` connects every plugin by commands that its manifest knows."""

import pytest

from appliance.plugin_api.manifest import Manifest
from scripts._connected import commands
from tests.plugins.caged import fakes, services


@pytest.mark.parametrize("is_known", [False, True])
def test_every_service_gets_all_that_its_form_demands(*, is_known: bool) -> None:
    manifests = services()
    with fakes(set(manifests)) as stands:
        typed = {name: one.settings() for name, one in stands.items()}
    for name, manifest in manifests.items():
        first, *middle, last = commands(manifest, "Служба", typed[name], is_known=is_known)
        assert (first[:2], last) == (["approve", name], ["on", name])
        pairs = {word.partition("=")[0] for line in middle for word in line[2:] if "=" in word}
        assert pairs == typed[name].keys(), name
        assert demanded(manifest) <= pairs, name
        verbs = {line[0] for line in middle} - {"set"}
        account = "account-set" if is_known else "account-add"
        assert verbs == ({account} if manifest.account_settings else set()), name


def demanded(manifest: Manifest) -> set[str]:
    """Names without which the plugin does not work."""
    form = (*manifest.settings, *manifest.account_settings)
    return {one.name for one in form if one.required and one.default is None}
