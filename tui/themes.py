"""Three palettes: the nearest-colour guess of a terminal is never left to chance."""

from textual.theme import Theme

_ORDER = (
    *("text", "grey", "accent", "ok", "warn", "bad"),
    *("back", "raised", "panel", "cursor", "line", "alarm"),
)


def _palette(name: str, hexes: str) -> Theme:
    """Make a theme of colours in the order of `_ORDER`."""
    colour = dict(zip(_ORDER, hexes.split(), strict=True))
    return Theme(
        name,
        primary=colour["accent"],
        accent=colour["accent"],
        success=colour["ok"],
        warning=colour["warn"],
        error=colour["bad"],
        foreground=colour["text"],
        background=colour["back"],
        surface=colour["raised"],
        panel=colour["panel"],
        variables={
            "text-2": colour["grey"],
            "cursor": colour["cursor"],
            "line": colour["line"],
            "alarm": colour["alarm"],
        },
    )


THEMES = {
    "truecolor": _palette(
        "korobka",
        "#E8EAEE #A3ABB8 #7DAAFF #58C98A #E5B455 #FF8A80 "
        "#16181D #1C1F26 #252A33 #1F3150 #4A5261 #8C1D18",
    ),
    "256": _palette(
        "korobka-256",
        "#eeeeee #a8a8a8 #87afff #5fd787 #d7af5f #ff8787 "
        "#121212 #1c1c1c #262626 #00005f #585858 #870000",
    ),
    # Text console: eight backgrounds, sixteen letters, nothing in between.
    "standard": _palette(
        "korobka-16",
        "#ffffff #aaaaaa #55ffff #55ff55 #ffff55 #ff5555 "
        "#000000 #000000 #0000aa #0000aa #aaaaaa #aa0000",
    ),
}
