"""Files of a tunnel to a rented server: it passes bytes on, TLS ends in the box.

The server needs nothing but OpenSSH: no key, no certificate and no data of the box ever lie there.
"""

from collections.abc import Mapping
from typing import Final

ACCOUNT: Final = "korobka-tunnel"
KEY: Final = "/etc/korobka/tunnel_ed25519"

_UNIT: Final = """\
# On the box: /etc/systemd/system/korobka-tunnel.service
# then: systemctl enable --now korobka-tunnel
[Unit]
Description=Korobka: the way in from outside
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/ssh -N -T -i {key} \\
  -o ExitOnForwardFailure=yes -o ServerAliveInterval=20 -o ServerAliveCountMax=3 \\
  -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/etc/korobka/tunnel_known_hosts \\
  -R 0.0.0.0:{port}:127.0.0.1:{inner} {account}@{server}
Restart=always
RestartSec=10
DynamicUser=no
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes

[Install]
WantedBy=multi-user.target
"""

_SSHD: Final = """\
# On the rented server: /etc/ssh/sshd_config.d/korobka.conf, then: systemctl reload ssh
# The account may do nothing but listen on this one port for the box.
Match User {account}
    AllowTcpForwarding remote
    GatewayPorts clientspecified
    PermitListen 0.0.0.0:{port}
    PermitTTY no
    X11Forwarding no
    AllowAgentForwarding no
    ForceCommand /bin/false
    PasswordAuthentication no
"""

_README: Final = """\
Туннель через арендованный сервер
=================================

Снаружи коробку открывают по адресу https://{name}:{port}. Арендованный сервер
только передаёт байты: шифрование кончается в коробке, прочесть он ничего не может.

1. На коробке сделайте ключ туннеля и запомните ключ сервера:
     install -d -m 700 /etc/korobka
     ssh-keygen -t ed25519 -N '' -f {key}
     ssh-keyscan {server} > /etc/korobka/tunnel_known_hosts
   Сверьте отпечаток сервера с тем, что показывает его хозяин.

2. На сервере заведите учётную запись без пароля и положите ей {key}.pub:
     useradd --create-home --shell /usr/sbin/nologin {account}
     install -d -m 700 -o {account} /home/{account}/.ssh
     (в файл /home/{account}/.ssh/authorized_keys)
   Файл korobka-sshd.conf положите в /etc/ssh/sshd_config.d/korobka.conf и
   выполните: systemctl reload ssh
   {low}
3. Имя {name} должно указывать на адрес сервера (запись A в DNS).

4. На коробке положите korobka-tunnel.service в /etc/systemd/system/ и включите:
     systemctl enable --now korobka-tunnel

5. Проверьте в мастере: шаг «Доступ снаружи», клавиша D/В.
"""

_LOW: Final = """Порты ниже 1024 обычной записи закрыты. Разрешите этот:
     sysctl -w net.ipv4.ip_unprivileged_port_start={port}
"""


def files(*, name: str, port: int, server: str, inner: int) -> Mapping[str, bytes]:
    """File name → content.

    Args:
        name: public name.
        port: on which the server listens.
        server: its name or address.
        inner: port of the box's outer door.
    """
    values = {
        "name": name,
        "port": port,
        "server": server,
        "inner": inner,
        "account": ACCOUNT,
        "key": KEY,
        "low": _LOW.format(port=port) if port < 1024 else "",
    }
    return {
        "korobka-tunnel.service": _UNIT.format(**values).encode(),
        "korobka-sshd.conf": _SSHD.format(**values).encode(),
        "README.txt": _README.format(**values).encode(),
    }
