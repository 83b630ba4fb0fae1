"""F1: what this place is for, keys, marks, words; searched while one types. F3: the commands."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.dialogs import Dialog, told
from tui.parts import Entry
from tui.texts import N_, _

HERE: Final = {
    "health": N_(
        "Худшее сверху. E/У исправляет строку под курсором; под списком — чем грозит и что делать."
    ),
    "people": N_("Кто работает и что ему можно. M/Ь — роли, Y/Н — глазами сотрудника."),
    "backups": N_("Верьте слову «доказана»: из этой копии данные уже поднимали."),
    "keys": N_("Чем открываются личные данные. Способов всегда не меньше двух."),
    "plugins": N_("Плагин видит только то, что вы разрешили: Y/Н. N/Т — поставить из файла."),
    "audit": N_("Кто что сделал. F/А — условия, V/М — проверить, G/П — отпечатки вне коробки."),
    "subjects": N_("Запросы людей о своих данных и сроки по закону."),
    "setup": N_("Ответы хранит коробка: уйти можно на любом шаге (F9) и вернуться."),
    "update": N_("Не получится — прежняя версия вернётся сама."),
}

TOPICS: Final = (
    (N_("1-8"), N_("раздел")),
    (N_("F1, ?"), N_("эта помощь; начните печатать — останется подходящее")),
    (N_("F2"), N_("список разделов: стрелки и Enter")),
    (N_("F3"), N_("команды сеанса: то же можно набрать в терминале")),
    (N_("F5"), N_("обновить; сама консоль спрашивает коробку каждые 15 с")),
    (N_("F10, Ctrl+Q"), N_("выход; работы идут дальше в коробке")),
    (N_("F7, F8, F9"), N_("первый запуск: назад, дальше, продолжить потом")),
    (N_("Tab"), N_("дальше по полям")),
    (N_("Esc"), N_("назад, ничего не меняя")),
    (N_("буквы"), N_("работают в обеих раскладках: N/Т — одна клавиша")),
    (N_("знаки"), N_("ок хорошо   !  сегодня   !! сейчас   .. идёт   - не нужно")),
    (N_("записана"), N_("файл копии есть, и только")),
    (N_("сверена"), N_("прочитана обратно, все байты совпали")),
    (N_("доказана"), N_("данные из неё подняли отдельно, открыли и сравнили")),
    (N_("заверить"), N_("отдать отпечаток журнала туда, где его не подменят")),
    (
        N_("закрыть данные"),
        N_("забыть ключи: раздел 4, Z/Я; сотрудники подождут, пока не откроете"),
    ),
    (N_("открыть данные"), N_("после включения: раздел 1, E/У, фраза или код с листка")),
    (N_("не отправлено"), N_("раздел 1, O/Щ: отправить снова или убрать из очереди")),
    (N_("сбой задания"), N_("раздел 1, J/О: причина и запуск ещё раз")),
    (N_("забыл пароль"), N_("раздел 2, E/У: одноразовый пароль, показывается один раз")),
    (N_("потерял телефон"), N_("раздел 2, E/У: снять второй шаг входа")),
    (N_("увольнение"), N_("раздел 2, U/Г: закрыть вход, завершить сеансы")),
    (N_("новый сотрудник"), N_("раздел 2, N/Т: имя, роль; пароль показывается один раз")),
    (
        N_("забыли фразу"),
        N_("данные откроет код с листка; потом заведите новую фразу: раздел 4, N/Т"),
    ),
    (N_("новый листок"), N_("раздел 4, P/З: новый код восстановления, набрать с бумаги")),
    (N_("украли ключи"), N_("раздел 4, R/К: новый ключ каждому человеку; все работают")),
    (N_("первый запуск"), N_("раздел 1, W/Ц: мастер и план того, что осталось")),
    (
        N_("уничтожить данные"),
        N_("раздел 7, N/Т: запрос; двое утверждают Y/Н; после паузы акт появится сам"),
    ),
    (N_("проверить журнал"), N_("раздел 6, V/М; работа идёт в коробке, консоль можно закрыть")),
    (N_("найти запись"), N_("раздел 6, F/А: кто, что, за какие дни")),
    (N_("проверка со стороны"), N_("раздел 6, W/Ц: архив с программой проверки для любого")),
    (N_("куда заверять"), N_("раздел 6, G/П, затем S/Ы: папка, письмо, лист")),
)


class HelpBook(ModalScreen[None]):
    """Topics; what is typed leaves those that hold every word of it."""

    BINDINGS: ClassVar = [
        Binding("escape,f1", "dismiss(None)", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("up", "scroll(-1)", show=False),
    ]

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog book"):
            yield Static(f"[b]{_('Помощь')}[/]", classes="caption")
            yield Entry(placeholder=_("найти: например, забыл пароль"), id="wanted")
            with VerticalScroll(classes="said", can_focus=False):
                yield Static(id="topics")
            yield Static(f"[$text-2]{_('Esc — закрыть')}[/]", classes="foot")

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self.seek("")

    def on_input_changed(self, event: Input.Changed) -> None:
        self.seek(event.value)

    def seek(self, wanted: str) -> None:
        """Show the topics that hold every word."""
        asked = wanted.casefold().replace("ё", "е").split()
        here = _(HERE.get(self._place, ""))
        found = [
            f"[$accent]{_(name):<16}[/]{_(text)}"
            for name, text in TOPICS
            if all(one[:4] in _folded(f"{_(name)} {_(text)}") for one in asked)
        ]
        head = [f"[b]{_('Здесь')}[/]  {here}", ""] if here and not asked else []
        nothing = [_("Такого в помощи нет. Попробуйте одно слово.")]
        self.query_one("#topics", Static).update("\n".join([*head, *(found or nothing)]))

    def action_scroll(self, lines: int) -> None:
        """Move the text."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")


def commands(lines: Sequence[str]) -> Dialog:
    """Everything that was done in this session."""
    return told(_("Команды сеанса"), "\n".join(lines) or _("Пока ничего не сделано."))
