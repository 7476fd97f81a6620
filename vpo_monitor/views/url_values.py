"""Widgets whose values are kept in the page's URL."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

import streamlit as st

from vpo_monitor.views.refresh import page_state


@dataclass
class UrlWidgets:
    """Widgets of a session that show what the URL holds, one of which has this `key`.

    Set `shown` to what the URL holds once they are drawn.
    """

    key: str
    shown: object = None
    was_set: bool = False

    @classmethod
    def of_session(cls, key: str) -> Self:
        """Return those with this key."""
        widgets: Self = st.session_state.setdefault(f"{key}-shown", cls(key))
        return widgets

    def must_set(self, in_url: object) -> bool:
        """Whether they must be set to what the URL holds.

        They must if they are new, or if a link or *Back* has changed the URL, and once more if the
        run that did so was interrupted: the browser may not have received it. For the same reason
        their default must be what the URL holds, too: a browser that draws new widgets only after
        the next run gets no other value.
        """
        is_lost = self.was_set and page_state().was_interrupted
        self.was_set = self.key not in st.session_state or self.shown != in_url or is_lost
        return self.was_set


def url_choice(
    label: str,
    parameter: str,
    options: Mapping[str, str],
    *,
    key: str,
    default: str,
    override: str | None = None,
    replaces: Collection[str] = (),
) -> str:
    """Draw the control and return the chosen option.

    `options` maps each option to its label; the URL may hold either. If the URL changes, by a link
    or *Back*, it overrides the earlier choice. So does an `override`, whatever the URL holds. A
    choice removes the parameters that it `replaces`.
    """
    in_url = override or st.query_params.get(parameter, default)
    option_of_label = {text: option for option, text in options.items()}
    wanted = in_url if in_url in options else option_of_label.get(in_url, default)
    control = UrlWidgets.of_session(key)
    if control.must_set(in_url):
        st.session_state[key] = wanted
    st.segmented_control(
        label,
        list(options),
        default=wanted,
        format_func=options.__getitem__,
        required=True,
        key=key,
        on_change=_write_choice,
        args=(parameter, key, replaces),
    )
    control.shown = in_url
    return wanted


def _write_choice(parameter: str, key: str, replaces: Collection[str]) -> None:
    """Write a choice to the URL. In a callback, as a run may be interrupted."""
    kept = {name: value for name, value in st.query_params.items() if name not in replaces}
    st.query_params.from_dict({**kept, parameter: st.session_state[key]})
