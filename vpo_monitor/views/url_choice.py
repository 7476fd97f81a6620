"""A choice of one of a few, which the page's address holds."""

from collections.abc import Mapping

import streamlit as st


def url_choice(
    label: str, parameter: str, options: Mapping[str, str], *, key: str, default: str
) -> str:
    """Draw the choice and return it; a link or Back goes before what was chosen.

    `options` are what the address and the label say of each; the address may hold the label, too.
    """
    kept = f"{key}-asked"
    asked = st.query_params.get(parameter, default)
    by_label = {said: option for option, said in options.items()}
    wanted = asked if asked in options else by_label.get(asked, default)
    if key not in st.session_state or st.session_state.get(kept) != asked:
        st.session_state[key] = wanted
    chosen = st.segmented_control(
        label, list(options), format_func=options.__getitem__, required=True, key=key
    )
    chosen = str(chosen or wanted)
    if chosen != wanted:
        st.query_params[parameter] = asked = chosen
    st.session_state[kept] = asked
    return chosen
