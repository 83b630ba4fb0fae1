#!/bin/sh
# Install Korobka on this machine, or upgrade it beside the running release. README.md has the
# options, docs/operations.md the update file. Everything it makes: PREFIX/{releases,current,bin,etc}, the data folder, and as root
# (without --no-service) the account `korobka` and the unit korobka.service.
set -eu
umask 022
caller=$PWD
cd "$(dirname "$0")"
. scripts/install-checks.sh

usage() {
    cat <<'TEXT'
Установка и обновление Коробки: ./install.sh [параметры]
  --unattended                ничего не спрашивать
  --prefix P                  куда поставить программу (команда будет P/bin/korobka)
  --data D                    где хранить данные
  --port N  --listen ADDR     где отвечать
  --admin-login NAME          имя первого администратора
  --admin-password-file FILE  взять первый пароль из файла
  --recovery-code-file FILE   записать код восстановления в новый файл
  --unlock key-file|passphrase  чем открывать коробку при запуске
  --passphrase-file FILE      взять фразу из файла («-» — стандартный ввод)
  --database-url URL          PostgreSQL вместо SQLite
  --from FILE                 поставить из файла обновления: без Интернета
  --no-box                    только программа: данные придут из копии (korobka restore)
  --no-service                без службы и учётной записи: работать от имени того, кто ставит
  --uninstall                 убрать программу, данные оставить
TEXT
}

parse() {
    unattended=false service=true uninstall=false no_box=false
    prefix='' data='' port='' listen='' login=admin password_file='' code_file='' unlock=''
    passphrase_file='' database_url='' from=''
    while [ $# -gt 0 ]; do
        case $1 in
        --unattended) unattended=true ;;
        --no-service) service=false ;;
        --uninstall) uninstall=true ;;
        --no-box) no_box=true ;;
        -h | --help) usage; exit 0 ;;
        --prefix | --data | --port | --listen | --admin-login | --admin-password-file | \
            --recovery-code-file | --unlock | --passphrase-file | --database-url | --from)
            [ $# -ge 2 ] || fail I020 "После $1 нужно значение. Помощь: ./install.sh --help."
            take "$1" "$2"
            shift ;;
        *) fail I020 "Непонятный параметр $1. Помощь: ./install.sh --help." ;;
        esac
        shift
    done
}

take() { # take OPTION VALUE
    case $1 in
    --prefix) prefix=$(absolute "$2") ;;
    --data) data=$(absolute "$2") ;;
    --port) port=$2 ;;
    --listen) listen=$2 ;;
    --admin-login) login=$2 ;;
    --admin-password-file) password_file=$(absolute "$2") ;;
    --recovery-code-file) code_file=$(absolute "$2") ;;
    --unlock) unlock=$2 ;;
    --passphrase-file) [ "$2" = - ] && passphrase_file=- || passphrase_file=$(absolute "$2") ;;
    --database-url) database_url=$2 ;;
    --from) from=$(absolute "$2") ;;
    esac
}

