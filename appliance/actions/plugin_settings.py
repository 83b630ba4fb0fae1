"""What a plugin is set to: the form its manifest describes."""

from collections.abc import Mapping

from appliance.actions._gate import action
from appliance.actions._plugin_settings import read, shown
from appliance.domain.personal import Personal
from appliance.domain.plugins import PluginState, SettingsForm
from appliance.errors import Conflict, Invalid
from appliance.plugin_api.manifest import read_manifest
from appliance.roles import Permission
from appliance.storage import plugins
from appliance.storage.tx import Tx


@action(Permission.PLUGIN_MANAGE, reads=True, quiet=True)
async def form(tx: Tx, name: str) -> SettingsForm:
    """A plugin's settings as one would type them; secrets stay sealed.

    Raises:
        NotFound: `plugin_not_found`.
        Conflict: `plugin_broken`.
        Sealed: the vault is locked.
    """
    known = await plugins.get(name)
    if not known.manifest:
        raise Conflict("plugin_broken")
    manifest = read_manifest(known.manifest.encode())
    values = await plugins.setting_values(tx, name)
    return SettingsForm(
        plugin=known,
        typed={
            one.name: shown(one, values.get(one.name, one.default)) for one in manifest.settings
        },
        held=frozenset(values),
    )


@action(Permission.PLUGIN_MANAGE)
async def put(tx: Tx, name: str, typed: Mapping[str, Personal[str]]) -> bool:
    """Keep settings; whether the plugin runs and has to be told.

    Args:
        tx: of the gate.
        name: of the plugin.
        typed: text by name. What is not named stays; an empty secret stays; another empty text
            goes back to the manifest's default.

    Raises:
        NotFound: `plugin_not_found`.
        Conflict: `plugin_broken`.
        Invalid: by name of the setting: `entry_empty`, `setting_number`, `setting_range`,
            `setting_time`, `setting_url`, `setting_long`, `setting_short`, `code_unknown`, or as
            `domain.inputs.money`; `setting_unknown`: there is no such setting.
    """
    known = await plugins.get(name)
    tx.about("plugin", known.id)
    if not known.manifest:
        raise Conflict("plugin_broken")
    manifest = read_manifest(known.manifest.encode())
    strange = typed.keys() - {one.name for one in manifest.settings}
    if strange:
        raise Invalid(fields=dict.fromkeys(strange, "setting_unknown"))
    held = await plugins.set_names(name)
    plain = {name: text.reveal() for name, text in typed.items()}
    values, problems = read(manifest.settings, plain, held)
    if problems:
        raise Invalid(fields=problems)
    await plugins.put_settings(tx, name, values)
    # Their names only: a value may be a password, or name a person.
    tx.payload = {"plugin": name, "settings": sorted(values)}
    return known.state is PluginState.RUNNING
