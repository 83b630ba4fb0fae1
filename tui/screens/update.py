"""Обновление: a file, what it is, a trial, the update step by step, and the way back."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import work

from appliance.domain import formats
from appliance.errors import HouseError
from tui import app as frame
from tui import moving, words
from tui.dialogs import Dialog, Field, Question
from tui.installed import Standing
from tui.keys import key
from tui.parts import Page, Row, plain
from tui.section import Section
from tui.texts import N_, _, filled, language, sentence
from updates.journal import RETURN, STEPS, Note, Past

POLL_SECONDS: Final = 1.0
SHOWN_PAST: Final = 8
NAMES: Final[Mapping[str, str]] = {
    "unpack": N_("Проверка и распаковка"),
    "trial": N_("Примерка на копии данных"),
    "backup": N_("Копия перед обновлением"),
    "stop": N_("Остановка коробки"),
    "keep": N_("Прежние базы отложены"),
    "migrate": N_("Перевод данных"),
    "test": N_("Проверка данных"),
    "switch": N_("Переключение"),
    "start": N_("Запуск и проверка"),
    "finish": N_("Уборка"),
    RETURN: N_("Возврат как было"),
}
ABOUT: Final[Mapping[str, str]] = {
    "unpack": N_("Подпись сверена, программа кладётся рядом с нынешней. Коробка работает."),
    "trial": N_("Новая версия переводит копию данных и открывает её. Коробка работает."),
    "backup": N_("Обычная копия, прочитанная обратно. Закрытая коробка её сделать не может."),
    "stop": N_("С этого места сотрудники ждут."),
    "keep": N_("Базы как они есть: к ним вернётся всё, если дальше что-то не выйдет."),
    "migrate": N_("Тот же перевод, что прошёл на копии."),
    "test": N_("База, ключи и журнал целы."),
    "switch": N_("Одно переименование: работает либо прежняя версия, либо новая."),
    "start": N_("Не ответит или не откроется — вернётся прежняя версия и её данные."),
    "finish": N_("Прежняя программа остаётся: к ней можно вернуться."),
    RETURN: N_("Данные и программа возвращаются, какими были."),
}


class Update(Section):
    """Reads the note of the update; the work is the command's, in a session of its own."""

    NAME, HEADING, SHORT = "update", N_("Обновление"), N_("Обновление")
    COLUMNS = ((N_("Шаг"), 29), (N_("Итог"), 25))
    BINDINGS: ClassVar = [
        key("o", "choose", N_("Выбрать файл")),
        key("t", "trial", N_("Примерить")),
        key("e", "install", N_("Установить")),
        key("b", "back", N_("Прежняя версия")),
        key("r", "recover", N_("Довести до конца")),
        key("p", "move", N_("На PostgreSQL")),
    ]

    def __init__(self, **other: Any) -> None:
        super().__init__(**other)
        self.file = ""
        self.found: Mapping[str, Any] = {}
        self.seen: Standing | None = None
        self.is_begun = self.is_moving = False

    def on_mount(self) -> None:
        self.set_interval(POLL_SECONDS, self._poll)

    async def fetch(self) -> Page:
        self.seen = seen = self.house.installed.look()
        if seen is None:
            said = _("Программа запущена из исходников: обновляет её тот, кто их держит.")
            return Page("off", said)
        if seen.note is not None:
            return _under_way(seen.note, alive=seen.is_alive)
        if self.is_moving:
            return moving.page(self.house.installed.moving())
        if self.found:
            return _plan(seen, self.found, self.file)
        return _at_rest(seen, words.Clock(frame.now(), self.house.zone))

    async def reload(self) -> None:
        """Without waiting for the box: it may be down just because it is being updated."""
        self._look_after()
        page = await self.fetch()
        if self.is_mounted:
            self.show(page)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        seen = self.seen
        if action not in {"choose", "trial", "install", "back", "recover", "move"}:
            return True
        if seen is None or self.is_moving:
            return False
        if seen.note is not None:
            return action == "recover" and not seen.is_alive
        if action in {"trial", "install"}:
            return bool(self.found) and not self.is_begun
        if action == "back":
            return bool(seen.past) and seen.past[0].result == "done"
        # A move is not offered to somebody who is about to update.
        return not self.is_begun and (action == "choose" or (action == "move" and not self.found))

    @work(exclusive=True, group="poll")
    async def _poll(self) -> None:
        """See how far it is, while it runs and the section is in front."""
        if self.house.working.section is not type(self):
            return
        if self.is_begun or (self.seen is not None and self.seen.note is not None):
            await self.reload()

    def _look_after(self) -> None:
        """Say how what was begun here has ended."""
        ended = self.house.installed.ended() if self.is_begun else False
        if isinstance(ended, HouseError):
            self.house.hint(self.house.words(ended))
        elif ended and self.is_moving:
            self.house.hint(_("Коробка переехала на PostgreSQL и работает там."))
        if ended:
            self.is_begun, self.is_moving, self.found = False, False, {}

    @work(exclusive=True, group="act")
    async def action_choose(self) -> None:
        """Ask for the file and look at it."""
        text = _("Файл korobka-….kup, скачанный целиком: на диске коробки или на флешке.")
        fields = (Field("file", _("Путь к файлу"), self.file, "/media/usb/korobka-….kup"),)
        buttons = {"look": _("Проверить"), "leave": _("Не выбирать (Esc)")}
        asked = Question(_("Какой файл поставить?"), text, fields, buttons)
        reply = await self.house.push_screen_wait(Dialog(asked))
        if reply.button != "look":
            return
        self.file = _named(reply.typed["file"])
        try:
            self.found = await self.house.installed.check(self.file)
        except HouseError as error:
            self.found = {}
            self.house.hint(self.house.words(error))
        else:
            self.house.ran(_("Файл цел, подпись верна."), f"korobka update check {self.file}")
        await self.reload()

    @work(exclusive=True, group="act")
    async def action_trial(self) -> None:
        """Try it on a copy of the data."""
        self._begin(_("Примерка началась, коробка работает."), "try", self.file)
        await self.reload()

    @work(exclusive=True, group="act")
    async def action_install(self) -> None:
        """Ask once more, then begin."""
        version = str(self.found["version"])
        text = _(
            "Коробка сделает копию, остановится меньше чем на минуту и заработает новой.\n"
            "Не выйдет — сама вернёт прежнюю версию и данные. Консоль можно закрыть."
        )
        buttons = {"yes": _("Обновить"), "no": _("Не делать (Esc)")}
        caption = _("Поставить версию %(version)s?") % {"version": plain(version)}
        reply = await self.house.push_screen_wait(
            Dialog(Question(caption, text, buttons=buttons, safe="no"))
        )
        if reply.button == "yes":
            self._begin(_("Обновление началось."), "install", self.file)
            await self.reload()

    @work(exclusive=True, group="act")
    async def action_back(self) -> None:
        """Back to the former release, if it knows the data as they are."""
        if self.seen is None or not self.seen.past:
            return
        text = _("Сделанное людьми остаётся. Не знает прежняя версия нынешних данных — откажется.")
        caption = _("Вернуть версию %(version)s?") % {"version": plain(self.seen.past[0].was)}
        buttons = {"yes": _("Вернуть"), "no": _("Не делать (Esc)")}
        reply = await self.house.push_screen_wait(
            Dialog(Question(caption, text, buttons=buttons, safe="no"))
        )
        if reply.button == "yes":
            self._begin(_("Возврат начался."), "return")
            await self.reload()

    @work(exclusive=True, group="act")
    async def action_recover(self) -> None:
        """Lead to an end what was cut off."""
        self._begin(_("Доводим до конца."), "recover")
        await self.reload()

    @work(exclusive=True, group="act")
    async def action_move(self) -> None:
        """Ask where to, look at the server, ask once more, begin."""
        if self.seen is not None and not self.seen.may_act:
            self._is_roots("korobka move --to postgresql://… --restart")
            return
        reply = await self.house.push_screen_wait(Dialog(moving.address()))
        if reply.button != "look" or not reply.typed["url"].strip():
            return
        url = moving.full(reply.typed["url"], reply.typed["password"])
        try:
            found = await self.house.installed.can_take(url)
        except HouseError as error:
            self.house.hint(self.house.words(error))
            return
        self.house.ran(_("Сервер подходит."), moving.command(url, "--check"))
        sure = await self.house.push_screen_wait(Dialog(moving.sure(url, found)))
        if sure.button != "yes":
            return
        self.house.installed.begin_move(url)
        self.is_begun = self.is_moving = True
        self.house.ran(_("Переезд начался."), moving.command(url, "--restart"))
        await self.reload()

    def _is_roots(self, command: str) -> None:
        said = _("Программу меняет только root: sudo %(command)s")
        self.house.hint(said % {"command": plain(command)})

    def _begin(self, told: str, *what: str) -> None:
        command = " ".join(("korobka update", *what)).replace("update install", "update")
        if self.seen is not None and not self.seen.may_act:
            self._is_roots(command)
            return
        self.house.installed.begin(*what)
        self.is_begun = True
        self.house.ran(told, command)


