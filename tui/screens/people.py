"""Люди и роли: who works here, what they may do, and a role's rights as a matrix."""

import shlex
from typing import Any, ClassVar, Final

from textual import work
from textual.binding import Binding

from tui import rights
from tui.box import Answer, Deed
from tui.dialogs import Dialog, Field, Pick, Question, Reply, told
from tui.keys import function_key, key
from tui.leaving import Leaving
from tui.parts import Page, Row, cells_of, mark, plain
from tui.texts import N_, _, ngettext

Person = dict[str, Any]
PEOPLE, ROLE = "people", "role"
_HEADS: Final = {
    PEOPLE: ((N_("Имя"), 19), (N_("Роль"), 15), (N_("Второй шаг"), 12), (N_("Отдел"), 8)),
    ROLE: ((N_("Что можно"), 32), (N_("Чьё"), 8), (N_("Поля"), 14)),
}


class People(Leaving):
    """M turns people into the rights of a role and back; Space turns a right."""

    NAME, HEADING, SHORT = "people", N_("Люди и роли"), N_("Люди и роли")
    COLUMNS = _HEADS[PEOPLE]
    BINDINGS: ClassVar = [
        key("m", "turn('role')", N_("Роли")),
        key("m", "turn('people')", N_("Люди")),
        key("n", "hire", N_("Новый")),
        key("e", "deeds", N_("Действия")),
        key("u", "dismiss", N_("Увольнение")),
        key("y", "eyes", N_("Его глазами")),
        Binding("space", "scope", N_("Право"), key_display=N_("Пробел")),
        key("v", "field", N_("Поля")),
        Binding("right_square_bracket,ъ,Ъ", "role", N_("Другая роль"), key_display="]/Ъ"),
        key("s", "save", N_("Записать")),
        key("f", "find", N_("Найти")),
        function_key(6, "undo", N_("Вернуть")),
    ]

    HOME = PEOPLE
    view = PEOPLE
    wanted = ""
    at = 0

    def on_mount(self) -> None:
        self.roles: list[dict[str, Any]] = []
        self.people: list[Person] = []
        self.departments: dict[str, str] = {}
        self.changed: rights.Grants = {}

    async def fetch(self) -> Page:
        self.roles = cells_of((await self.house.box.ask("/roles/list"))["roles"])
        if self.view == ROLE:
            return self._role_page()
        found = cells_of((await self.house.box.ask("/departments/list"))["departments"])
        self.departments = {str(one["id"]): str(one["name"]) for one in found}
        self.people = cells_of((await self.house.box.ask("/users/list"))["users"])
        return self._people_page(self.people)

    def _people_page(self, people: list[Person]) -> Page:
        rows = [self._person(one) for one in people]
        rows = [row for row in rows if self._fits(f"{' '.join(row.cells)} {row.key}")]
        rows.sort(key=lambda row: ("warn", "ok", "off").index(row.mark))
        working = sum(bool(one["active"]) for one in people)
        bare = sum(bool(one["active"]) and not one["factor"] for one in people)
        said = ngettext("Работает %(num)d человек.", "Работают %(num)d человек.", working)
        verdict = said % {"num": working}
        if bare:
            verdict += " " + _("Без второго шага входа: %(num)d.") % {"num": bare}
        return Page("warn" if bare else "ok", verdict, rows, self._asked())

    def _person(self, one: Person) -> Row:
        names = {str(role["code"]): str(role["name"]) for role in self.roles}
        roles = ", ".join(names.get(str(code), str(code)) for code in one["roles"])
        department = self.departments.get(str(one["department"]), "")
        lines = [f"{plain(str(one['name']))}: {_('входит как')} {plain(str(one['login']))}"]
        if not one["active"]:
            state, step = "off", "-"
            lines.append(_("Вход закрыт. Имя остаётся на том, что сделано. Вернуть: E/У."))
        elif one["factor"]:
            state, step = "ok", _("коды")
        else:
            state, step = "warn", _("нет")
            lines = [
                f"[b]{_('Чем грозит:')}[/] {_('узнав пароль, войдёт чужой.')}",
                f"[b]{_('Что делать:')}[/] "
                + _("попросите включить одноразовые коды: в браузере, Учётная запись, Второй шаг."),
            ]
        if one["must_change_password"]:
            lines.append(_("Ждёт первого входа с одноразовым паролем."))
        cells = (str(one["name"]), roles, step, department)
        return Row(state, cells, "\n".join(lines), str(one["login"]), one)

    def _role_page(self) -> Page:
        role = self.roles[self.at % len(self.roles)]
        grants: rights.Grants = {**role["grants"], **self.changed}
        rows = [self._right(grants, name) for name in rights.PERMISSIONS]
        rows = [row for row in rows if self._fits(row.cells[0])]
        place = {"n": self.at % len(self.roles) + 1, "of": len(self.roles)}
        verdict = _("Роль: %(name)s") % {"name": plain(str(role["name"]))}
        verdict += f"   [$text-2]{_('%(n)d из %(of)d') % place}[/]"
        if self.changed:
            said = ngettext("Изменено прав: %(num)d.", "Изменено прав: %(num)d.", len(self.changed))
            words = said % {"num": len(self.changed)}
            return Page("warn", verdict, rows, f"{words} {_('Записать: S/Ы, вернуть: F6.')}")
        return Page("ok", verdict, rows, self._asked())

    def _right(self, grants: rights.Grants, name: str) -> Row:
        scope = rights.scope_of(grants, name)
        fields = rights.fields_of(grants, name)
        star = "*" if name in self.changed else ""
        shown: dict[str, str] = grants.get(name, {}).get("fields") or {}
        cells = (
            rights.permission(name),
            _(rights.SCOPES[scope]) + star,
            _("полей: %(num)d") % {"num": len(shown)} if shown else "",
        )
        about = _("свои: записанные на него   отдел: на его отдел   все: любые")
        if fields:
            about += "\n" + fields
        elif scope != "none":
            about += "\n" + _("Личных полей это право не показывает. Дать: V/М.")
        return Row("ok" if scope != "none" else "off", cells, about, name)

    def _fits(self, text: str) -> bool:
        return all(one in text.casefold() for one in self.wanted.casefold().split())

    def _asked(self) -> str:
        if not self.wanted:
            return ""
        asked = _("Найдено по словам «%(words)s». Показать всё: F/А и пустая строка.")
        return asked % {"words": plain(self.wanted)}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "turn":
            return parameters != (self.view,)
        if action in {"hire", "deeds", "dismiss", "eyes"}:
            return self.view == PEOPLE
        if action in {"scope", "field", "role"}:
            return self.view == ROLE
        if action in {"save", "undo"}:
            return self.view == ROLE and bool(getattr(self, "changed", None))
        return True

    # --- people ---

    @work(exclusive=True, group="act")
    async def action_find(self) -> None:
        """Leave what holds the words that are typed."""
        field = Field("words", _("Слова"), self.wanted, _("имя, роль или право"))
        buttons = {"find": _("Найти"), "no": _("Закрыть (Esc)")}
        question = Question(_("Найти"), fields=(field,), buttons=buttons)
        reply = await self.house.push_screen_wait(Dialog(question))
        if reply.button == "find":
            self.wanted = reply.typed["words"].strip()
            await self.reload()

    @work(exclusive=True, group="act")
    async def action_hire(self) -> None:
        """Take a colleague on: login, name, role; the one-time password is shown once."""
        fields = (
            Field("login", _("Имя для входа"), hint=_("латиницей, например: petrov")),
            Field("name", _("Имя и фамилия")),
        )
        buttons = {"next": _("Дальше: роль"), "no": _("Не заводить (Esc)")}

        async def deed_of(reply: Reply) -> Deed | str:
            login, name = (reply.typed[field.name].strip() for field in fields)
            if not login or not name:
                return _("Нужны и имя для входа, и имя с фамилией.")
            role = await self.house.push_screen_wait(Pick(_("Роль"), self._role_choices()))
            if not role:
                return _("Без роли человеку нечего здесь делать: выберите её.")
            command = f"korobka user add {login} --role {role}"
            body = {"new_login": login, "name": name, "roles": [role]}
            return Deed("/users/add", command, _("Сотрудник заведён."), body)

        question = Question(_("Новый сотрудник"), fields=fields, buttons=buttons)
        await self._show_password(await self.act_asking(question, deed_of))

    def _role_choices(self) -> list[tuple[str, str]]:
        return [(str(one["code"]), str(one["name"])) for one in self.roles]

    async def _show_password(self, made: Answer | None) -> None:
        if made is None:
            return
        text = _(
            "Имя для входа: %(login)s\nОдноразовый пароль: %(password)s\n\n"
            "Продиктуйте или запишите: больше его не увидит никто. При первом входе\n"
            "сотрудник придумает свой, и этот перестанет действовать."
        )
        known = {
            "login": f"[b]{plain(str(made['login']))}[/]",
            "password": f"[b]{plain(str(made['password']))}[/]",
        }
        await self.house.push_screen_wait(told(_("Пароль показан один раз"), text % known))

    @work(exclusive=True, group="act")
    async def action_deeds(self) -> None:
        """Offer what can be done with the person under the cursor."""
        if not (row := self.current):
            return
        choices = [("link", _("Выдать ссылку: сам задаст пароль"))] if row.data["active"] else []
        choices.append(("password", _("Выдать одноразовый пароль")))
        if row.data["factor"]:
            choices.append(("factor", _("Снять второй шаг входа: потерян телефон")))
        choices += [
            ("sessions", _("Завершить все сеансы")),
            ("role", _("Сменить роль")),
            ("department", _("Сменить отдел")),
            ("disable", _("Закрыть вход"))
            if row.data["active"]
            else ("enable", _("Снова открыть вход")),
            ("report", _("Отчёт: что открывал и выгружал")),
        ]
        caption = _("Действия: %(name)s") % {"name": plain(str(row.data["name"]))}
        chosen = await self.house.push_screen_wait(Pick(caption, choices))
        if chosen:
            await self._do(chosen, row.key, row.data)

    async def _do(self, chosen: str, login: str, person: Person) -> None:
        simple = {
            "factor": ("drop-factor", _("Второй шаг снят: войдёт с паролем и включит заново.")),
            "sessions": ("end-sessions", _("Сеансы завершены: войдёт заново.")),
            "enable": ("enable", _("Вход открыт, пароль прежний.")),
            "disable": ("disable", _("Вход закрыт, сеансы завершены. Вернуть можно здесь же.")),
        }
        if chosen == "password":
            command = f"korobka user reset-password {login}"
            said = _("Одноразовый пароль выдан, сеансы завершены.")
            deed = Deed("/users/reset-password", command, said, {"of": login})
            await self._show_password(await self.act(deed))
        elif chosen == "link":
            await self.link(login)
        elif chosen == "report":
            await self.report(login)
        elif chosen == "role":
            await self._change_role(login, [str(one) for one in person["roles"]])
        elif chosen == "department":
            await self._change_department(login)
        else:
            verb, said = simple[chosen]
            await self.act(
                Deed(f"/users/{verb}", f"korobka user {verb} {login}", said, {"of": login})
            )

    async def _change_role(self, login: str, seen: list[str]) -> None:
        current = seen[0] if seen else ""
        role = await self.house.push_screen_wait(Pick(_("Роль"), self._role_choices(), current))
        if role:
            said = _("Роль сменена, сеансы завершены.")
            command = f"korobka user set-roles {login} --role {role}"
            body = {"of": login, "roles": [role], "seen": seen}
            await self.act(Deed("/users/set-roles", command, said, body))

    async def _change_department(self, login: str) -> None:
        found = cells_of((await self.house.box.ask("/departments/list"))["departments"])
        choices = [(str(one["code"]), str(one["name"])) for one in found]
        choices += [("-", _("без отдела")), ("+", _("Новый отдел…"))]
        chosen = await self.house.push_screen_wait(Pick(_("Отдел"), choices))
        if chosen == "+":
            chosen = await self._new_department()
        if chosen:
            code = "" if chosen == "-" else chosen
            command = f"korobka user set-department {login} '{code}'"
            body = {"of": login, "department": code}
            await self.act(Deed("/users/set-department", command, _("Отдел сменён."), body))

    async def _new_department(self) -> str:
        fields = (Field("code", _("Код"), hint=_("латиницей: sales")), Field("name", _("Название")))
        buttons = {"add": _("Завести"), "no": _("Не заводить (Esc)")}
        code = ""

        async def deed_of(reply: Reply) -> Deed:
            nonlocal code
            code, name = (reply.typed[field.name].strip() for field in fields)
            command = f"korobka department add {code} {shlex.quote(name)}"
            body = {"code": code, "name": name}
            return Deed("/departments/add", command, _("Отдел заведён."), body)

        question = Question(_("Новый отдел"), fields=fields, buttons=buttons)
        return code if await self.act_asking(question, deed_of) is not None else ""

    @work(exclusive=True, group="act")
    async def action_dismiss(self) -> None:
        """Let the person under the cursor go, after a question that asks for the login."""
        if (row := self.current) and row.data["active"]:
            await self.dismissed(row, self.people)

    @work(exclusive=True, group="act")
    async def action_eyes(self) -> None:
        """Show what the person under the cursor may do with all his roles together."""
        if not (row := self.current):
            return
        answer = await self._tried(lambda: self.house.box.ask("/users/eyes", {"of": row.key}))
        if answer is None:
            return
        grants: rights.Grants = answer["grants"]
        lines = [
            f"{rights.permission(name):<32} {_(rights.SCOPES[rights.scope_of(grants, name)])}"
            for name in rights.PERMISSIONS
            if rights.scope_of(grants, name) != "none"
        ]
        seen = rights.fields_of(grants, "customer.view") or _("личных данных клиентов не видит")
        head = f"{mark('ok')} {_('Клиенты')}: {seen}"
        caption = _("Глазами сотрудника: %(name)s") % {"name": plain(str(row.data["name"]))}
        self.house.ran(_("Показано, что ему можно."), f"korobka user eyes {row.key}")
        await self.house.push_screen_wait(told(caption, "\n".join([head, "", *lines])))

    # --- a role ---

    @work(exclusive=True, group="act")
    async def action_turn(self, view: str) -> None:
        """Turn people into a role's rights, or back; what is not saved is asked about."""
        if self.changed:
            self.house.hint(_("Сначала запишите (S/Ы) или верните (F6) изменённое."))
            return
        self.view = view
        self.wanted, self.changed = "", {}
        self.lines.head(_HEADS[self.view])
        await self.reload()

    @work(exclusive=True, group="act")
    async def action_role(self) -> None:
        """Show the next role; what is not saved is asked about."""
        if self.changed:
            self.house.hint(_("Сначала запишите (S/Ы) или верните (F6) изменённое."))
            return
        self.at += 1
        await self.reload()

    def action_undo(self) -> None:
        """Forget what is not saved."""
        self.changed = {}
        self.show(self._role_page())

    def action_scope(self) -> None:
        """Turn how far the right under the cursor reaches."""
        if row := self.current:
            grant = self._grant(row.key)
            grant["scope"] = rights.next_scope(str(grant["scope"]))
            self._keep(row.key, grant)

    @work(exclusive=True, group="act")
    async def action_field(self) -> None:
        """Choose a field of the right under the cursor and turn how it is shown."""
        if not (row := self.current):
            return
        grant = self._grant(row.key)
        fields: dict[str, str] = dict(grant["fields"])
        choices = [
            (name, f"{_(words):<16} {_(rights.ACCESSES[fields.get(name, 'hidden')])}")
            for name, words in rights.FIELDS.items()
        ]
        chosen = await self.house.push_screen_wait(Pick(rights.permission(row.key), choices))
        if chosen:
            fields[chosen] = rights.next_access(fields.get(chosen, "hidden"))
            grant["fields"] = {name: one for name, one in fields.items() if one != "hidden"}
            self._keep(row.key, grant)

    def _grant(self, name: str) -> dict[str, Any]:
        grants = {**self.roles[self.at % len(self.roles)]["grants"], **self.changed}
        found = grants.get(name, {})
        return {"scope": found.get("scope", "none"), "fields": dict(found.get("fields") or {})}

    def _keep(self, name: str, grant: dict[str, Any]) -> None:
        role = self.roles[self.at % len(self.roles)]["grants"].get(name, {})
        before = {"scope": role.get("scope", "none"), "fields": dict(role.get("fields") or {})}
        self.changed = {one: of for one, of in self.changed.items() if one != name}
        if grant != before:
            self.changed[name] = grant
        self.show(self._role_page())

    @work(exclusive=True, group="act")
    async def action_save(self) -> None:
        """Send the role with what was changed, after a question."""
        role = self.roles[self.at % len(self.roles)]
        grants = {
            name: grant
            for name, grant in {**role["grants"], **self.changed}.items()
            if grant["scope"] != "none"
        }
        lines = [
            f"{rights.permission(name):<32} {_(rights.SCOPES[str(grant['scope'])])}"
            for name, grant in self.changed.items()
        ]
        text = _("Сеансы тех, у кого эта роль, завершатся: войдут заново с новыми правами.")
        caption = _("Записать роль «%(name)s»?") % {"name": plain(str(role["name"]))}
        question = Question(
            caption,
            "\n".join([*lines, "", text]),
            buttons={"yes": _("Записать"), "no": _("Не записывать (Esc)")},
            safe="no",
        )
        if (await self.house.push_screen_wait(Dialog(question))).button != "yes":
            return
        seen = role["grants"]
        body = {"code": role["code"], "name": role["name"], "grants": grants, "seen": seen}
        sent = self.changed
        self.changed = {}
        command = f"korobka role edit {role['code']} ROLE.json"
        if await self.act(Deed("/roles/edit", command, _("Роль записана."), body)) is None:
            self.changed = sent
            await self.reload()  # as it stands now, under what is not written yet
