"""The few pages that are plain HTML, in the app's theme: the login, and messages beside it."""

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template

from starlette.responses import HTMLResponse

from vpo_monitor.web.responses import NO_STORE

_FOLDER = Path(__file__).parent / "templates"
Theme = Mapping[str, Mapping[str, str | None]]
"""The tables `light` and `dark` of Streamlit's theme, with colors such as `#1558b0`."""
THEME_COLORS = {
    "backgroundColor": "background",
    "secondaryBackgroundColor": "field",
    "textColor": "text",
    "borderColor": "border",
    "primaryColor": "primary",
    "redTextColor": "error",
    "redBackgroundColor": "error-background",
}
"""The colors that are used, by Streamlit's names, and their names in the style."""
_DEFAULTS: Theme = {
    "light": {
        "backgroundColor": "#ffffff",
        "secondaryBackgroundColor": "#f0f2f6",
        "textColor": "#31333f",
        "borderColor": "#d3dae3",
        "primaryColor": "#1558b0",
        "redTextColor": "#a61e1e",
        "redBackgroundColor": "#fbe9e8",
    },
    "dark": {
        "backgroundColor": "#0e1117",
        "secondaryBackgroundColor": "#262730",
        "textColor": "#fafafa",
        "borderColor": "#344050",
        "primaryColor": "#8ab4ff",
        "redTextColor": "#ff9d97",
        "redBackgroundColor": "#3d1f22",
    },
}
_COLOR = re.compile(r"#[0-9a-fA-F]{3,8}\Z", re.ASCII)


class Pages:
    """Draws pages in the colors of a theme; what it lacks is as in Streamlit."""

    def __init__(self, theme: Theme) -> None:
        style = _template("page.css").substitute(
            {kind: _variables(theme, kind) for kind in ("light", "dark")}
        )
        self._style = style
        style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self._policy = (
            f"default-src 'none'; style-src 'sha256-{style_hash}'; img-src data:; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        self._page = _template("page.html")
        self._login = _template("login.html")

    def page(
        self, title: str, main: str, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> HTMLResponse:
        """A page whose `main` is HTML."""
        text = self._page.substitute(title=html.escape(title), style=self._style, main=main)
        return HTMLResponse(
            text, status, {**NO_STORE, "Content-Security-Policy": self._policy, **(headers or {})}
        )

    def message(self, heading: str, *lines: str, status: int, ways: str = "") -> HTMLResponse:
        """A page with a few sentences, and HTML for where to go from there."""
        text = "\n".join(f"<p>{html.escape(line)}</p>" for line in lines)
        main = f'<h2>{html.escape(heading)}</h2>\n{text}\n<div class="ways">{ways}</div>'
        return self.page(f"{heading} · VPO Monitor", main, status)

    def password_form(self, action: str, message: str | None) -> str:
        """The HTML of a form that posts a password to `action`."""
        said = f'<p class="error" role="alert" id="message">{html.escape(message or "")}</p>'
        return self._login.substitute(
            action=html.escape(action),
            invalid=' aria-invalid="true" aria-describedby="message"' if message else "",
            message=said if message else "",
        )


def link_button(label: str, url: str) -> str:
    """The HTML of a link that looks like a button."""
    return f'<a class="button" href="{html.escape(url)}">{html.escape(label)}</a>'


def _template(name: str) -> Template:
    return Template((_FOLDER / name).read_text("utf-8"))


def theme_color(theme: Theme, kind: str, name: str) -> str:
    """Return a theme's color by Streamlit's name; `kind` is `light` or `dark`."""
    color = theme.get(kind, {}).get(name) or ""
    return color if _COLOR.match(color) else _DEFAULTS[kind][name] or ""


def _variables(theme: Theme, kind: str) -> str:
    named = (
        f"--{variable}: {theme_color(theme, kind, name)};"
        for name, variable in THEME_COLORS.items()
    )
    return " ".join(named)