def _name(step: str) -> str:
    return filled(NAMES.get(step, step), {})


def _about(step: str) -> str:
    return filled(ABOUT[step], {})


def _named(typed: str) -> str:
    """A path as it is meant: `~` is a home here too."""
    return str(Path(typed.strip()).expanduser())


def _under_way(note: Note, *, alive: bool) -> Page:
    rows = [_step(note, name, alive=alive) for name in _steps(note)]
    turn = {"old": plain(note.was), "new": plain(note.version)}
    if not alive:
        said = _("Обновление с %(old)s на %(new)s оборвалось. Довести: R/К.")
        return Page("bad", said % turn, rows)
    if note.step == RETURN:
        return Page("run", _("Не вышло: возвращаем %(old)s и её данные.") % turn, rows)
    at = {**turn, "at": STEPS.index(note.step) + 1, "of": len(_steps(note))}
    trial = _("Примеряем %(new)s: шаг %(at)s из %(of)s. Коробка работает.")
    said = trial if note.is_trial else _("Обновление с %(old)s на %(new)s: шаг %(at)s из %(of)s.")
    return Page("run", said % at, rows, _("Консоль можно закрыть: работа идёт сама."))


def _steps(note: Note) -> Sequence[str]:
    known = STEPS[:2] if note.is_trial else STEPS
    return [*known, RETURN] if note.step == RETURN else known


