"""First run: copies, the law on personal data, what to begin with, the plan of what is left."""

import asyncio
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Checkbox, RadioSet, Static

from appliance.domain import formats
from appliance.domain.protection import Category, Protection, level_of
from appliance.errors import HouseError
from tui import words
from tui.first_step import Labelled, Step, choices
from tui.parts import Tick, cells_of, mark, plain
from tui.texts import N_, _, language

CATEGORIES: Final = (Category.OTHER, Category.SPECIAL, Category.BIOMETRIC, Category.PUBLIC)
THREATS: Final = (3, 2, 1)
POLL_SECONDS: Final = 0.5

PLAN: Final = {
    "company": (N_("Реквизиты записаны"), N_("Записать реквизиты"), N_("шаг 1")),
    "owner": (N_("Владелец назван"), N_("Назвать владельца"), N_("шаг 2")),
    "ways_in": (
        N_("Открыть данные можно двумя способами"),
        N_("Завести второй способ открыть данные"),
        N_("шаг 3, потом раздел 4"),
    ),
    "code": (N_("Код с листка проверен"), N_("Проверить код с листка"), N_("шаги 4 и 5")),
    "proof": (N_("Код открыл настоящую копию"), N_("Открыть кодом копию"), N_("шаг 5")),
    "trust": (
        N_("Файлы доверия записаны: обойдите с ними компьютеры и телефоны"),
        N_("Записать файлы доверия для компьютеров и телефонов"),
        N_("шаг 6"),
    ),
    "reach": (
        N_("Доступ снаружи проверен"),
        N_("Проверить доступ снаружи"),
        N_("шаг 7: «Записать и проверить»"),
    ),
    "public_certificate": (
        N_("У внешней двери общий сертификат"),
        N_("Получить для внешней двери общий сертификат"),
        N_("у регистратора, затем korobka tls adopt --outer"),
    ),
    "off_box": (
        N_("Копии уходят на другой диск"),
        N_("Отправить копии на другой диск"),
        N_("шаг 8: сгорит коробка — сгорят и копии в ней"),
    ),
    "second_admin": (
        N_("Есть второй администратор"),
        N_("Завести второго администратора"),
        N_("раздел 2, N/Т: заболеет один — есть другой"),
    ),
    "factor": (
        N_("У администраторов включён второй шаг входа"),
        N_("Включить администраторам второй шаг входа"),
        N_("в браузере: Учётная запись, Второй шаг"),
    ),
    "mail": (
        N_("Почтовый сервер настроен"),
        N_("Настроить почтовый сервер"),
        N_("в браузере: Почта, Сервер. Туда придут и тревоги"),
    ),
    "officer": (
        N_("Ответственный за данные назначен"),
        N_("Назначить ответственного за данные"),
        N_("шаг 9"),
    ),
    "notified": (
        N_("Роскомнадзор уведомлён"),
        N_("Уведомить Роскомнадзор до начала работы с данными"),
        N_("pd.rkn.gov.ru, потом отметьте на шаге 9"),
    ),
    "colleagues": (
        N_("Сотрудники заведены"),
        N_("Завести сотрудников"),
        N_("раздел 2, N/Т: имя, роль, одноразовый пароль"),
    ),
}
"""Line of the plan → what is so when it is done, what is to be done, and where."""


