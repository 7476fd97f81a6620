"""A list of names with values, in one or two columns depending on the width."""

from collections.abc import Mapping

from vpo_monitor.plain_text import plain
from vpo_monitor.views.frontend import component

# No shadow DOM, so that the page's style can fade stale data.
_description_list = component("description_list", isolate_styles=False)


def description_list(values: Mapping[str, str | None], *, key: str) -> None:
    """Draw the values that are not empty, as plain text."""
    _description_list(
        key=key,
        data={"facts": [(name, plain(value)) for name, value in values.items() if value]},
    )