absolute() { # against the folder the person stands in, not the checkout
    case $1 in /*) printf '%s' "$1" ;; *) printf '%s/%s' "$caller" "$1" ;; esac
}

settle() { # defaults, what an earlier installation remembers, and questions
    is_root && has_systemd || service=false
    if is_root; then home=/opt/korobka data_home=/var/lib/korobka; else home=$HOME/korobka data_home=$HOME/korobka-data; fi
    prefix=${prefix:-$home}
    remembered=$prefix/etc/install.conf
    upgrade=false attach=false
    if [ -f "$remembered" ] && [ -L "$prefix/current" ]; then
        upgrade=true
        was=$(recall data)
        [ -z "$data" ] || [ "$data" = "$was" ] ||
            fail I021 "Здесь стоит коробка с данными в $was. Чтобы перенести их, остановите её и переместите папку сами; без --data установка её обновит."
        data=$was
        [ "$(recall service)" = true ] && service=true || service=false
        return 0
    fi
    data=${data:-$data_home}
    if $no_box; then
        [ ! -e "$data/korobka.toml" ] || fail I028 "В $data уже есть коробка: --no-box ставит программу там, где её ещё нет."
        return 0
    fi
    if [ -f "$data/korobka.toml" ]; then # the program was removed or is on a new machine
        attach=true
        return 0
    fi
    $unattended || $uninstall || ask
    listen=${listen:-127.0.0.1} port=${port:-8443} unlock=${unlock:-key-file}
    case $unlock in key-file | passphrase) ;; *) fail I020 "--unlock: key-file или passphrase, а не $unlock." ;; esac
    if [ "$unlock" = passphrase ] && [ -z "$passphrase_file" ]; then
        fail I022 'Для --unlock passphrase укажите --passphrase-file FILE (или «-»: из стандартного ввода).'
    fi
}

recall() { sed -n "s/^$1=//p" "$remembered"; } # recall NAME

ask() { # only what nobody can guess
    [ -t 0 ] || fail I023 'Некого спросить: нет терминала. Добавьте --unattended и нужные параметры.'
    printf '%s\n' 'Ставим Коробку: несколько вопросов, потом несколько минут работы.' \
        'В скобках готовый ответ: Enter берёт его.' ''
    guess=$(hostname -I 2>/dev/null | awk '{ print $1 }')
    asked_listen=$listen asked_port=$port
    while :; do
        question listen "Адрес этого компьютера в вашей сети" "${guess:-127.0.0.1}"
        question port "Порт" 8443
        problem=$(port_problem) && break
        say "$problem"
        [ -z "$asked_listen" ] || [ -z "$asked_port" ] || exit 1 # both were given as options
        listen=$asked_listen port=$asked_port
    done
    while :; do
        question login "Имя первого администратора, латиницей" "$login"
        case $login in
        *[!A-Za-z0-9._@+-]* | ? | ??) say 'Нужно от 3 латинских букв, цифр и знаков . _ @ + -, без пробелов.' && login=admin ;;
        *) break ;;
        esac
    done
    ask_unlock
    say ''
}

port_problem() { # why the box could not answer there; nothing where it can, or nobody can tell yet
    found=$(find_python '') || return 0
    said=$( (check_port "$found" "$listen" "$port") 2>&1) && return 0
    said=${said#Ошибка *. }
    printf '%s' "${said%%: --port*}" | sed 's/ — --listen ADDR//'
    return 1
}

ask_unlock() { # what opens the box, and its words where it is words
    if [ -z "$unlock" ]; then
        printf '%s\n' 'Открывать коробку при запуске:' \
            '  1  сама: файлом-ключом, который лежит на этом компьютере' \
            '  2  фразой: её вводит человек после каждого включения'
        while [ -z "$unlock" ]; do
            chosen=''
            question chosen "Что выбираете, 1 или 2 (потом можно передумать)" 1
            case $chosen in
            1 | key-file) unlock=key-file ;;
            2 | passphrase) unlock=passphrase ;;
            *) say 'Ответьте 1 или 2.' ;;
            esac
        done
    fi
    [ "$unlock" = passphrase ] && [ -z "$passphrase_file" ] || return 0
    trap 'stty echo; exit 130' INT
    stty -echo
    while :; do
        printf 'Фраза для открытия, 12 знаков и больше (не видна): '; read -r asked_passphrase
        printf '\nЕщё раз: '; read -r again; printf '\n'
        [ "$asked_passphrase" != "$again" ] || [ "${#asked_passphrase}" -lt 12 ] || break
        say 'Фразы не совпали или короче 12 знаков. Введите снова.'
    done
    stty echo
    trap - INT
    passphrase_file=asked
}

question() { # question VARIABLE TEXT DEFAULT: asked unless an option said it
    eval "known=\$$1"
    [ -z "$known" ] || [ "$1" = login ] || return 0
    printf '%s [%s]: ' "$2" "$3"
    read -r reply || fail I023 'Ответа нет: ввод закончился. Ничего не сделано.'
    eval "$1=\${reply:-\$3}"
}

check_machine() {
    say 'Проверяю компьютер…'
    wanted=$($service && echo service || true)
    python=$(find_python "$wanted") ||
        { apt_install python3 python3-venv && python=$(find_python "$wanted"); } ||
        fail I001 "Нужен Python 3.11 или новее, доступный всем пользователям. Установите его от администратора: $(how_to_install python) — и повторите. (Debian 11, Ubuntu 22.04 и старше его не содержат: обновите систему.)"
    check_libc "$python"
    check_sqlite "$python"
    check_clock
    check_disk "$prefix"
    if $service; then
        case "$prefix/ $data/" in */home/* | /root/* | *' /root/'* | *' /run/'*) fail I013 'Служба не видит домашних папок: укажите --prefix и --data в /opt, /srv или /var/lib, либо добавьте --no-service.' ;; esac
    fi
    check_writable "$prefix"
    if ! $upgrade && ! $attach; then
        check_disk "$data"
        $no_box || check_port "$python" "$listen" "$port"
        check_writable "$data"
        [ -z "$code_file" ] || [ ! -e "$code_file" ] || fail I026 "Файл $code_file уже есть; код восстановления поверх него не пишется."
        for file in "$password_file" "$passphrase_file"; do
            case $file in '' | - | asked) ;; *) [ -r "$file" ] || fail I027 "Файл $file не читается." ;; esac
        done
    fi
}

unpack_file() { # verify the file and unpack it: only what is signed goes further
    say 'Проверяю файл…'
    mkdir "$work/file"
    if ! found=$("$python" -E -s -m updates unpack "$from" "$work/file" "$keys" 2>"$log"); then
        fail "$(sed -n '$s/ .*//p' "$log")" "Файл $from не поставить: $(why_not "$(sed -n '$s/ .*//p' "$log")")"
    fi
    version=${found%% *}
    case $found in *' no '*) fail update_platform "Файл собран для Python ${found##* no }, а здесь $("$python" --version)." ;; esac
    say "Ключ изготовителя: $(sed -n 's/^\([0-9a-f]\{16\}\).*/\1…/p' "$keys")"
}

