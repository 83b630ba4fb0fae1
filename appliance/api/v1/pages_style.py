"""The style sheet of the reference: the box's own colours, as other doors have no assets."""

from typing import Final

CSS: Final = """\
:root{color-scheme:light dark;
--bg:light-dark(#fff,#16181d);--subtle:light-dark(#f6f7f9,#1c1f26);
--border:light-dark(#dde1e7,#303642);--text:light-dark(#1b1f27,#e8eaee);
--text-2:light-dark(#59616e,#a3abb8);--accent:light-dark(#1f5fd1,#7daaff);
--ok:light-dark(#1b7a43,#58c98a);--warn:light-dark(#8a5a00,#e5b455);
--bad:light-dark(#b3261e,#ff8a80);--selected:light-dark(#e4edfb,#1f3150);
--mono:ui-monospace,"Cascadia Mono",Consolas,"Liberation Mono",monospace}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);
font:14px/20px system-ui,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif}
a{color:var(--accent)}
header{display:flex;justify-content:space-between;align-items:center;height:42px;
padding:0 16px;border-bottom:1px solid var(--border);background:var(--subtle)}
header a{display:inline-block;padding:4px 0}
.home{font-weight:600;color:var(--text);text-decoration:none}
.frame{display:grid;grid-template-columns:232px minmax(0,1fr)}
.side{border-right:1px solid var(--border);padding:12px 8px;background:var(--subtle);
min-height:calc(100vh - 42px)}
.side ul{list-style:none;margin:0;padding:0;position:sticky;top:12px}
.side a{display:block;padding:5px 8px;border-radius:6px;color:var(--text);text-decoration:none}
.side a:hover{background:var(--border)}
.side a[aria-current]{background:var(--selected);font-weight:600}
main{padding:20px 24px 48px;max-width:1040px}
h1{font-size:20px;line-height:28px;margin:0 0 12px}
h2{font-size:16px;margin:24px 0 8px}
h3{font-size:13px;margin:14px 0 6px;color:var(--text-2);font-weight:600}
.lead{font-size:16px;line-height:24px;margin:0 0 16px}
.rules{margin:0;padding-left:20px;max-width:760px}
.rules li{margin:6px 0}
code,pre{font-family:var(--mono);font-size:13px}
pre{background:var(--subtle);border:1px solid var(--border);border-radius:6px;padding:10px 12px;
overflow:auto;max-height:420px;margin:6px 0}
details{border:1px solid var(--border);border-radius:8px;margin:0 0 6px;background:var(--bg)}
details[open]{padding-bottom:8px}
details>:not(summary){margin-left:14px;margin-right:14px}
summary{cursor:pointer;padding:7px 12px;list-style:none;display:flex;gap:10px;
align-items:baseline;flex-wrap:wrap;border-radius:8px}
summary::-webkit-details-marker{display:none}
summary:hover{background:var(--subtle)}
summary code{font-weight:600;overflow-wrap:anywhere}
.what{color:var(--text-2);flex:1 1 280px}
.method{font:600 12px/18px var(--mono);min-width:56px;color:var(--accent)}
.method.post{color:var(--ok)}
.method.put,.method.patch{color:var(--warn)}
.method.delete{color:var(--bad)}
.about{white-space:pre-line;color:var(--text-2)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:4px 12px 4px 0;border-bottom:1px solid var(--border);
font-weight:400;vertical-align:top}
td{color:var(--text-2)}
:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
@media (max-width:720px){.frame{grid-template-columns:minmax(0,1fr)}
.side{min-height:0;border-right:0;border-bottom:1px solid var(--border)}
.side ul{display:flex;flex-wrap:wrap;gap:4px;position:static}
main{padding:16px}}
"""