class CopyTargets(Step):
    """Копии."""

    NAME, HEADING = "copies", N_("Копии")
    ABOUT: ClassVar[str] = N_(
        "Куда класть копии? Лучше на диск вне коробки: USB или сетевая папка. Копии\n"
        "зашифрованы, прочесть их может только код с листка. Каждую ночь коробка сама\n"
        "поднимает копию в стороне и сверяет."
    )

    def body(self) -> ComposeResult:
        targets = ", ".join(self.facts["targets"])
        yield Labelled("targets", _("Места, через запятую"), targets, sample="/mnt/usb-a/korobka")
        yield Labelled("secret", _("Секретный ключ S3"), hint=_("если есть S3"), secret=True)
        yield Labelled("minutes", _("Как часто, в минутах"), str(self.facts["every_minutes"]))
        yield Static(self._disks(), classes="lead after")
        note = _(
            "Не папка — так: usb:НОМЕР/папка, sftp://имя@узел/папка, s3://КЛЮЧ@узел/корзина.\n"
            "Пусто — копии лягут в папку коробки: сгорит диск, сгорят и они."
        )
        yield Static(f"[$text-2]{note}[/]")

    def _disks(self) -> str:
        found = cells_of(self.facts["disks"])
        if not found:
            return _("Других дисков не видно. Вставьте диск, подключите его и нажмите F5.")
        rows = [f"[b]{_('Видны диски:')}[/]"]
        for one in found:
            free = words.spaced(formats.size(int(one["free"]), language()))
            name = plain(str(one["id"] or one["device"]))
            rows.append(f"  {plain(one['path'])}   {_('свободно')} {free}   [$text-2]{name}[/]")
        return "\n".join(rows)

    async def go_on(self) -> bool:
        minutes = self.typed("minutes")
        if not minutes.isdecimal():
            raise HouseError("minutes_wrong", "", field="minutes")
        targets = [one.strip() for one in self.typed("targets").split(",") if one.strip()]
        body: dict[str, Any] = {"targets": targets, "every_minutes": int(minutes)}
        if secret := self.typed("secret"):
            body["secret"] = secret
        try:
            await self.ask("/setup/copies", body)
        except HouseError as error:
            if error.params.get("field") == "every_minutes":
                raise HouseError(error.code, "", field="minutes") from error
            raise
        command = f"korobka setup set copies targets={','.join(targets)} every_minutes={minutes}"
        command += " secret=@ФАЙЛ" if secret else ""
        self.house.ran(_("Записано."), command)
        return True


class Privacy(Step):
    """152-ФЗ."""

    NAME, HEADING = "privacy", N_("152-ФЗ")

    def body(self) -> ComposeResult:
        known: dict[str, Any] = self.setup["protection"]
        yield Static(f"[b]{_('Какие данные о людях здесь будут?')}[/]")
        kinds = (
            _("Обычные: имя, телефон, адрес, заказы"),
            _("Среди них здоровье, вера, взгляды (специальные)"),
            _("Отпечатки, лица для опознания (биометрия)"),
            _("Только общедоступные"),
        )
        yield choices("category", kinds, CATEGORIES.index(Category(known["category"])))
        yield Static(f"[b]{_('Какие угрозы названы в вашей модели угроз?')}[/]")
        kinds = (
            _("3 тип: без закладок в программах (так почти у всех)"),
            _("2 тип: закладки в прикладных программах"),
            _("1 тип: закладки в самой системе"),
        )
        yield choices("threats", kinds, THREATS.index(int(known["threats"])))
        with Horizontal(classes="ticks"):
            yield Tick(_("только о сотрудниках"), value=bool(known["staff_only"]), id="staff")
            yield Tick(_("больше 100 000 человек"), value=bool(known["many"]), id="many")
            yield Tick(_("РКН уведомлён"), value=bool(known["notified"]), id="notified")
        hint = _("имя для входа; можно позже")
        yield Labelled("officer", _("Ответственный"), str(known["officer"]), hint=hint)
        yield Static(id="level", classes="after")

    def on_mount(self) -> None:
        super().on_mount()
        self._level()

    def on_radio_set_changed(self, event: RadioSet.Changed) -> None:
        self._level()

    def on_checkbox_changed(self, event: Checkbox.Changed) -> None:
        self._level()

    def _answers(self) -> dict[str, Any]:
        ticks = {name: self.query_one(f"#{name}", Checkbox).value for name in TICKS}
        return {
            "threats": THREATS[self.chosen("threats")],
            "category": CATEGORIES[self.chosen("category")].value,
            "staff_only": ticks["staff"],
            "many": ticks["many"],
            "notified": ticks["notified"],
        }

    def _level(self) -> None:
        answers = self._answers()
        asked = Protection(
            threats=answers["threats"],
            category=Category(answers["category"]),
            staff_only=answers["staff_only"],
            many=answers["many"],
        )
        found = level_of(asked)
        said = _(
            "Уровень защищённости: УЗ-%(level)s. Постановление 1119, п. %(clause)s «%(letter)s»."
        )
        values = {"level": found.level, "clause": found.clause, "letter": found.letter}
        note = _("Коробка строится по мерам УЗ-3. Модель угроз и приказы — за вами.")
        self.query_one("#level", Static).update(f"[b]{said % values}[/]\n[$text-2]{note}[/]")

    async def go_on(self) -> bool:
        body = self._answers() | {"officer": self.typed("officer")}
        answer = await self.ask("/setup/privacy", body)
        said = _("Уровень: УЗ-%s.") % answer["level"]
        command = f"korobka setup set privacy category={body['category']} threats={body['threats']}"
        self.house.ran(said, command)
        return True


