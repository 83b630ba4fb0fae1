"""The page of a fake: what it is told in the plugin's form, what happens there, what lies there."""

import html
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from appliance.plugin_api.fakes import TROUBLES, Deed, Fake, Field, Shown

PANEL: Final = "/_panel"
GOODS: Final = frozenset({"article", "sku"})
GOODS_COLUMNS: Final = frozenset({"article", "sku", "артикул"})
STYLE: Final = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem 1.25rem 3rem; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-size: .9rem; padding-bottom: .5rem;
      border-bottom: 1px solid #8884; }
nav [aria-current] { font-weight: 600; color: inherit; text-decoration: none; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0; }
dt { opacity: .75; } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8884; }
th { font-weight: 600; } td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; padding: .5rem 0;
       border-bottom: 1px solid #8882; }
label { display: grid; gap: .15rem; font-size: .85rem; }
input, select, button { font: inherit; padding: .25rem .5rem; height: 2.2rem;
                        box-sizing: border-box; }
input[type=checkbox] { width: 1.5rem; }
button { cursor: pointer; min-width: 16rem; text-align: left; }
code { background: #8882; padding: 0 .3em; }
.said { padding: .5rem .75rem; border-left: 3px solid #2a7; background: #2a71; }
.bad { border-color: #c33; background: #c331; } .dim { opacity: .75; }
"""


class View(NamedTuple):
    """What the page shows.

    Attributes:
        name: of the plugin.
        settings: what is typed into its form.
        box: where webhooks go to.
        beside: titles and addresses of all panels.
        said: how the last deed ended.
    """

    name: str
    fake: Fake
    settings: Mapping[str, str]
    box: str
    beside: Sequence[tuple[str, str]]
    said: str = ""
    is_bad: bool = False


def panel(view: View) -> str:
    """The page of one fake."""
    fake, tables = view.fake, view.fake.state()
    parts = [
        _links(view),
        f"<h1>{_(fake.title)} <span class='dim'>{_(view.name)}</span></h1>",
        "<h2>Typed into the plugin's form</h2>",
        _settings(view.settings),
    ]
    if view.said:
        bad = " bad" if view.is_bad else ""
        parts.append(f"<p class='said{bad}' role='status'>{_(view.said)}</p>")
    if fake.deeds:
        parts += ["<h2>What happens there</h2>", *(_deed(one, tables) for one in fake.deeds)]
    parts += [_table(one) for one in tables]
    parts += ["<h2>Troubles</h2>", _troubles(view), "<h2>Asked lately</h2>"]
    asked = [f"{one.method} {one.path}" for one in list(fake.requests)[-20:]][::-1]
    lines = "".join(f"<li><code>{_(one)}</code></li>" for one in asked)
    parts.append(f"<ol>{lines}</ol>" if lines else "<p class='dim'>Nothing yet</p>")
    parts.append(_known(tables))
    return _page(fake.title, "\n".join(parts))


def _page(title: str, body: str) -> str:
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'>"
        f"<title>{_(title)}</title><style>{STYLE}</style><body>{body}</body></html>"
    )


def _(text: object) -> str:
    return html.escape(str(text))


def _links(view: View) -> str:
    def link(title: str, address: str) -> str:
        current = " aria-current='page'" if title == view.fake.title else ""
        return f"<a href='{_(address)}'{current}>{_(title)}</a>"

    links = "".join(link(title, address) for title, address in view.beside)
    return f"<nav aria-label='Services'>{links}</nav>"


def _settings(settings: Mapping[str, str]) -> str:
    rows = "".join(
        f"<dt>{_(name)}</dt><dd><code>{_(value)}</code></dd>" for name, value in settings.items()
    )
    return f"<dl>{rows}</dl>"


def _deed(deed: Deed, tables: Sequence[Shown]) -> str:
    fields = "".join(
        _field(one, _newest(one, tables) if place == 0 else "")
        for place, one in enumerate(deed.fields)
    )
    return (
        f"<form method='post' action='{PANEL}/{_(deed.name)}'>"
        f"<button>{_(deed.title)}</button>{fields}</form>"
    )


def _newest(field: Field, tables: Sequence[Shown]) -> str:
    """What the first field of a deed most likely means: the newest that lies there."""
    is_good = field.name in GOODS
    for one in tables:
        if (one.columns[0].lower() in GOODS_COLUMNS) == is_good and one.rows:
            return str(one.rows[-1][0])
    return ""


def _field(one: Field, newest: str) -> str:
    if one.choices:
        options = "".join(
            f"<option{' selected' if each == one.default else ''}>{_(each)}</option>"
            for each in one.choices
        )
        return f"<label>{_(one.title)}<select name='{_(one.name)}'>{options}</select></label>"
    typed = f"name='{_(one.name)}' value='{_(one.default or newest)}' list='known'"
    return f"<label>{_(one.title)}<input {typed}></label>"


def _known(tables: Sequence[Shown]) -> str:
    """Numbers that a field may mean, newest first."""
    cells = dict.fromkeys(str(row[0]) for one in tables for row in one.rows[::-1])
    return (
        "<datalist id='known'>" + "".join(f"<option value='{_(x)}'>" for x in cells) + "</datalist>"
    )


def _table(shown: Shown) -> str:
    heads = "".join(f"<th scope='col'>{_(one)}</th>" for one in shown.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_(cell)}</td>" for cell in row) + "</tr>" for row in shown.rows
    )
    none = "" if rows else "<p class='dim'>None yet</p>"
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<h2>{_(shown.title)}</h2>{table}{none}"


def _troubles(view: View) -> str:
    fake = view.fake
    options = "".join(
        f"<option value='{code}'{' selected' if code == fake.trouble else ''}>{_(title)}</option>"
        for code, title in TROUBLES.items()
    )
    reorder = " checked" if fake.reorder else ""
    return (
        f"<form method='post' action='{PANEL}/_trouble'><button>Set</button>"
        f"<label>It suffers from<select name='trouble'>{options}</select></label>"
        f"<label>Pause named with 429, s<input name='pause' value='{fake.pause}' size='4'></label>"
        f"<label>Copies of a webhook<input name='copies' value='{fake.copies}' size='3'></label>"
        f"<label>Newest first<input type='checkbox' name='reorder'{reorder}></label>"
        f"<label>Webhooks go to<input name='box' value='{_(view.box)}' size='28'></label></form>"
    )
