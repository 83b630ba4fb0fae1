"""The table of screens: what `scripts/screens --all` shows. A new screen is a line here.

A path may hold `{pick}`: a name of `PICKS`, replaced by the first link of that kind which this
role's own list gives.
"""

from dataclasses import dataclass
from typing import Final

Step = tuple[str, ...]
"""What is done before the picture:

`("press", keys)`, `("type", text)`, `("click", selector)`, `("fill", selector, text)`,
`("wait", selector)`, `("script", code)`, `("cut", pattern)`: the network is gone for addresses
that match, `("sign-in", login)`: go through the first form.
"""

OPEN, SEALED, RESTARTED = "open", "sealed", "restarted"

NOBODY: Final = ""
NEWCOMER: Final = "newcomer"
"""A seller taken on after the world was made: nothing is his."""

FRESH: Final = "fresh"
"""A seller who still has the password he was given."""

CAREFUL: Final = "careful"
"""A seller with an authenticator."""


CONFIRMED: Final = ("admin", "officer")
"""Who gave his password twice: what they do shows itself, not the question for it."""


@dataclass(frozen=True)
class Screen:
    """One picture in every size and theme.

    Attributes:
        name: of the file.
        path: where it is.
        role: login of who looks (`boot.demo.STAFF`, or one of the names above).
        steps: what is done there before the picture.
        status: the answer that is expected of `path`.
        phase: state of the box.
        broken: refused or cut requests belong to what is shown.
        wide: it is not there on a phone.
    """

    name: str
    path: str
    role: str = "seller"
    steps: tuple[Step, ...] = ()
    status: int = 200
    phase: str = OPEN
    broken: bool = False
    wide: bool = False


A_TASK: Final[tuple[Step, ...]] = (
    ("press", "n"), ("type", "Перезвонить завтра в 14"), ("press", "Enter"),
    ("wait", "[data-task]"), ("script", "document.activeElement.blur()"),
)  # fmt: skip

PRESTASHOP: Final[tuple[Step, ...]] = (
    ("script", "document.querySelector('[name=cms]').value = 'prestashop'"),
    ("fill", "[name=url]", "https://lamps.example"), ("press", "Control+Enter"),
    ("wait", ".demands"),
)  # fmt: skip
CATALOGUE: Final[tuple[Step, ...]] = (
    ("script",
     "const goods = ['Люстра', 'Торшер', 'Бра', ''].map((name, at) => `<offer id='${at}'><name>"
     "${name}</name><price>${at == 2 ? 'дорого' : 990}</price><unit code='pack'/></offer>`);"
     "const text = `<yml_catalog><shop><offers>${goods.join('')}</offers></shop></yml_catalog>`;"
     "const given = new DataTransfer(); given.items.add(new File([text], 'simla.xml'));"
     "const input = document.querySelector('#file'); input.files = given.files;"
     "input.form.requestSubmit()"),
    ("wait", ".table-notes"),
)  # fmt: skip

TO_PARCEL: Final[tuple[Step, ...]] = (
    ("wait", ".parcel"),
    # Reminders of tasks lie over it; they have pictures of their own.
    ("script", "document.querySelectorAll('.toast').forEach(one => one.remove());"
     " document.querySelector('.parcel').scrollIntoView({ block: 'center' })"),
)  # fmt: skip

PICKS: Final = {
    "market_order": ("/orders?shop=ozon-1&status=send-to-assembling", "tbody a.key"),
    "wb_order": ("/orders?shop=wildberries-2&status=send-to-assembling", "tbody a.key"),
    "new_order": ("/orders?status=new&shop=main", "tbody a.key"),
    "told_order": ("/mail/sms", "tbody td:not(.c-client) a"),
    "unpaid_order": ("/orders?status=client-confirmed&pay=unpaid", "tbody a.key"),
    "handed_order": ("/orders?operator=trouble", "tbody a.key"),
    "order": ("/orders?status=delivering&shop=main", "tbody a.key"),
    "post_order": ("/ship/carriers", ".handing a.key"),
    "client": ("/clients", "tbody a.key"),
    "person": ("/clients", "tbody tr:not(:has(.c-client .i)) a.key"),
    "task": ("/tasks", ".todo a.key"),
    "project": ("/tasks/projects", "tbody a.key"),
    "deal": ("/deals", ".bcard a.key"),
    "product": ("/catalog", "tbody a.key"),
    "draft": ("/stock?state=draft", "tbody a.key"),
    "request": ("/privacy", "tbody a.key"),
}
"""Name → list and the link in it."""

