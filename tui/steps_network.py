"""First run: the box's address and who trusts it, the way in from outside."""

from typing import Any, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.widgets import Button, Checkbox, RadioSet, Static

from appliance.errors import HouseError
from tui.first_step import Labelled, Step, choices
from tui.parts import Tick, mark, plain
from tui.texts import N_, _

LOOPBACK: Final = "127.0.0.1"
WAYS: Final = ("none", "router", "tunnel")
TRIALS: Final = {
    ("name", "ok"): N_("имя ведёт наружу"),
    ("name", "warn"): N_("имя ведёт внутрь вашей сети: снаружи по нему не придут"),
    ("name", "bad"): N_("такого имени нет в DNS: заведите запись A"),
    ("port", "ok"): N_("порт отвечает"),
    ("port", "warn"): N_(
        "порт отсюда не отвечает. Многие роутеры не пускают изнутри наружу и обратно:\n"
        "   откройте адрес с телефона без Wi-Fi. Не открылся — проверьте проброс порта"
    ),
    ("tls", "ok"): N_("шифрование кончается в коробке"),
    ("tls", "bad"): N_("отвечает чужой сертификат: кто-то расшифровывает по дороге"),
}
"""Check of the way in and its state → words."""


class Address(Step):
    """Адрес в сети."""

    NAME, HEADING = "address", N_("Адрес в сети")
    ABOUT: ClassVar[str] = N_(
        "По этому адресу сотрудники откроют коробку. Соединение зашифровано\n"
        "сертификатом самой коробки: компьютеры надо один раз научить ему доверять.\n"
        "По отпечатку узнают, что сертификат ваш, а не подставной: он нужен на листке."
    )

    def body(self) -> ComposeResult:
        facts = self.facts
        listen = str(facts["listen"])
        guess = str(facts["guess"]) or listen
        shown = guess if listen == LOOPBACK and "address" not in self.setup["done"] else listen
        yield Labelled("listen", _("Адрес компьютера"), shown, sample="192.168.1.20")
        yield Labelled("port", _("Порт"), str(facts["port"]))
        hosts = ", ".join(facts["hosts"])
        yield Labelled("hosts", _("Имена, если есть"), hosts, sample="crm.firma.ru, korobka")
        yield Static(id="shown", classes="lead after")
        folder = str(self.setup["trust"]) or f"{facts['folder']}/trust"
        yield Labelled("folder", _("Папка файлов"), folder)
        yield Button(_("Записать файлы доверия"), id="trust")
        yield Static(id="written")

    def on_mount(self) -> None:
        super().on_mount()
        self._show(str(self.facts["address"]), str(self.facts["fingerprint"]))
        if self.setup["trust"]:
            self._written()

    def _show(self, address: str, fingerprint: str) -> None:
        half = fingerprint[:47], fingerprint[48:]
        lines = (
            f"{_('Сейчас:'):<12}[b]{plain(address)}[/]",
            f"{_('Отпечаток:'):<12}{half[0]}",
            f"{'':<12}{half[1]}",
        )
        self.query_one("#shown", Static).update("\n".join(lines))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self._trust()

    @work(exclusive=True)
    async def _trust(self) -> None:
        """Write the files for the address that is typed, not for the one before."""
        try:
            await self._put()
            folder = self.typed("folder")
            await self.ask("/setup/trust", {"folder": folder})
        except HouseError as error:
            self.refuse(error)
            return
        self.calm()
        self.house.ran(_("Файлы записаны."), f"korobka setup trust {folder}")
        self._written()

    def _written(self) -> None:
        said = _(
            "Файлы записаны. Что с ними делать, по шагам: README.txt в той же папке.\n"
            "   Windows: windows.cmd. iPhone: korobka.mobileconfig. Android и Linux:\n"
            "   korobka.crt. Отпечаток перепишите на листок."
        )
        place = self.query_one("#written", Static)
        place.update(f"{mark('ok')} {said}")

    async def _put(self) -> None:
        port = self.typed("port")
        if not port.isdecimal():
            raise HouseError("port_wrong", "", field="port")
        hosts = [one.strip() for one in self.typed("hosts").split(",") if one.strip()]
        body = {"listen": self.typed("listen"), "port": int(port), "hosts": hosts}
        answer = await self.ask("/setup/address", body)
        self._show(str(answer["address"]), str(answer["fingerprint"]))
        command = f"korobka setup set address listen={body['listen']} port={port}"
        self.house.ran(_("Записано."), command)

    async def go_on(self) -> bool:
        await self._put()
        return True


