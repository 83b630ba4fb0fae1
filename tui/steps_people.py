"""First run: who we are and who owns the box."""

from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.widgets import Static

from appliance.roles import NAMES
from tui.dialogs import told
from tui.first_step import Labelled, Step, choices
from tui.parts import cells_of, mark, plain
from tui.texts import N_, _

KINDS: Final = ("legal-entity", "enterpreneur")


class Company(Step):
    """Организация."""

    NAME, HEADING = "company", N_("Организация")
    ABOUT: ClassVar[str] = N_(
        "Чья это коробка? Название увидят сотрудники, реквизиты встанут в документы.\n"
        "Банк, логотип и печать добавите потом в браузере: Настройки, Организации."
    )

    def body(self) -> ComposeResult:
        known: dict[str, Any] = self.seen["company"]
        at = KINDS.index(known.get("contragent_type", KINDS[0]))
        yield choices("kind", (_("Организация"), _("Предприниматель")), at)
        for name, label, hint in (
            ("name", _("Название"), _("например: ООО «Башмачок»")),
            ("inn", _("ИНН"), _("10 цифр, у предпринимателя 12")),
            ("kpp", _("КПП"), _("9 цифр; у предпринимателя нет")),
            ("ogrn", _("ОГРН, ОГРНИП"), ""),
            ("address", _("Адрес"), ""),
            ("director", _("Кто подписывает"), _("фамилия И. О. директора")),
        ):
            yield Labelled(name, label, str(known.get(name, "")), hint=hint)

    async def go_on(self) -> bool:
        names = ("name", "inn", "kpp", "ogrn", "address", "director")
        body: dict[str, object] = {name: self.typed(name) for name in names}
        body["contragent_type"] = KINDS[self.chosen("kind")]
        answer = await self.ask("/setup/company", body)
        said = _("Записано.") if answer["changed"] else _("Ничего не изменилось.")
        self.house.ran(said, f"korobka setup set company inn={body['inn']} …")
        return True


class Owner(Step):
    """Владелец."""

    NAME, HEADING = "owner", N_("Владелец")
    ABOUT: ClassVar[str] = N_(
        "Администратор следит за коробкой и не видит клиентов. Владелец видит всё дело:\n"
        "заказы, деньги, людей. Это один человек? Введите имя для входа администратора:\n"
        "он получит обе роли. Другой? Придумайте ему имя для входа латиницей."
    )

    def body(self) -> ComposeResult:
        owner = str(self.setup.get("owner", ""))
        people = cells_of(self.seen["colleagues"])
        known = next((one for one in people if one["login"] == owner), {"name": ""})
        yield Labelled("login", _("Имя для входа"), owner, sample="olga")
        yield Labelled("name", _("Имя и фамилия"), str(known["name"]))
        yield Labelled("email", _("Почта"), hint=_("можно не указывать"))
        lines = [
            f"{mark('ok')} {plain(one['login']):<16}{plain(one['name'])}   "
            f"[$text-2]{plain(', '.join(NAMES.get(role, role) for role in one['roles']))}[/]"
            for one in people
        ]
        yield Static("\n".join([f"[b]{_('Уже могут войти:')}[/]", *lines]), classes="lead after")

    async def go_on(self) -> bool:
        body = {name: self.typed(name) for name in ("login", "name", "email")}
        answer = await self.ask("/setup/owner", body)
        command = f"korobka setup set owner login={body['login']} name=…"
        self.house.ran(_("Записано."), command)
        if answer["password"]:
            await self.house.push_screen_wait(
                told(
                    _("Пароль владельца"),
                    _(
                        "Имя для входа:      [b]%(login)s[/]\n"
                        "Одноразовый пароль: [b]%(password)s[/]\n\n"
                        "Перепишите его сейчас: больше он не покажется. При первом входе владелец\n"
                        "придумает свой. Потеряли? Новый даст раздел 2 «Люди и роли»: E/У."
                    )
                    % {"login": plain(body["login"]), "password": plain(str(answer["password"]))},
                )
            )
        return True