WRONG: Final = (
    ("fill", "[name=login]", "seller.of.another.firm"),
    ("fill", "[name=password]", "Не-тот-пароль-12"),
    ("click", "form .btn-main"),
    ("wait", ".err"),
)
FAST: Final = (
    (
        "script",
        "(async () => {"
        " const field = document.querySelector('input[name=quantity]');"
        " const path = field.getAttribute('hx-post');"
        " const values = JSON.parse(field.getAttribute('hx-vals'));"
        " const quantity = String(Number(field.value) % 40 + 2);"
        " const headers = { 'hx-request': 'true',"
        " ...JSON.parse(document.body.getAttribute('hx-headers')) };"
        " const body = new URLSearchParams({ ...values, quantity });"
        " await fetch(path, { method: 'POST', headers, body });"
        " htmx.ajax('POST', path, { source: field, values: { ...values, quantity: '1' } });"
        "})()",
    ),
    ("wait", "#conflict[open]"),
)
"""As if somebody had changed the order since the page was read."""

FASTER: Final = (
    (
        "script",
        "(async () => {"
        " const form = document.querySelector('#main form[data-guard]');"
        " const headers = { 'hx-request': 'true',"
        " ...JSON.parse(document.body.getAttribute('hx-headers')) };"
        " const body = new URLSearchParams(new FormData(form));"
        " const word = ['Синица', 'Чашкина', 'Ёлкина', 'Полкина'][Date.now() % 4];"
        " body.set('last_name', word); body.set('city', word + 'во');"
        " await fetch(form.action, { method: 'POST', headers, body });"
        " form.elements.last_name.value = 'Блюдцева';"
        " form.elements.last_name.focus();"
        "})()",
    ),
    ("press", "Control+Enter"),
    ("wait", ".table-diff"),
)
"""The same with a client's form."""

MADE: Final = (
    ("fill", "#custom-field [name=name]", "Размер обуви"),
    ("fill", "#custom-field [name=hint]", "Европейский"),
    ("press", "Control+Enter"),
    ("wait", "tr[aria-selected], [name=was], .err"),
)
"""A field of the clients is made; the pictures after the first find it there."""
_UPLOAD: Final = (
    (
        "script",
        "(() => { const rows = ['Фамилия;Имя;Телефон;E-mail;Дата рождения;Любимый цвет'];"
        " for (let n = 1; n < 60; n++) rows.push('Придуманов' + n + ';Пётр;'"
        " + (n % 9 ? '+7912000' + String(1000 + n) : 'восемь') + ';p' + n +"
        " '@example.ru;21.11.1980;синий');"
        " const box = new DataTransfer();"
        " box.items.add(new File([rows.join('\\r\\n')], 'Клиенты с выставки.csv'));"
        " document.querySelector('#file').files = box.files;"
        " document.querySelector('form.upload').requestSubmit(); })()",
    ),
    ("wait", ".table-pairing"),
)
_CHECKED: Final = (
    *_UPLOAD,
    ("script", "document.querySelector('[name=basis]').value = 'contract'"),
    ("fill", "[name=source]", "выставка в мае"),
    ("click", ".head .btn-main"),
    ("wait", "form[action$='/start']"),
)
"""A table goes in, as the page of imports takes it."""

BANK: Final = (
    (
        "script",
        "(async () => { const page = await (await fetch('/orders?payment=unpaid')).text();"
        " const doc = new DOMParser().parseFromString(page, 'text/html');"
        " const known = [...doc.querySelectorAll('tbody a.key')].slice(0, 6).map((a) =>"
        " a.getAttribute('href').split('?')[0].split('/').pop());"
        " const ours = '40702810638000000000', day = '21.11.2026';"
        " const payers = ['ООО «Выдуманные лампы»', 'Сухова Анна Петровна', 'ИП Ёлкин П. П.',"
        " 'ООО «Северная мастерская»', 'Полкина Вера Ильинична', 'АО «Дальний берег»'];"
        " const all = known.map((number, at) => ['СекцияДокумент=Платежное поручение',"
        " 'Номер=' + (at + 101), 'Дата=' + day, 'Сумма=' + (at + 3) * 1450 + '.00',"
        " 'Плательщик1=' + payers[at], 'ПлательщикИНН=' + (at % 2 ? '' : '7736207543'),"
        " 'ПлательщикСчет=40702810200000000001', 'ПолучательСчет=' + ours,"
        " 'ДатаПоступило=' + day, 'НазначениеПлатежа=' + (at % 3 ? 'Оплата по заказу № ' + number"
        " + ', НДС не облагается' : 'За товар по договорённости, без номера'),"
        " 'КонецДокумента'].join('\\r\\n'));"
        " const text = ['1CClientBankExchange', 'ВерсияФормата=1.03', 'РасчСчет=' + ours, ...all,"
        " 'КонецФайла', ''].join('\\r\\n');"
        " const box = new DataTransfer(); box.items.add(new File([text], 'kl_to_1c.txt'));"
        " document.querySelector('#file').files = box.files;"
        " document.querySelector('#statement').requestSubmit(); })()",
    ),
    ("wait", "#h-counts"),
)
"""A bank's statement goes in."""