class WayIn(Step):
    """Доступ снаружи."""

    NAME, HEADING = "reach", N_("Доступ снаружи")
    ABOUT: ClassVar[str] = N_(
        "Как до коробки дойдут сайт, курьеры и платёжные сервисы? Снаружи видна только\n"
        "внешняя дверь: заказы магазинов по ключу и страница покупателя."
    )

    def body(self) -> ComposeResult:
        reach: dict[str, Any] = self.setup["reach"]
        ways = (
            _("Никак: коробка видна только в вашей сети"),
            _("Порт роутера: есть постоянный внешний адрес"),
            _("Туннель: через арендованный сервер, расшифровывает только коробка"),
        )
        yield choices("way", ways, WAYS.index(str(reach["way"])))
        port = str(reach["port"] or 443)
        yield Labelled("name", _("Имя снаружи"), str(reach["name"]), sample="zakaz.firma.ru")
        yield Labelled("port", _("Порт снаружи"), port)
        yield Labelled("server", _("Сервер"), str(reach["server"]), hint=_("имя или адрес"))
        yield Tick(_("Сотрудники вне офиса ходят по VPN"), value=bool(reach["vpn"]), id="vpn")
        yield Static(id="note", classes="after")
        yield Button(_("Записать и проверить"), id="try")
        yield Static(id="found")

    def on_mount(self) -> None:
        super().on_mount()
        self._show()
        self._found(dict(self.setup["reach"]["found"]))

    def on_radio_set_changed(self, event: RadioSet.Changed) -> None:
        self._show()

    def _show(self) -> None:
        way = WAYS[self.chosen("way")]
        for name in ("name", "port"):
            self.query_one(f"#field-{name}").display = way != "none"
        self.query_one("#field-server").display = way == "tunnel"
        self.query_one("#try").display = way != "none"
        self.query_one("#found").display = way != "none"
        inner = int(self.facts["outer"]["port"])
        notes = {
            "none": _("Магазин на чужом сервере заказы тогда не пришлёт, покупатель не заплатит."),
            "router": _(
                "На роутере направьте этот порт на порт %(inner)s этого компьютера, и только его."
            )
            % {"inner": inner},
            "tunnel": _("Файлы для сервера и шаги коробка запишет в свою папку tunnel."),
        }
        vpn = _("VPN заводят на роутере или отдельно: коробка остаётся внутри сети.")
        self.query_one("#note", Static).update(f"[$text-2]{notes[way]}\n{vpn}[/]")

    def _found(self, found: dict[str, str]) -> None:
        lines = [
            f"{mark(state)} {_(TRIALS[name, state])}"
            for name, state in found.items()
            if (name, state) in TRIALS
        ]
        if found.get("tls") == "ok":
            said = _("Покупатели не знают вашего центра: нужен общий сертификат, korobka tls adopt")
            lines.append(f"{mark('warn')} {said}")
        self.query_one("#found", Static).update("\n".join(lines))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self._try()

    @work(exclusive=True)
    async def _try(self) -> None:
        try:
            await self._put()
            said = _("Пробуем: до 20 секунд…")
            self.query_one("#found", Static).update(f"{mark('run')} {said}")
            found = await self.ask("/setup/try-reach")
        except HouseError as error:
            self.refuse(error)
            return
        self.calm()
        self.house.ran(_("Проверено."), "korobka setup try-reach")
        self._found(dict(found["found"]))

    async def _put(self) -> None:
        way = WAYS[self.chosen("way")]
        body: dict[str, object] = {"way": way, "vpn": self.query_one("#vpn", Checkbox).value}
        if way != "none":
            port = self.typed("port")
            if not port.isdecimal():
                raise HouseError("port_wrong", "", field="port")
            body |= {"name": self.typed("name"), "port": int(port), "server": self.typed("server")}
        await self.ask("/setup/reach", body)
        self.house.ran(_("Записано."), f"korobka setup set reach way={way}")

    async def go_on(self) -> bool:
        await self._put()
        return True
