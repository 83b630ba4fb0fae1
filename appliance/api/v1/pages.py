"""What anybody may read without a key: the description, and a reference made of it.

The reference needs nothing from outside the box: no script, one style sheet of its own.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from html import escape
from typing import Any, Final, cast

import msgspec
from litestar.types import Scope

from appliance.api.v1 import openapi
from appliance.api.v1.door import PREFIX, Page, Reply
from appliance.api.v1.pages_style import CSS
from appliance.api.v1.problems import language_of
from appliance.http.origin import header

Json = dict[str, Any]
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("Справочник API", "API reference"),
    "lead": (
        "Всё, что люди делают в коробке, программа делает с ключом.",
        "What people do in the box, programs do with a key.",
    ),
    "key": (
        "Ключ выпускает администратор: «Настройки → Доступ программ». Он передаётся заголовком",
        "The administrator makes a key: Settings → Programs. It goes in the header",
    ),
    "file": ("Описание для программ", "The description for programs"),
    "query": ("Параметры", "Parameters"),
    "body": ("Тело запроса", "Body of the request"),
    "answer": ("Ответ", "Answer"),
    "needed": ("нужно", "required"),
    "nothing": ("Пустой ответ, код 204.", "An empty answer, status 204."),
    "groups": ("Разделы", "Sections"),
    "rules": ("Общие правила", "Common rules"),
    "back": ("Все разделы", "All sections"),
}
_RULES: Final = (
    (
        "Деньги — целые копейки, поля кончаются на <code>_kopecks</code>; количества — тысячные, "
        "<code>_milli</code>; время — UTC по RFC 3339.",
        "Money is whole kopecks, its fields end in <code>_kopecks</code>; quantities are "
        "thousandths, <code>_milli</code>; times are UTC by RFC 3339.",
    ),
    (
        "Неизвестное поле — отказ с его путём. Ошибки — <code>application/problem+json</code>: "
        "<code>code</code> не меняется, текст — по <code>Accept-Language</code>.",
        "An unknown field is refused with its path. Errors are "
        "<code>application/problem+json</code>: <code>code</code> never changes, the text follows "
        "<code>Accept-Language</code>.",
    ),
    (
        "<code>Idempotency-Key</code> у изменения: повтор в течение суток ничего не удваивает и "
        "получает тот же ответ.",
        "<code>Idempotency-Key</code> on a change: repeated within a day it doubles nothing and "
        "is answered the same.",
    ),
    (
        "<code>ETag</code> прочитанного, переданный в <code>If-Match</code>, бережёт чужие "
        "правки: устаревшая версия — 412.",
        "The <code>ETag</code> of what was read, given as <code>If-Match</code>, keeps others' "
        "changes: a stale version is 412.",
    ),
    (
        "Списки продолжаются по <code>cursor</code> = <code>next_cursor</code>; выгрузки целиком "
        "— <code>/orders.ndjson</code> и соседи; изменения — <code>/changes?since=</code>.",
        "Lists go on by <code>cursor</code> = <code>next_cursor</code>; whole exports are "
        "<code>/orders.ndjson</code> and its neighbours; changes are <code>/changes?since=</code>.",
    ),
)
_GROUPS: Final[Mapping[str, str]] = {
    "orders": "Заказы",
    "shipments": "Отгрузки",
    "warehouse": "Склад: сборка и выдача",
    "clients": "Клиенты",
    "duplicates": "Дубли",
    "deals": "Сделки",
    "pipelines": "Воронки",
    "stream": "Лента, звонки, письма",
    "tasks": "Задачи и проекты",
    "day": "День, уведомления, виды",
    "reports": "Отчёты",
    "products": "Товары",
    "stock": "Остатки и документы",
    "references": "Справочники",
    "assignment": "Распределение",
    "fields": "Свои поля",
    "documents": "Печатные документы",
    "exchange": "Обмен: изменения, импорт",
    "webhooks": "Вебхуки",
    "colleagues": "Сотрудники",
    "data requests": "Обращения о персональных данных",
    "box": "Коробка",
    "bulk export": "Выгрузка целиком",
}


@cache
def _file() -> bytes:
    return openapi.encoded()


def _word(name: str, language: str) -> str:
    return _WORDS[name][1 if language == "en" else 0]


def group_title(name: str, language: str) -> str:
    """A heading in the reader's language."""
    return name.capitalize() if language == "en" else _GROUPS.get(name, name)


def slug(group: str) -> str:
    """The part of an address that names a heading."""
    return group.replace(" ", "-")


def make_pages() -> dict[str, Page]:
    """Path → page."""
    pages: dict[str, Page] = {
        "/openapi.json": lambda _scope: Reply(200, _file()),
        "/reference.css": lambda _scope: Reply(200, CSS.encode(), "text/css; charset=utf-8"),
        "/reference": partial(_drawn, _index),
    }
    for group in _GROUPS:
        pages[f"/reference/{slug(group)}"] = partial(_drawn, partial(_section, group))
    return pages


def _drawn(draw: Callable[[str], str], scope: Scope) -> Reply:
    asked = scope["query_string"].decode("latin-1")
    language = language_of(header(scope, b"accept-language"))
    if "lang=en" in asked or "lang=ru" in asked:
        language = "en" if "lang=en" in asked else "ru"
    return Reply(200, _kept(draw, language), "text/html; charset=utf-8")


