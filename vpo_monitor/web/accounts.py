"""The buttons of the login form for accounts elsewhere."""

from vpo_monitor.access.oidc import Oidc
from vpo_monitor.web.paths import LOGIN


def start_paths(oidc: Oidc) -> list[str]:
    """The path of the app where a login with each provider starts."""
    return [f"{LOGIN}/{number}" for number, _name in enumerate(oidc.providers, start=1)]


def label(provider: str) -> str:
    """The text of the button that leads there."""
    name = "your account" if provider == "default" else provider.capitalize()
    return f"Log in with {name}"