def _step(note: Note, name: str, *, alive: bool) -> Row:
    state, end = "off", ""
    if name == note.step:
        state, end = ("run", _("идёт")) if alive else ("bad", _("оборвалось"))
    elif name in note.took:
        state, end = "ok", _("%(seconds)s с") % {"seconds": _seconds(note.took[name])}
    elif name == note.failed:
        state, end = "bad", _("не вышло")
    return Row(state, (_name(name), end), _about(name), name)


def _plan(seen: Standing, found: Mapping[str, Any], file: str) -> Page:
    version = plain(str(found["version"]))
    size = words.spaced(formats.size(int(found["size"]), language()))
    tried = next((one for one in seen.past if one.version == found["version"]), None)
    well = tried is not None and tried.result == "tried"
    came = plain(Path(file).name)
    news = plain(str(found.get("news", "")))
    back = _("иначе вернётся %(version)s") % {"version": plain(seen.version)}
    rows = [
        Row("ok", (_("Подпись файла"), _("настоящая")), f"{came}, {size}", "file"),
        Row("ok", (_("Версия и система"), _("подходят")), _("Интернет не нужен."), "fits"),
        Row("ok" if well else "off",
            (_name("trial"), _("прошла") if well else _("сделаем первой")),
            _about("trial"), "trial"),
        Row("off", (_name("backup"), _("сделаем")), _about("backup"), "backup"),
        Row("off", (_name("switch"), _("меньше минуты")), _about("switch"), "switch"),
        Row("off", (_("Проверка после"), back), _about("start"), "start"),
    ]  # fmt: skip
    if news:
        rows.append(Row("off", (_("Что нового"), _("есть")), news[:400], "news"))
    said = _("Стоит %(old)s. Проверен файл версии %(new)s, можно ставить.")
    return Page("ok", said % {"old": plain(seen.version), "new": version}, rows)


def _at_rest(seen: Standing, clock: words.Clock) -> Page:
    rows = [_past(one, clock, n) for n, one in enumerate(seen.past[:SHOWN_PAST])]
    version = {"version": plain(seen.version)}
    last = seen.past[0] if seen.past else None
    if last is not None and last.result == "returned":
        said = _("Стоит %(version)s: последнее обновление не вышло, всё как было.")
        return Page("warn", said % version, rows)
    return Page("ok", _("Стоит %(version)s. Новая версия — один файл: O/Щ.") % version, rows)


def _past(one: Past, clock: words.Clock, number: int) -> Row:
    ends = {"done": _("поставлена"), "tried": _("примерена"), "returned": _("не вышло")}
    states = {"done": "ok", "tried": "ok", "returned": "bad"}
    spent = _("%(seconds)s с") % {"seconds": _seconds(sum(one.took.values()))}
    turn = {"old": plain(one.was), "new": plain(one.version), "spent": spent}
    lines = [_("С %(old)s на %(new)s, %(spent)s.") % turn]
    if one.copy:
        lines.append(_("Копия перед обновлением: %(stamp)s.") % {"stamp": one.copy})
    if one.failed:
        step = {"step": _name(one.failed)}
        lines.append(_("Шаг: %(step)s.") % step)
    if one.code:
        lines.append(plain(sentence(one.code, one.params)))
    when = clock.short(one.ended)
    name = f"{plain(one.version)}, {when}"
    end = ends.get(one.result, one.result)
    return Row(states.get(one.result, "off"), (name, end), "\n".join(lines), str(number), one)


def _seconds(value: float) -> str:
    return str(round(value)) if value >= 1 else "<1"
