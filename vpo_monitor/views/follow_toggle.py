"""The toggle that notifies a viewer when a job finishes."""

import streamlit as st

from vpo_monitor.analysis.notifications import MAX_FOLLOWED
from vpo_monitor.views.refresh import page_state


def follow_toggle(job_id: str) -> None:
    """Draw the toggle for a job."""
    notifications = page_state().notifications
    st.toggle(
        "Notify when finished",
        value=job_id in notifications.followed,
        key=f"follow-{job_id}",
        help="Shows a message in the app when this job finishes, and a browser notification if "
        "notifications are on.",
        on_change=_follow,
        args=(job_id,),
    )


def _follow(job_id: str) -> None:
    notifications = page_state().notifications
    is_followed = bool(st.session_state.get(f"follow-{job_id}", job_id in notifications.followed))
    if is_followed and len(notifications.followed) == MAX_FOLLOWED:
        st.toast(
            f"You can follow up to {MAX_FOLLOWED} jobs. The one you followed first was dropped."
        )
    notifications.follow(job_id, is_followed=is_followed)
