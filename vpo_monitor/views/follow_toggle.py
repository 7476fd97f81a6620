"""The switch with which a viewer follows a job."""

import streamlit as st

from vpo_monitor.insight.notifications import MAX_FOLLOWED
from vpo_monitor.views.live_memory import live_memory


def follow_toggle(job_id: str) -> None:
    """Draw the switch with which a viewer follows a job, to be told when it ends."""
    telling = live_memory().telling
    st.toggle(
        "Tell me when it ends",
        value=job_id in telling.followed,
        key=f"follow-{job_id}",
        help="With a note on whichever page is open, and a notification where you have "
        "switched them on.",
        on_change=_follow,
        args=(job_id,),
    )


def _follow(job_id: str) -> None:
    telling = live_memory().telling
    is_followed = bool(st.session_state.get(f"follow-{job_id}", job_id in telling.followed))
    if is_followed and len(telling.followed) == MAX_FOLLOWED:
        st.toast(
            f"{MAX_FOLLOWED} jobs are followed at most: the one that you followed first is "
            "followed no more."
        )
    telling.follow(job_id, is_followed=is_followed)
