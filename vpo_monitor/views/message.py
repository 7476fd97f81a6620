"""Messages to the page's scripts: small, as Streamlit sends a component's script along."""

from collections.abc import Mapping
from typing import Any

from vpo_monitor.views.frontend import component

_message = component("message")


def message(
    kind: str,
    data: Mapping[str, Any],
    *,
    default: dict[str, Any] | None = None,
    **reports: Any,
) -> None:
    """Send data to the scripts that listen for `kind`, once per run and kind.

    `reports` are callbacks, such as `on_view_change`, for what a script reports back; `default` is
    the state before it reports any. The session keeps the reported state under the key `kind`.
    """
    _message(key=kind, data={**data, "kind": kind}, default=default, **reports)