TICKS: Final = ("staff", "many", "notified")


class Beginning(Step):
    """С чего начать."""

    NAME, HEADING = "beginning", N_("С чего начать")
    ABOUT: ClassVar[str] = N_(
        "Пустая коробка готова к работе. Выдуманные клиенты и заказы нужны, чтобы\n"
        "осмотреться; разом убрать их нельзя, так что для дела заведите потом чистую."
    )

    def body(self) -> ComposeResult:
        options = (_("Пустая: работаем сразу"), _("С выдуманными данными: сначала осмотримся"))
        yield choices("sample", options, 1 if self.setup["sample"] else 0)
        text = "" if self.seen["empty"] else _("Клиенты здесь уже есть: выдуманных не добавить.")
        yield Static(f"[$text-2]{text}[/]")
        yield Static(id="filling")

    async def go_on(self) -> bool:
        sample = self.chosen("sample") == 1
        await self.ask("/setup/beginning", {"sample": sample})
        while sample and (seen := await self.ask("/setup/progress"))["running"]:
            said = _("Заводим: клиентов %(customers)s, заказов %(orders)s")
            values = {name: seen.get(name, 0) for name in ("customers", "orders")}
            self.query_one("#filling", Static).update(f"{mark('run')} {said % values}")
            await asyncio.sleep(POLL_SECONDS)
        if sample and (code := (await self.ask("/setup/progress"))["code"]):
            raise HouseError(str(code))
        word = "yes" if sample else "no"
        self.house.ran(_("Записано."), f"korobka setup set beginning sample={word}")
        return True


class Plan(Step):
    """План внедрения: what is done and what is left."""

    NAME, HEADING = "plan", N_("План внедрения")

    def body(self) -> ComposeResult:
        rows = cells_of(self.seen["plan"])
        left = sum(not row["done"] for row in rows)
        head = (
            _("Осталось дел: %(num)d. План виден и потом: раздел 1, W/Ц.") % {"num": left}
            if left
            else _("Всё сделано. Коробка готова к работе.")
        )
        lines = [f"[b]{head}[/]", ""]
        lines += [_line(row) for row in sorted(rows, key=lambda row: bool(row["done"]))]
        yield Static("\n".join(lines))

    def begin(self) -> None:
        """Arrows move the list, which is longer than a small window."""
        self.can_focus = True
        self.focus()

    async def go_on(self) -> bool:
        await self.ask("/setup/finish")
        self.house.ran(_("Первый запуск закончен."), "korobka setup finish")
        return True


def _line(row: dict[str, Any]) -> str:
    code = str(row["code"])
    done, todo, where = PLAN.get(code, (code, code, ""))
    if row["done"]:
        return f"{mark('ok')} {_(done)}"
    return f"{mark('warn')} {_(todo)}\n     [$text-2]{_(where)}[/]"