why_not() { # why_not CODE
    case $1 in
    update_signature) say 'подпись не того изготовителя, чьей установке вы доверились. Возьмите файл там же, где брали установку.' ;;
    update_damaged) say 'он испорчен. Скачайте его ещё раз.' ;;
    update_no_key) say "рядом с install.sh нет ключа изготовителя ($keys)." ;;
    disk_refused) say 'его не прочесть, или кончилось место.' ;;
    *) say 'это не файл обновления Коробки.' ;;
    esac
}

build_release() { # everything into releases/VERSION-N; nothing outside it changes
    mkdir -p "$prefix/releases" "$prefix/bin" "$prefix/etc"
    # Of a run that was killed (-9) hours ago; one that goes on beside us is younger.
    find "$prefix" -maxdepth 1 -name '.work-*' -mmin +120 -exec rm -rf {} +
    work=$(mktemp -d "$prefix/.work-XXXXXX")
    log=$work/log
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    if [ -n "$from" ]; then unpack_file; else
        version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' appliance/__init__.py)
    fi
    number=1
    while [ -e "$prefix/releases/$version-$number" ]; do number=$((number + 1)); done
    release=$prefix/releases/$version-$number
    say "Ставлю версию $version: обычно от одной до десяти минут, смотря какая сеть…"
    # In the background, because a shell ignores `set -e` inside a condition.
    (set -e; fill_release) >"$log" 2>&1 &
    tell_time $!
    if ! wait $!; then
        tail -n 25 "$log" >&2
        rm -rf "$release"
        fail I030 'Программу собрать не удалось; прежняя, если была, не тронута. Выше — последние сообщения. Частая причина: нет доступа к хранилищам пакетов.'
    fi
}

