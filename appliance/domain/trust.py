"""Packages by which desks and phones come to trust the box's own authority."""

import plistlib
from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid5

_SPACE: Final = UUID("b6c1a9b0-5f7e-5d0e-9d3a-6a1d2f0c7e11")
"""Names of the packages grow from it: the same authority gives the same package."""

_CMD: Final = """\
@echo off
chcp 65001 >nul
rem Trust the authority of the box. Run by an administrator: for everybody on this computer.
net session >nul 2>&1
if %errorlevel%==0 (
  certutil -addstore Root "%~dp0korobka.cer"
) else (
  certutil -user -addstore Root "%~dp0korobka.cer"
)
echo.
echo {told}
pause
"""

_TOLD: Final = "Готово. Откройте {address} заново: предупреждения быть не должно."

_README: Final = """\
Как доверить сертификату Коробки
================================

Коробка:   {name}
Адрес:     {address}
Отпечаток: {fingerprint}

Отпечаток (SHA-256) напечатан и на листке установки: сверьте первые и последние
знаки. Не сошлись - не ставьте сертификат и позовите администратора.

Windows, один компьютер
  Запустите windows.cmd. На вопрос системы о новом корневом сертификате ответьте
  «Да», сверив отпечаток. Запущенный «от имени администратора» ставит для всех.

Windows, все компьютеры домена
  Управление групповой политикой: Конфигурация компьютера - Политики -
  Конфигурация Windows - Параметры безопасности - Политики открытого ключа -
  Доверенные корневые центры сертификации: импортируйте korobka.cer.

iPhone, iPad
  Пришлите себе korobka.mobileconfig и откройте. Настройки - Профиль загружен -
  Установить. Затем Настройки - Основные - Об этом устройстве - Доверие
  сертификатам: включите «{name}». Без второго шага доверия нет.

Android
  Скопируйте korobka.crt на телефон. Настройки - Безопасность - Шифрование и
  учётные данные - Установить сертификат - Сертификат ЦС. Телефон покажет
  предупреждение: это ваш собственный центр.

macOS
  Откройте korobka.cer, добавьте в связку «Система» и поставьте «Всегда доверять».

Linux
  sudo cp korobka.crt /usr/local/share/ca-certificates/
  sudo update-ca-certificates

Firefox берёт сертификаты системы, если в about:config включено
security.enterprise_roots.enabled; иначе импортируйте korobka.crt в его настройках.

Сертификатом этого центра нельзя подписать чужие сайты: в него вписаны имена и
адреса вашей сети, остального браузер от него не примет.
"""


def packages(
    *, name: str, address: str, fingerprint: str, pem: str, der: bytes
) -> Mapping[str, bytes]:
    """File name → content.

    Args:
        name: of the firm, as the authority's certificate says.
        address: under which the box is opened.
        fingerprint: SHA-256 of `der`, as `AB:CD:…`.
        pem: the authority's certificate.
        der: the same, as Windows and phones take it.
    """
    values = {"name": name, "address": address, "fingerprint": fingerprint}
    cmd = _CMD.format(told=_TOLD.format(address=address))
    return {
        "korobka.cer": der,
        "korobka.crt": pem.encode("ascii"),
        "korobka.mobileconfig": _profile(name, fingerprint, der),
        "windows.cmd": cmd.replace("\n", "\r\n").encode(),
        # The mark: an old Notepad would take UTF-8 for the code page of the system.
        "README.txt": ("\ufeff" + _README.format(**values)).replace("\n", "\r\n").encode(),
    }


def _profile(name: str, fingerprint: str, der: bytes) -> bytes:
    """A configuration profile with one root certificate."""
    inner, outer = (uuid5(_SPACE, f"{fingerprint}/{part}") for part in ("root", "profile"))
    root = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"korobka.root.{inner}",
        "PayloadUUID": str(inner).upper(),
        "PayloadDisplayName": name,
        "PayloadCertificateFileName": "korobka.cer",
        "PayloadContent": der,
    }
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"korobka.trust.{outer}",
            "PayloadUUID": str(outer).upper(),
            "PayloadDisplayName": f"Коробка: {name}",
            "PayloadDescription": f"SHA-256 {fingerprint}",
            "PayloadContent": [root],
        }
    )
