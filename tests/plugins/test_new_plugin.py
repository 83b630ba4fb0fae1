"""The plugin that `scripts/new-plugin` makes passes its own tests."""

import subprocess
import sys
from pathlib import Path

import pytest

from appliance.plugin_api.calls import PERMISSIONS, PERSONAL_FIELDS
from appliance.plugin_api.manifest import read_manifest
from scripts.new_plugin_folder import make

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_plugin_is_accepted_and_passes_its_tests(tmp_path: Path) -> None:
    make("courier_fast", "Быстрый курьер", tmp_path)
    folder = tmp_path / "plugins" / "courier_fast"
    manifest = read_manifest(
        (folder / "plugin.toml").read_bytes(), permissions=PERMISSIONS, fields=PERSONAL_FIELDS
    )
    assert (manifest.name, manifest.title.ru) == ("courier_fast", "Быстрый курьер")
    (tmp_path / "plugins" / "__init__.py").touch()
    command = (
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--asyncio-mode=auto",
    )
    ran = subprocess.run(
        [*command, "--asyncio-mode=auto", "--rootdir", tmp_path, "tests/plugins"],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "3 passed" in ran.stdout
    with pytest.raises(FileExistsError):
        make("courier_fast", "", tmp_path)
    with pytest.raises(ValueError, match="Courier"):
        make("Courier", "", tmp_path)


@pytest.mark.parametrize("name", ["webhook_relay", "site_monitor"])
def test_a_plugin_of_the_box_has_a_manifest_that_is_accepted_and_texts_in_both_languages(
    name: str,
) -> None:
    folder = ROOT / "plugins" / name
    manifest = read_manifest(
        (folder / "plugin.toml").read_bytes(), permissions=PERMISSIONS, fields=PERSONAL_FIELDS
    )
    assert manifest.name == name and (folder / "README.md").exists()
    texts = [(folder / "texts" / f"{one}.toml").read_text(encoding="utf-8") for one in ("ru", "en")]
    codes = [{line.partition(" = ")[0] for line in text.splitlines()} for text in texts]
    assert codes[0] == codes[1] and codes[0]
