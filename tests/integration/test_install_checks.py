"""What the installer asks of a machine, and what it says when something is missing."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def sh(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line with the installer's functions at hand."""
    return subprocess.run(
        ["sh", "-eu", "-c", f". scripts/install-checks.sh\n{script}"],
        cwd=ROOT,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def refusal(script: str, **environment: str) -> str:
    """The code of the refusal; the sentence must be there too."""
    done = sh(script, **environment)
    assert done.returncode == 1, done.stderr
    word, code, sentence = done.stderr.strip().splitlines()[-1].split(" ", 2)
    assert word == "Ошибка"
    assert len(sentence) > 20
    return code.rstrip(".")


def install(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installer for a box inside `folder`."""
    place = ["--prefix", str(folder / "p"), "--data", str(folder / "d"), "--no-service"]
    return subprocess.run(
        [str(ROOT / "install.sh"), *place, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def python_that(tmp_path: Path, body: str) -> str:
    """A `python` in front of the real one that changes what the script sees."""
    program = tmp_path / "python3"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return str(program)


def patched(tmp_path: Path, before: str) -> str:
    """A `python -I -` whose script runs after `before`."""
    return python_that(
        tmp_path, f'(echo {before!r}; cat) | {sys.executable} -I - "$3" "$4"'.replace("'", '"')
    )


def test_this_machine_passes_every_check(tmp_path: Path) -> None:
    done = sh(
        f"check_libc {sys.executable}; check_sqlite {sys.executable}; check_clock;"
        f" check_disk {tmp_path}/a/b; check_writable {tmp_path}/c; find_python"
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "c").is_dir()
    assert not list((tmp_path / "c").iterdir())
    assert Path(done.stdout.strip()).exists()


def test_an_old_python_is_passed_over(tmp_path: Path) -> None:
    old = python_that(tmp_path, "exit 1")
    assert sh(f"python_fits {old} || echo unfit").stdout == "unfit\n"


def test_a_service_takes_no_python_out_of_a_home_folder(tmp_path: Path) -> None:
    homely = python_that(
        tmp_path, 'case "$3" in *realpath*) echo /home/anna/bin/python3.12 ;; *) exit 0 ;; esac'
    )
    assert sh(f"python_fits {homely} && echo fits").stdout == "fits\n"
    assert sh(f"python_fits {homely} service || echo unfit").stdout == "unfit\n"


def test_a_c_library_that_is_not_glibc_is_refused(tmp_path: Path) -> None:
    musl = patched(tmp_path, "import os; os.confstr = lambda name: None")
    assert refusal(f"check_libc {musl}") == "I003"


def test_a_sqlite_that_is_too_old_is_refused(tmp_path: Path) -> None:
    old = patched(tmp_path, "import sqlite3; sqlite3.sqlite_version_info = (3, 33, 0)")
    assert refusal(f"check_sqlite {old}") == "I004"


def test_a_full_disk_is_refused(tmp_path: Path) -> None:
    assert refusal(f"LEAST_DISK_MB=999999999; check_disk {tmp_path}") == "I005"


@pytest.mark.parametrize("seconds", [0, 1_700_000_000, 4_000_000_000])
def test_a_clock_that_is_far_off_is_refused(seconds: int) -> None:
    assert refusal(f"check_clock {seconds}") == "I006"


def test_a_port_in_use_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refusal(f"check_port {sys.executable} 127.0.0.1 {port}") == "I007"
    assert sh(f"check_port {sys.executable} 127.0.0.1 {port}").returncode == 0


@pytest.mark.parametrize("address", ["192.0.2.1", "nowhere", "2001:db8::1"])
def test_an_address_of_another_machine_is_refused(address: str) -> None:
    assert refusal(f"check_port {sys.executable} {address} 8443") == "I008"


@pytest.mark.parametrize("port", ["https", "70000", "-1", ""])
def test_what_is_no_port_is_refused(port: str) -> None:
    assert refusal(f"check_port {sys.executable} 127.0.0.1 '{port}'") == "I010"


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refusal(f"check_writable {tmp_path}/file/inside") == "I011"


@pytest.mark.parametrize(
    ("release", "command"),
    [
        ("ID=debian", "apt install python3 python3-venv"),
        ('ID=redos\nID_LIKE="rhel fedora"', "dnf install python3.11"),
        ("ID=altlinux", "apt-get install python3"),
        ("ID=opensuse-leap\nID_LIKE='suse opensuse'", "zypper install python311"),
        ("ID=unheard-of", "пакет Python 3.11 или новее вашей системы"),
    ],
)
def test_each_system_is_told_its_own_command(tmp_path: Path, release: str, command: str) -> None:
    described = tmp_path / "os-release"
    described.write_text(release)
    assert sh("how_to_install python", OS_RELEASE=str(described)).stdout.strip() == command


def test_a_system_without_our_package_manager_is_told_and_not_touched(tmp_path: Path) -> None:
    described = tmp_path / "os-release"
    described.write_text("ID=redos\nID_LIKE='rhel fedora'")
    done = sh("apt_install python3 || echo told", OS_RELEASE=str(described))
    assert done.stdout == "told\n"


def test_an_environment_is_made_with_pip_where_python_has_everything(tmp_path: Path) -> None:
    done = sh(f"make_venv /usr/bin/python3 {tmp_path}/venv; {tmp_path}/venv/bin/pip --version")
    assert done.returncode == 0, done.stderr
    assert "pip" in done.stdout


def test_a_python_without_environments_is_refused_with_the_command_to_run(tmp_path: Path) -> None:
    described = tmp_path / "os-release"
    described.write_text("ID=redos\nID_LIKE='rhel fedora'")
    bare = python_that(tmp_path, "exit 1")
    script = f"make_venv {bare} {tmp_path}/venv"
    assert refusal(script, OS_RELEASE=str(described)) == "I002"
    assert "dnf install python3-pip" in sh(script, OS_RELEASE=str(described)).stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--nope"], "I020"),
        (["--unattended", "--port"], "I020"),
        (["--unattended", "--unlock", "magic"], "I020"),
        (["--unattended", "--unlock", "passphrase"], "I022"),
        ([], "I023"),
        (["--uninstall"], "I040"),
    ],
)
def test_a_wrong_command_line_is_refused_before_anything_is_made(
    tmp_path: Path, arguments: list[str], code: str
) -> None:
    done = install(tmp_path, *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Ошибка {code}. ")
    assert not list(tmp_path.iterdir())


def test_a_recovery_code_never_replaces_a_file(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.write_text("an older one")
    done = install(tmp_path, "--unattended", "--port", "18699", "--recovery-code-file", str(code))
    assert "I026" in done.stderr
    assert code.read_text() == "an older one"