@cache
def _kept(draw: Callable[[str], str], language: str) -> bytes:
    return draw(language).encode()


def _frame(title: str, language: str, body: str, here: str = "") -> str:
    other = "ru" if language == "en" else "en"
    links = "".join(
        f'<li><a href="{PREFIX}/reference/{slug(name)}?lang={language}"'
        f"{' aria-current=page' if name == here else ''}>"
        f"{escape(group_title(name, language))}</a></li>"
        for name in _known()
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Korobka</title>"
        f'<link rel="stylesheet" href="{PREFIX}/reference.css"></head><body>'
        f'<header><a class="home" href="{PREFIX}/reference?lang={language}">Korobka · '
        f'{_word("title", language)}</a><nav aria-label="language">'
        f'<a href="?lang={other}" lang="{other}">{"English" if other == "en" else "По-русски"}</a>'
        f'</nav></header><div class="frame"><nav class="side" '
        f'aria-label="{_word("groups", language)}"><ul>{links}</ul></nav>'
        f"<main>{body}</main></div></body></html>"
    )


@cache
def _known() -> tuple[str, ...]:
    found = openapi.by_group()
    return tuple(name for name in _GROUPS if name in found)


def _index(language: str) -> str:
    side = 1 if language == "en" else 0
    rules = "".join(f"<li>{pair[side]}</li>" for pair in _RULES)
    body = (
        f'<h1>{_word("title", language)}</h1><p class="lead">{_word("lead", language)}</p>'
        f"<p>{_word('key', language)}</p><pre>Authorization: Bearer …</pre>"
        f'<p>{_word("file", language)}: <a href="{PREFIX}/openapi.json">openapi.json</a> '
        f'(OpenAPI 3.1)</p><h2>{_word("rules", language)}</h2><ul class="rules">{rules}</ul>'
    )
    return _frame(_word("title", language), language, body)


def _section(group: str, language: str) -> str:
    title = group_title(group, language)
    parts = [f"<h1>{escape(title)}</h1>"]
    components = openapi.describe()["components"]["schemas"]
    for method, path, one in openapi.by_group().get(group, []):
        parts.append(_operation(method, path, one, components, language))
    return _frame(title, language, "".join(parts), group)


def _operation(method: str, path: str, one: Json, components: Json, language: str) -> str:
    about = one.get("description", "")
    inner = f'<p class="about" lang="en">{_coded(about)}</p>' if about else ""
    rows = "".join(_parameter(each, language) for each in one["parameters"])
    if rows:
        inner += f'<h3>{_word("query", language)}</h3><div class="wide"><table>{rows}</table></div>'
    body = one.get("requestBody")
    if body is not None:
        content = body["content"]["application/json"]
        inner += f"<h3>{_word('body', language)}</h3>"
        inner += _fields(content["schema"], components, language) + _example(content["example"])
    inner += f"<h3>{_word('answer', language)}</h3>{_answer(one['responses'], language)}"
    return (
        f'<details id="{one["operationId"]}"><summary><span class="method {method.lower()}">'
        f"{method}</span> <code>{escape(path)}</code> "
        f'<span class="what" lang="en">{_coded(one["summary"])}</span></summary>{inner}</details>'
    )


def _coded(text: str) -> str:
    """Words between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _parameter(one: Json, language: str) -> str:
    needed = f" · {_word('needed', language)}" if one["required"] else ""
    return (
        f'<tr><th scope="row"><code>{escape(one["name"])}</code></th>'
        f"<td>{one['in']}{needed}</td><td>{escape(kind_of(one['schema']))}</td></tr>"
    )


def _fields(schema: Json, components: Json, language: str) -> str:
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    required = set(schema.get("required", ()))
    rows = "".join(
        f'<tr><th scope="row"><code>{escape(name)}</code></th>'
        f"<td>{_word('needed', language) if name in required else ''}</td>"
        f"<td>{escape(kind_of(one))}</td></tr>"
        for name, one in schema.get("properties", {}).items()
    )
    return f'<div class="wide"><table>{rows}</table></div>' if rows else ""


def kind_of(schema: Json) -> str:
    """A schema in a few words: `integer`, `date-time`, `LineDraftInput[]`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2].removesuffix("Input")
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return " | ".join(dict.fromkeys(kind_of(one) for one in schema[word]))
    kind: Any = schema.get("type", "any")
    if kind == "array":
        items: Any = schema.get("items")
        return f"{kind_of(cast('Json', items))}[]" if isinstance(items, dict) else "array"
    if "format" in schema:
        return str(schema["format"])
    return " | ".join(cast("list[str]", kind)) if isinstance(kind, list) else str(kind)


def _example(value: Any) -> str:
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return f'<pre tabindex="0">{escape(text)}</pre>'


def _answer(responses: Json, language: str) -> str:
    for status in ("200", "201"):
        if status in responses:
            content: Json = next(iter(responses[status]["content"].values()))
            return _example(content["example"])
    return f"<p>{_word('nothing', language)}</p>"