SCREENS: Final = (
    Screen("bank-empty", "/money/bank", "accountant"),
    Screen("bank-statement", "/money/bank", "accountant", BANK),
    Screen("bank", "/money/bank", "accountant",
           (*BANK, ("press", "g"), ("press", "b"), ("wait", ".table-receipts"))),
    Screen("bank-receipt", "/money/bank", "accountant",
           (("wait", ".table-receipts"), ("press", "j"), ("press", "Enter"), ("wait", ".seek"))),
    Screen("money-receipts-off", "/money/receipts", "accountant"),
    Screen("money-receipts", "/money/receipts", "accountant",
           (("script", "document.querySelector('[name=on]').checked = true"),
            ("press", "Control+Enter"), ("wait", ".table-bare"))),
    Screen("imports", "/data/imports", "head"),
    Screen("import-columns", "/data/imports", "head", _UPLOAD),
    Screen("import-columns-wrong", "/data/imports", "head",
           (*_UPLOAD, ("click", ".head .btn-main"), ("wait", ".err")), broken=True),
    Screen("import-checked", "/data/imports", "head", _CHECKED),
    Screen("import-done", "/data/imports", "head",
           (*_CHECKED, ("click", "form[action$='/start'] button"),
            ("wait", "a[href$='/wrong']"))),
    Screen("exports", "/data/exports", "head"),
    Screen("exports-of-list", "/data/exports?kind=orders&list=group%3Dnew", "head"),
    # Before the house
    Screen("sign-in", "/login", NOBODY),
    Screen("sign-in-wrong", "/login", NOBODY, WRONG, broken=True),
    Screen("sign-in-code", "/login", NOBODY, (("sign-in", CAREFUL), ("wait", "[name=code]"))),
    Screen("link-over", "/enter/1.used", NOBODY, status=404, broken=True),
    Screen("first-password", "/me/password", FRESH),
    # The day
    Screen("today", "/"),
    Screen("today-head", "/", "head"),
    Screen("today-admin", "/", "admin"),
    Screen("today-storekeeper", "/", "storekeeper"),
    Screen("today-empty", "/", NEWCOMER),
    # Tasks
    Screen("tasks", "/tasks"),
    Screen("tasks-head", "/tasks?who=all", "head"),
    Screen("tasks-empty", "/tasks", NEWCOMER),
    Screen("task-new", "/tasks", "seller",
           (("press", "t"), ("wait", "dialog[open] [name=title]")), wide=True),
    Screen("calendar", "/tasks/calendar"),
    Screen("calendar-day", "/tasks/calendar?view=day"),
    Screen("calendar-month", "/tasks/calendar?view=month"),
    Screen("calendar-team", "/tasks/calendar?view=day&team=1", "head"),
    Screen("notices", "/notices"),
    Screen("notices-head", "/notices", "head"),
    Screen("notices-empty", "/notices", NEWCOMER),
    Screen("plans", "/plans", "head"),
    Screen("calendar-settings", "/admin/calendar?year=2026", "head"),
    Screen("calendar-settings-check", "/admin/calendar", "head", (
        ("fill", "[name=text]", "2026-12-31;off;Канун Нового года\n2026-12-30;short"),
        ("click", "form[action$='/check'] button"), ("wait", "#check-title"),
    )),
    Screen("calendar-settings-wrong", "/admin/calendar", "head", (
        ("fill", "[name=text]", "31 декабря;выходной"),
        ("click", "form[action$='/check'] button"), ("wait", ".err"),
    ), broken=True),
    Screen("projects", "/tasks/projects", "head"),
    Screen("projects-empty", "/tasks/projects", NEWCOMER),
    Screen("project", "/tasks/projects/{project}", "head"),
    Screen("project-new", "/tasks/projects", "head",
           (("press", "n"), ("wait", "#project-form[open]"))),
    Screen("task", "/tasks/{task}"),
    Screen("task-later", "/tasks", "seller",
           (("press", "j"), ("press", "h"), ("wait", "#later[open]"))),
    Screen("team", "/tasks/team", "head"),
    # Reports
    Screen("reports", "/reports?period=quarter", "head"),
    Screen("reports-managers", "/reports?period=quarter&cut=manager&against=year", "head"),
    Screen("reports-products", "/reports?period=quarter&cut=product", "head"),
    Screen("reports-average", "/reports?period=year&show=average", "head"),
    Screen("reports-seller", "/reports?period=quarter"),
    Screen("reports-requests", "/reports/requests?period=quarter", "head"),
    Screen("reports-clients", "/reports/requests?cut=client", "head"),
    Screen("reports-file", "/reports", "head", (("press", "x"), ("wait", "dialog[open]"))),
    Screen("reports-wrong", "/reports?from=2026-02-30&to=2026-01-01", "head", status=422,
           broken=True),
    Screen("reports-empty", "/reports", NEWCOMER),
    Screen("reports-regions", "/reports?period=quarter&cut=region", "head"),
    Screen("reports-funnel", "/reports/funnel?period=year&stage=2", "head"),
    Screen("reports-stock", "/reports/stock", "head"),
    # Documents
    Screen("entities", "/admin/entities", "admin"),
    Screen("entities-new", "/admin/entities/new", "admin"),
    Screen("assignment", "/admin/assignment", "head"),
    Screen("assignment-trial", "/admin/assignment?try=1", "head"),
    Screen("print-templates", "/admin/print", "admin"),
    Screen("print-upd", "/admin/print?kind=upd", "admin"),
    # Orders
    Screen("orders", "/orders", "head"),
    Screen("orders-seller", "/orders"),
    Screen("orders-empty", "/orders", NEWCOMER),
    Screen("orders-filter", "/orders?status=new", "head"),
    Screen(
        "orders-nothing",
        "/orders?status=new",
        "head",
        (("press", "f"), ("type", "нет такого"), ("press", "Enter"), ("wait", ".empty")),
    ),
    Screen(
        "orders-failed",
        "/orders",
        "head",
        (
            ("cut", "**/orders/find"), ("press", "f"), ("type", "иванов"), ("press", "Enter"),
            ("wait", "[data-offline]:not([hidden])"),
        ),
        broken=True,
    ),
    Screen(
        "orders-conditions", "/orders", "head",
        (("click", "[data-dialog=conditions]"), ("wait", "#conditions[open]")),
    ),
    Screen("orders-groups", "/orders?by=status&pay=unpaid", "head"),
    Screen("orders-columns", "/orders", "head",
           (("click", "[data-dialog=columns]"), ("wait", "#columns[open]")), wide=True),
    Screen("orders-keep-view", "/orders?pay=unpaid", "head",
           (("press", "Shift+S"), ("wait", "#keep-view[open]"))),
    Screen("orders-views", "/orders", "head",
           (("press", "Shift+V"), ("wait", "#views:popover-open"))),
    Screen(
        "orders-peek", "/orders", "head",
        (("press", "j"), ("press", "j"), ("press", "Space"), ("wait", ".peek h2")),
    ),
    Screen(
        "orders-mass", "/orders?status=new", "head",
        (("press", "j"), ("press", "x"), ("press", "j"), ("press", "x"),
         ("wait", "[data-mass]:not([hidden])")),
    ),
    Screen(
        "orders-bulk", "/orders?status=new", "head",
        (("press", "j"), ("press", "x"), ("press", "j"), ("press", "x"), ("press", "Shift+e"),
         ("wait", "#mass-more:popover-open")),
    ),
    Screen(
        "orders-bulk-look", "/orders?all=1", "head",
        (("press", "j"), ("press", "Control+a"), ("press", "d"), ("wait", "#bulk[open]"),
         ("type", "завтра"), ("wait", ".bulk-sum")),
    ),
    Screen("order", "/orders/{new_order}"),
    Screen("order-market", "/orders/{market_order}", "head",
           (("script", "document.querySelectorAll('.toast').forEach(one => one.remove())"),)),
    Screen("order-pay-link", "/orders/{unpaid_order}", "head",
           (("press", "Shift+M"), ("wait", "#pay-links[open]"))),
    Screen("order-pay-link-made", "/orders/{unpaid_order}", "head",
           (("press", "Shift+M"), ("wait", "#pay-links[open]"),
            ("script", "document.querySelector('#pay-ask')?.requestSubmit()"),
            ("wait", "#pay-links .pay-rows"))),
    Screen("order-market-codes", "/orders/{market_order}", "head",
           (("click", "[hx-get$='posting/codes']"), ("wait", "#w-posting-codes[open]"))),
    Screen("order-supply", "/orders/{wb_order}", "head",
           (("click", "[data-dialog='w-posting-act']"), ("wait", "#w-posting-act[open]"))),
    Screen("markets-unmatched", "/catalog/markets", "head"),
    Screen("markets-find", "/catalog/markets", "head",
           (("fill", "[role=combobox]", "набор"), ("wait", "[role=option]"))),
    Screen("markets-all", "/catalog/markets?view=all", "head"),
    Screen("markets-refused", "/catalog/markets?view=refused", "head"),
    Screen("markets-set-up", "/catalog/markets", "head",
           (("click", "[data-dialog^='set-']"), ("wait", "[id^='set-'][open]"))),
    Screen("order-link", "/orders/{new_order}", "head",
           (("press", "l"), ("wait", "#buyer-link[open]"))),
    Screen("buyer-page", "/orders/{new_order}", "head",
           (("press", "l"), ("wait", "#buyer-link[open]"), ("click", "#buyer-link .btn-main"),
            ("wait", "#link-text"),
            ("script", "location.href = document.querySelector('#link-text').value"),
            ("wait", "#h-order"),
            # The buyer's page has no script of the office, which says when it is ready.
            ("script", "document.documentElement.dataset.ready = ''"))),
    Screen("order-carriers", "/orders/{new_order}", "head",
           (("press", "r"), ("wait", ".carry-offers"), ("click", ".carry-offers label"),
            ("wait", ".carry-pay"))),
    Screen("order-carrier-points", "/orders/{new_order}", "head",
           (("press", "r"), ("wait", "#carry[open]"), ("fill", "#city", "Москва"),
            ("press", "Tab"), ("wait", ".carry-offers label:nth-of-type(2)"),
            ("click", ".carry-offers label:has([value*=pickup])"), ("wait", ".carry-points"))),
    Screen("buyer-page-parcel", "/orders/{order}", "head",
           (("press", "l"), ("wait", "#buyer-link[open]"), ("click", "#buyer-link .btn-main"),
            ("wait", "#link-text"),
            ("script", "location.href = document.querySelector('#link-text').value"),
            ("wait", "#h-order"),
            ("script", "document.documentElement.dataset.ready = ''"))),
    Screen("order-letter", "/orders/{new_order}", "head",
           (("press", "w"), ("wait", "#letter[open]"))),
    Screen("order-message", "/orders/{new_order}", "head",
           (("press", "Shift+w"), ("wait", "#sms[open]"), ("wait", "#sms-cost b"))),
    Screen("order-message-refused", "/orders/{new_order}", "head",
           (("press", "Shift+w"), ("wait", "#sms[open]"), ("wait", "#sms-cost b"),
            ("script", "document.querySelector('#sms-to').value = 'other'"),
            ("fill", "#other", "8 800 555-35-35"), ("press", "Control+Enter"),
            ("wait", "#sms .err")), broken=True),
    Screen("order-messages", "/orders/{told_order}", "head",
           (("script", "document.querySelector('#h-stream').scrollIntoView()"),)),
    Screen("messages", "/mail/sms", "head"),
    Screen("messages-templates", "/mail/sms/templates", "head"),
    Screen("messages-template-own", "/mail/sms/templates?code=new", "head"),
    Screen("messages-rules", "/mail/sms/rules", "head"),
    Screen("mail", "/mail", "head"),
    Screen("mail-account", "/mail/account", "head"),
    Screen("mail-templates", "/mail/templates?code=invoice", "head"),
    Screen("mail-buyers", "/mail/buyers", "head"),
    Screen("order-on-its-way", "/orders/{order}", "head", TO_PARCEL),
    Screen("order-storekeeper", "/orders/{new_order}", "storekeeper"),
    Screen("payment-types", "/admin/lists/payment-types", "head"),
    Screen("delivery-types", "/admin/lists/delivery-types?code=courier", "head"),
    Screen("delivery-types-wrong", "/admin/lists/delivery-types", "head",
           (("fill", "#cost", "1,2,3"), ("press", "Control+Enter"), ("wait", ".err")),
           broken=True),
    Screen("status-rules", "/admin/status-rules", "head"),
    Screen("operators", "/admin/operators", "head"),
    Screen("order-at-operator", "/orders/{handed_order}", "head",
           (("script", "document.querySelector('#h-operator').scrollIntoView()"),)),
    Screen("discount-limits", "/admin/discounts", "admin"),
    Screen("coupons", "/orders/coupons", "head"),
    Screen("integrations", "/admin/integrations", "admin"),
    Screen("integrations-order", "/admin/integrations?order=7", "admin"),
    Screen("integrations-no-right", "/admin/integrations", "seller", status=403),
    Screen("plugins", "/admin/plugins", "admin"),
    Screen("plugin", "/admin/plugins/site_monitor", "admin"),
    Screen("plugins-journal", "/admin/plugins/journal", "admin"),
    Screen("plugins-journal-none", "/admin/plugins/journal?no=7", "admin"),
    Screen("plugins-no-right", "/admin/plugins", "seller", status=403),
    Screen("statuses", "/orders/statuses?code=new", "head"),
    Screen("order-statuses", "/orders/{new_order}", "seller",
           (("press", "s"), ("wait", "#moves:popover-open"))),
    Screen("order-conflict", "/orders/{new_order}", "seller", FAST, broken=True),
    Screen("order-unknown", "/orders/999999", status=404),
    # Clients
    Screen("clients", "/clients", "head"),
    Screen("clients-empty", "/clients", NEWCOMER),
    Screen(
        "clients-nothing", "/clients", "head",
        (("press", "f"), ("type", "нет такого"), ("press", "Enter"), ("wait", ".empty")),
    ),
    Screen(
        "clients-peek", "/clients", "head",
        (("press", "j"), ("press", "Space"), ("wait", ".peek h2")),
    ),
    Screen(
        "clients-bulk", "/clients", "head",
        (("press", "j"), ("press", "l"), ("wait", "#bulk[open]"), ("type", "выставка"),
         ("wait", ".bulk-sum")),
    ),
    Screen("clients-groups", "/clients?by=manager", "head"),
    Screen("clients-conditions", "/clients?vip=1&owes=1", "head",
           (("click", "[data-dialog=conditions]"), ("wait", "#conditions[open]"))),
    Screen(
        "clients-chosen", "/clients", "head",
        (("press", "j"), ("press", "x"), ("wait", "[data-mass]:not([hidden])")),
    ),
    Screen("client", "/clients/{client}"),
    Screen(
        "client-revealed", "/clients/{client}", "seller",
        (("press", "s"), ("wait", ".contact[data-open]")),
    ),
    *(
        Screen(
            f"client-{window}", "/clients/{client}", "head",
            (("click", f"[data-dialog={window}]"), ("wait", f"#{window}[open]")),
        )
        for window in ("date", "credit")
    ),
    Screen(
        "client-dossier", "/clients/{client}", "head",
        (("script", "document.querySelector('#dossier').showModal()"), ("wait", "#dossier[open]")),
    ),
    Screen("branches", "/branches", "admin"),
    Screen("programs", "/admin/programs", "admin"),
    Screen(
        "programs-wrong", "/admin/programs", "admin",
        (("fill", "#people", "много"), ("click", "main aside button[type=submit]"),
         ("wait", "[aria-invalid]")), broken=True,
    ),
    Screen("webhooks", "/admin/webhooks", "admin"),
    Screen(
        "webhook", "/admin/webhooks", "admin",
        (("fill", "#name", "Склад"), ("fill", "#url", "https://sklad.example.ru/in"),
         ("click", "input[value=order_placed]"), ("click", "main aside button[type=submit]"),
         ("wait", "#h-secret")),
    ),
    Screen("privacy-empty", "/privacy", "officer"),
    Screen("privacy-new", "/privacy/new?client=7", "officer"),
    Screen(
        "privacy-request", "/privacy/new", "officer",
        (("script", "document.querySelector('[name=customer]').value = "
                    "20 + Math.floor(Math.random() * 200)"),
         ("click", "main form button[type=submit]"), ("wait", ".tl")),
    ),
    Screen(
        "privacy-access", "/privacy/new", "officer",
        (("script", "document.querySelector('[name=customer]').value = "
                    "20 + Math.floor(Math.random() * 200);"
                    "document.querySelector('[name=kind]').value = 'access'"),
         ("click", "main form button[type=submit]"), ("wait", "form[action$='/person']")),
    ),
    Screen("pack", "/privacy/pack", "officer"),
    Screen(
        "pack-wrong", "/privacy/pack", "officer",
        (("click", "main form button[type=submit]"), ("wait", ".err")), broken=True,
    ),
    Screen(
        "pack-asked", "/privacy/pack", "officer",
        (("fill", "[name=receiver]", "Роскомнадзор, инспектор Выдумкина"),
         ("click", "main form button[type=submit]"), ("wait", "aside .strip")),
    ),
    Screen("hands", "/admin/hands", "admin"),
    Screen("hands-one", "/admin/hands", "admin",
           (("click", "tbody a.key"), ("wait", "form[action$='/agree']"))),
    Screen(
        "hands-own", "/admin/hands", "admin",
        (("click", "form[action$='/ask'] button"), ("wait", "form[action$='/code']")),
    ),
    Screen("privacy-decide", "/privacy/{request}", "head"),
    Screen(
        "privacy-decide-wrong", "/privacy/{request}", "head",
        (("fill", "[name=sure]", "ПД-2"), ("click", "form[action$=approve] button"),
         ("wait", ".err")),
        broken=True,
    ),
    Screen(
        "privacy-hold", "/privacy/{request}", "officer",
        (("click", "details:has(form[action$=hold]) summary"),
         ("fill", "[name=until]", "когда-нибудь"),
         ("click", "form[action$=hold] button[type=submit]"), ("wait", ".err")),
        broken=True,
    ),
    Screen(
        "privacy-held", "/privacy/{request}", "officer",
        (("script", "document.querySelector('details:has(form[action$=hold])').open = true"),
         ("fill", "[name=until]", "31.12.2031"),
         ("click", "form[action$=hold] button[type=submit]"), ("wait", "main .strip")),
    ),
    Screen("client-unknown", "/clients/999999", status=404),
    Screen("no-right", "/clients", "admin", status=403),
    # Deals
    Screen("deals", "/deals", "head"),
    Screen("deals-seller", "/deals"),
    Screen("deals-empty", "/deals", NEWCOMER),
    Screen("deals-nothing", "/deals?max=1", "head"),
    Screen("deals-list", "/deals?view=list&state=any", "head"),
    Screen("deals-peek", "/deals", "head",
           (("press", "ArrowRight"), ("press", "Space"), ("wait", ".peek h2"))),
    Screen("deals-move", "/deals", "seller",
           (("press", "ArrowRight"), ("press", "m"), ("wait", "#move-menu:popover-open"))),
    Screen(
        "deals-lost", "/deals", "seller",
        (("press", "ArrowRight"), ("press", "m"), ("wait", "#move-menu:popover-open"),
         ("script", "[...document.querySelectorAll('#move-menu button')].at(-1).click()"),
         ("wait", "#gate[open]")),
        broken=True,
    ),
    Screen("deals-conditions", "/deals", "head",
           (("click", "[data-dialog=conditions]"), ("wait", "#conditions[open]"))),
    Screen("deal", "/deals/{deal}"),
    Screen("deal-new", "/deals/new"),
    Screen("deal-new-wrong", "/deals/new", "seller", (
        ("fill", "[name=title]", "Подносы"), ("fill", "[name=amount]", "много"),
        ("click", ".head .btn-main"), ("wait", ".err"),
    ), broken=True),
    Screen("deal-pipelines", "/deals/pipelines", "head"),
    Screen("deal-edit", "/deals/{deal}/edit"),
    Screen(
        "tasks-chosen", "/tasks?who=all", "head",
        (*A_TASK, ("press", "j"), ("press", "x"), ("wait", "[data-mass]:not([hidden])")),
    ),
    Screen(
        "tasks-bulk", "/tasks?who=all", "head",
        (*A_TASK, ("press", "j"), ("press", "Control+a"), ("press", "d"), ("wait", "#bulk[open]"),
         ("type", "пт"), ("wait", ".bulk-sum")),
    ),
    # Over every page
    Screen("parcel-setup", "/admin/parcels", "admin"),
    Screen("ship", "/ship", "storekeeper"),
    Screen("ship-carriers", "/ship/carriers", "storekeeper"),
    Screen("ship-carriers-courier", "/ship/carriers", "storekeeper",
           (("click", ".handing-courier summary"), ("wait", ".handing-courier[open]"))),
    # The fake of the Post has none of the invented parcels, and says so.
    Screen("ship-carriers-refused", "/ship/carriers", "storekeeper",
           (("press", "Control+;"), ("press", "d"), ("wait", "main .strip"))),
    Screen("ship-carriers-scanned", "/ship/carriers", "storekeeper",
           (("type", "80080090000000"), ("press", "Enter"), ("wait", "tr[data-laid]"))),
    Screen("ship-carriers-unknown", "/ship/carriers", "storekeeper",
           (("type", "4600000000000"), ("press", "Enter"), ("wait", ".scan-said[data-tone=bad]"))),
    Screen("order-post", "/orders/{post_order}", "head", TO_PARCEL),
    # Goods and stock
    Screen("catalog", "/catalog", "head"),
    Screen("catalog-low", "/catalog?low=1", "storekeeper"),
    Screen("catalog-nothing", "/catalog?q=zzzz", "head"),
    Screen("product", "/catalog/{product}", "head"),
    Screen("product-seller", "/catalog/{product}"),
    Screen("product-form", "/catalog/{product}/edit", "head"),
    Screen("product-new", "/catalog/new", "head"),
    Screen("feeds", "/catalog/feeds", "head"),
    Screen("shops", "/shops", "admin"),
    Screen("shop-new", "/shops/new", "admin"),
    Screen(
        "shop-new-wrong", "/shops/new", "admin",
        (("fill", "[name=url]", "shop"), ("press", "Control+Enter"), ("wait", ".err")),
        broken=True,
    ),
    Screen("shop-first", "/shops/main?step=shop", "admin"),
    Screen("shop-key", "/shops/main?step=key", "admin"),
    Screen("shop-check", "/shops/main?step=check", "admin"),
    Screen("shop-catalogue", "/shops/main?step=catalogue", "admin"),
    Screen("shop-defaults", "/shops/main?step=defaults", "admin"),
    Screen("shop-import", "/shops/main?step=import", "admin"),
    Screen("shop-demands", "/shops/main?step=shop", "admin", PRESTASHOP),
    Screen("shop-report", "/shops/main?step=import", "admin", CATALOGUE),
    Screen("vat", "/catalog/vat", "head"),
    Screen("vat-wrong", "/catalog/vat", "head",
           (("press", "Control+Enter"), ("wait", ".field [aria-invalid=true]")), broken=True),
    Screen("stock", "/stock", "storekeeper"),
    Screen("stock-drafts", "/stock?state=draft", "storekeeper"),
    Screen("stock-new", "/stock/new?kind=receipt", "storekeeper"),
    Screen("stock-draft", "/stock/{draft}", "storekeeper"),
    Screen("stock-posted", "/stock/1", "storekeeper"),
    Screen("courier-day", "/courier", "courier"),
    Screen("palette", "/orders", "head", (("press", "Control+k"), ("wait", "#palette[open]"))),
    Screen(
        "palette-found", "/orders", "head",
        (("press", "Control+k"), ("type", "ива"), ("wait", "#palette [id^=found-]")),
    ),
    Screen(
        "palette-step", "/orders/{new_order}", "head",
        (("press", "Control+k"), ("type", ">новый статус"), ("press", "Enter"),
         ("wait", "[data-palette-step]:not([hidden])")),
    ),
    Screen(
        "palette-make", "/orders", "head",
        (("press", "Control+k"), ("type", "+"), ("wait", "#palette [role=option]")),
    ),
    Screen(
        "palette-book", "/orders", "head",
        (("press", "Control+k"), ("type", "?заказ"), ("wait", "#palette [id^=found-]")),
    ),
    Screen("help", "/orders", "head", (("press", "?"), ("wait", "#help[open]"))),
    Screen("me-menu", "/", "seller", (("click", "[popovertarget=me]:visible"),
                                      ("wait", "#me:popover-open"))),
    # Mine
    Screen("me-sessions", "/me/sessions"),
    Screen("me-password", "/me/password"),
    Screen(
        "me-password-wrong", "/me/password", "seller",
        (
            ("fill", "[name=current]", "что-то-одно-12"),
            ("fill", "[name=fresh]", "что-то-другое-12"),
            ("fill", "[name=again]", "что-то-третье-12"), ("click", "main .btn-main"),
            ("wait", ".err"),
        ),
        broken=True,
    ),
    Screen("me-factor", "/me/factor"),
    Screen(
        "me-factor-new", "/me/factor", "seller", (("click", "main .btn-main"), ("wait", "main img"))
    ),
    Screen("me-factor-on", "/me/factor", CAREFUL),
    Screen("me-confirm", "/me/confirm?next=/"),
    Screen("me-confirm-code", "/me/confirm?next=/", CAREFUL),
    Screen("not-found", "/nothing-here", status=404),
    # The kit
    Screen("kit", "/_kit"),
    Screen("settings", "/admin", "head"),
    Screen("settings-fields", "/admin/fields?owner=customer", "head", MADE),
    Screen("settings-fields-wrong", "/admin/fields?owner=order", "head", (
        ("click", "#custom-field [name=personal]"),
        ("press", "Control+Enter"),
        ("wait", "#custom-field .err"),
    ), broken=True),
    Screen("settings-tabs", "/admin/tabs?role=head", "head"),
    Screen("client-clash", "/clients/{person}/edit", "head", FASTER, broken=True),
    Screen("client-with-fields", "/clients/{person}/edit", "head", (
        ("wait", "[name=custom_razmer_obuvi]"),
        ("fill", "[name=custom_razmer_obuvi]", "38"),
        ("press", "Control+Enter"),
        ("wait", "[role=tab]"),
    )),
    Screen("plugin-screen", "/admin/plugins/exchange_1c/screens/runs?done=deed_confirm", "admin"),
    Screen("plugin-screen-sure", "/admin/plugins/exchange_1c/screens/runs", "admin", (
        ("click", "[data-dialog^=confirm]"), ("wait", "dialog[open]"),
    )),
    Screen("plugin-screen-aside", "/admin/plugins/exchange_1c/screens/aside", "admin"),
    Screen("plugin-with-screens", "/admin/plugins/exchange_1c", "admin"),
    Screen("plugin-market-account", "/admin/plugins/marketplace_wildberries/accounts/new", "admin"),
    Screen("plugin-1c-base", "/admin/plugins/exchange_1c/accounts/new", "admin"),
    Screen("plugin-measured", "/admin/plugins/site_monitor", "admin"),
    Screen("kit-shell", "/_kit/shell"),
    Screen("kit-card", "/_kit/card"),
    # The box is closed
    Screen("sealed", "/unlock", NOBODY, phase=SEALED),
    Screen("sealed-page", "/orders", "head", phase=SEALED, status=503),
    Screen("sealed-wrong", "/unlock", NOBODY, (
        ("fill", "[name=secret]", "не-та-фраза"), ("click", "form .btn-main"), ("wait", ".err"),
    ), phase=SEALED, broken=True),
    Screen("sealed-restart", "/unlock", NOBODY, phase=RESTARTED),
)  # fmt: skip
