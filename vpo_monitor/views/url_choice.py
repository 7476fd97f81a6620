"""A segmented control whose value is kept in the page's URL."""

from collections.abc import Mapping

import streamlit as st


def url_choice(
    label: str, parameter: str, options: Mapping[str, str], *, key: str, default: str
) -> str:
    """Draw the control and return the chosen option.

    `options` maps each option to its label; the URL may hold either. If the URL changes, by a link
    or *Back*, it overrides the earlier choice.
    """
    url_key = f"{key}-asked"
    in_url = st.query_params.get(parameter, default)
    option_of_label = {text: option for option, text in options.items()}
    wanted = in_url if in_url in options else option_of_label.get(in_url, default)
    if key not in st.session_state or st.session_state.get(url_key) != in_url:
        st.session_state[key] = wanted
    chosen = st.segmented_control(
        label, list(options), format_func=options.__getitem__, required=True, key=key
    )
    chosen = str(chosen or wanted)
    if chosen != wanted:
        st.query_params[parameter] = in_url = chosen
    st.session_state[url_key] = in_url
    return chosen