tell_time() { # tell_time PROCESS: minutes and seconds while it works, so that nobody thinks it hangs
    [ -t 1 ] || return 0
    began=$(date +%s)
    while kill -0 "$1" 2>/dev/null; do
        past=$(($(date +%s) - began))
        printf '\r  идёт %d:%02d ' $((past / 60)) $((past % 60))
        sleep 1
    done
    printf '\r                \r'
}

fill_release() {
    if [ -n "$from" ]; then
        "$python" -E -s -m updates build "$work/file" "$release"
        return
    fi
    mkdir "$release"
    tools=$work/tools
    fetch_uv "$python" "$tools"
    copy_sources "$work/source"
    # The browser's files and Python's packages come at the same time.
    (set -e; node_on_path "$tools"; cd "$work/source"; "$python" scripts/build-assets) >"$work/assets.log" 2>&1 &
    assets=$!
    export UV_LINK_MODE=copy # a release must not change with somebody's cache
    "$python" -m venv --without-pip "$release/venv"
    install_locked "$tools" "$release/venv/bin/python" requirements.lock --only-binary :all:
    wait "$assets" || { cat "$work/assets.log"; return 1; }
    (cd "$work/source" && "$release/venv/bin/python" scripts/build-texts)
    (cd "$work/source" && "$tools/bin/python" -m hatchling build -t wheel -d "$work/wheel")
    "$tools/bin/uv" pip install --quiet --python "$release/venv/bin/python" --no-deps "$work"/wheel/*.whl
    "$release/venv/bin/python" -m compileall -q -j 0 "$release/venv/lib"
    cp -R README.md README.ru.md LICENSE LICENSE-EXCEPTION.md SECURITY.md packaging "$release/"
    "$release/venv/bin/korobka" version
}

copy_sources() { # the checkout stays as it is, whoever owns it
    mkdir "$1"
    tar -cf - --exclude=node_modules --exclude=dist --exclude=__pycache__ \
        .gitignore appliance plugins tui backups updates scripts docs/ru pyproject.toml README.md LICENSE | tar -xf - -C "$1"
}

make_account() {
    getent group korobka-admin >/dev/null || groupadd --system korobka-admin
    getent passwd korobka >/dev/null ||
        useradd --system --user-group --home-dir "$data" --no-create-home --shell /usr/sbin/nologin korobka
    usermod --append --groups korobka-admin korobka
}

as_box() { # run the release's command as the box will run
    if $service; then runuser -u korobka -- "$@"; else "$@"; fi
}

write_wrapper() { # the template is the release's own: an update writes it anew
    drop=''
    if $service; then drop=$release/packaging/wrapper.service; fi
    sed -e "/^@DROP@\$/{${drop:+r $drop
}d;}" -e "s|@PREFIX@|$prefix|g" -e "s|@DATA@|$data|g" "$release/packaging/wrapper" >"$prefix/bin/korobka.new"
    chmod 755 "$prefix/bin/korobka.new"
    mv "$prefix/bin/korobka.new" "$prefix/bin/korobka"
}

write_unit() {
    capabilities=''
    [ "$(sed -n 's/^port = //p' "$data/korobka.toml" 2>/dev/null | head -n 1 || :)" -ge 1024 ] 2>/dev/null || capabilities=CAP_NET_BIND_SERVICE
    sed -e "s|@PREFIX@|$prefix|g" -e "s|@DATA@|$data|g" -e "s|@CAPABILITIES@|$capabilities|g" \
        "$release/packaging/korobka.service" >/etc/systemd/system/korobka.service
    systemctl daemon-reload
    systemctl enable --quiet korobka.service
}

make_room() { # for what a restore brings: an empty folder, and one for the key file
    mkdir -p "$data" "$prefix/etc/keys"
    chmod 700 "$data" "$prefix/etc/keys"
    if $service; then chown korobka:korobka "$data" "$prefix/etc/keys"; fi
}

link_command() { # so that `korobka` is found as the book writes it
    [ "$prefix" = /opt/korobka ] && [ ! -e /usr/local/bin/korobka ] || return 0
    mkdir -p /usr/local/bin && ln -s "$prefix/bin/korobka" /usr/local/bin/korobka || :
}

secrets() { # what `korobka init` reads: the password, then the passphrase, a line each
    [ -z "$password_file" ] || head -n 1 "$password_file"
    [ "$unlock" = passphrase ] || return 0
    case $passphrase_file in
    asked) printf '%s\n' "$asked_passphrase" ;;
    -) head -n 1 ;;
    *) head -n 1 "$passphrase_file" ;;
    esac
}

make_box() {
    chmod 700 "$data"
    mkdir -p "$prefix/etc/keys"
    chmod 700 "$prefix/etc/keys"
    if $service; then chown korobka:korobka "$data" "$prefix/etc/keys"; fi
    set -- --data "$data" --listen "$listen" --port "$port" --unlock "$unlock" --admin-login "$login" --json
    name=$(hostname -f 2>/dev/null || hostname)
    case $name in *[!a-z0-9.-]* | '' | localhost*) ;; *) set -- "$@" --host "$name" ;; esac
    [ "$unlock" = passphrase ] && set -- "$@" --passphrase-file - || set -- "$@" --key-file "$prefix/etc/keys/unlock.key"
    [ -z "$password_file" ] || set -- "$@" --admin-password-file -
    [ -z "$database_url" ] || set -- "$@" --database-url "$database_url"
    (umask 077; : >"$work/born")
    if ! secrets | PYTHONUTF8=1 as_box "$release/venv/bin/korobka" init "$@" >"$work/born"; then
        born error >&2
        rm -rf "$release"
        fail I031 "Коробку завести не удалось, причина выше. Папка $data осталась: исправьте и повторите."
    fi
}

attach_box() { # data that an earlier installation left: its settings, key and people stay
    say "В $data уже есть коробка, беру её."
    if $service; then chown -R korobka:korobka "$data"; fi
    if ! as_box "$release/venv/bin/korobka" migrate --data "$data" >/dev/null; then
        rm -rf "$release"
        fail I025 "Данные в $data этой версии не подошли, причина выше; они не тронуты."
    fi
}

born() { # born NAME: one value of what `korobka init` answered
    "$python" -I - "$work/born" "$1" <<'PY'
import json, sys
try:
    value = json.load(open(sys.argv[1], encoding="utf-8")).get(sys.argv[2])
except ValueError:
    value = open(sys.argv[1], encoding="utf-8").read()
print((value["code"] + ". " + value["text"]) if isinstance(value, dict) else value or "")
PY
}

switch_to() { # switch_to RELEASE: one rename, so `current` always names a whole release
    ln -s "releases/$(basename "$1")" "$prefix/.current.new"
    mv -T "$prefix/.current.new" "$prefix/current"
}

start_box() {
    if $service; then systemctl restart korobka.service; else "$prefix/bin/korobka" start --wait 60 --data "$data" >/dev/null; fi &&
        "$prefix/bin/korobka" status --wait 60 --data "$data" >/dev/null
}

stop_box() { # a box that does not run is stopped already
    if $service; then systemctl stop korobka.service; else "$prefix/bin/korobka" stop --data "$data" >/dev/null 2>&1 || [ $? -eq 3 ]; fi
}

install_new() {
    if $service; then make_account; fi
    build_release
    if $no_box; then make_room; elif $attach; then attach_box; else make_box; fi
    printf 'data=%s\nservice=%s\n' "$data" "$service" >"$prefix/etc/install.conf"
    switch_to "$release"
    write_wrapper
    if $service; then write_unit; fi
    link_command
    if $no_box; then
        say "Программа стоит, коробки ещё нет: korobka restore --from ПАПКА --into $data"
        return
    fi
    say 'Запускаю…'
    start_box || fail I032 "Коробка заведена, но не отвечает. Посмотрите $($service && echo 'journalctl -u korobka' || echo "$data/logs/korobka.log") и команду $prefix/bin/korobka doctor."
    if $attach; then "$prefix/bin/korobka" status --data "$data"; return; fi
    report
    if on_terminal; then first_run; fi
}

on_terminal() { ! $unattended && [ -t 0 ] && [ -t 1 ]; }

first_run() { # the box works already: leaving the wizard, or its failure, undoes nothing
    printf '\nДальше мастер первого запуска. Если вы возьмёте в нём новый код,\nэтот больше не действует.\nEnter, когда код переписан: '
    read -r _ || return 0
    "$prefix/bin/korobka" console --setup || :
    printf '\nКоробка работает и без этого окна.\n'
    printf 'В браузере:          %s\n' "$("$prefix/bin/korobka" status --json 2>/dev/null | address_of || born address)"
    printf 'Консоль и мастер:    %s/bin/korobka console\n' "$prefix"
}

address_of() { # the address in an answer of `korobka status`: the wizard may have changed it
    "$python" -I -c 'import json, sys; print(json.load(sys.stdin)["address"])' 2>/dev/null
}

report() {
    code=$(born recovery_code)
    if [ -n "$code_file" ]; then
        (umask 077; set -C; printf '%s\n' "$code" >"$code_file") || fail I026 "Файл $code_file записать не удалось. Код восстановления: $code"
    fi
    password=$(born admin_password)
    printf '\nКоробка работает.\n\n'
    printf 'Адрес:               %s\n' "$(born address)"
    if on_terminal; then # a line of 80 would cut it
        born fingerprint | sed 's/^\(.\{47\}\):/Отпечаток CA:        \1\n                     /'
    else printf 'Отпечаток CA:        %s\n' "$(born fingerprint)"; fi
    printf 'Администратор:       %s\n' "$login"
    [ -z "$password" ] || printf 'Одноразовый пароль:  %s\n' "$password"
    if [ -n "$code_file" ]; then printf 'Код восстановления:  записан в %s\n' "$code_file"
    else
        printf 'Код восстановления:  %s\n' "$code"
        printf '\nПерепишите код на бумагу и храните отдельно от компьютера:\nбез него данные не откроет никто.\n\n'
    fi
    printf 'Команда:             %s/bin/korobka\n' "$prefix"
    $service || printf 'После перезагрузки компьютера запустите: %s/bin/korobka start\n' "$prefix"
}

upgrade_old() { # by the very steps of `korobka update`
    if [ -n "$from" ] && "$prefix/current/venv/bin/python" -P -c 'import updates.cli' 2>/dev/null; then
        exec "$prefix/bin/korobka" update "$from" # whom to believe, the installed release knows
    fi
    build_release
    code=0
    PYTHONUTF8=1 "$release/venv/bin/python" -P -m updates adopt "$prefix" "$(basename "$release")" || code=$?
    [ "$(readlink "$prefix/current")" = "releases/$(basename "$release")" ] || rm -rf "$release"
    [ "$code" -eq 0 ] || exit 1
    say "Обновлено до $version ($(basename "$release")). Данные на месте."
}

remove_program() {
    [ -f "$remembered" ] || fail I040 "В $prefix коробка не установлена. Укажите --prefix."
    data=$(recall data)
    [ "$(recall service)" = true ] && service=true || service=false
    stop_box || fail I035 'Коробка не останавливается; программа оставлена.'
    if $service; then
        systemctl disable --quiet korobka.service
        rm -f /etc/systemd/system/korobka.service
        systemctl daemon-reload
    fi
    [ "$(readlink /usr/local/bin/korobka)" != "$prefix/bin/korobka" ] || rm -f /usr/local/bin/korobka
    rm -rf "$prefix/releases" "$prefix/current" "$prefix/bin/korobka" "$remembered" "$prefix"/etc/update*
    rmdir "$prefix/bin" "$prefix/etc" "$prefix" 2>/dev/null || true
    say "Программа убрана. Данные остались в $data$([ ! -d "$prefix/etc/keys" ] || printf ', ключ к ним — в %s' "$prefix/etc/keys")."
}

parse "$@"
keys=$PWD/updates/maker.pub
settle
if $uninstall; then
    remove_program
else
    check_machine
    if $upgrade; then upgrade_old; else install_new; fi
fi
