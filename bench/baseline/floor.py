"""The least that a live table costs in Streamlit: what no page with one can be cheaper than.

One fragment with the timer and a table of 100 rows, made once for all viewers, and nothing else: no
request, no words, no state.
"""

import random
import time

import pyarrow as pa
import streamlit as st
from streamlit_autorefresh import st_autorefresh

ROWS, INTERVAL = 100, 5.0


@st.cache_resource(max_entries=2)
def rows(turn: int) -> pa.Table:
    """The table of one interval, in which every row is new."""
    chance = random.Random(turn)
    return pa.table(
        {
            "status": ["Running"] * ROWS,
            "progress": [f"{chance.randrange(100)} %" for _ in range(ROWS)],
            "path": [
                f"/srv/media/tv/Harbour Lights S02E{row:03} [720p].mkv" for row in range(ROWS)
            ],
        }
    )


@st.fragment
def live() -> None:
    """Draw the table of this interval."""
    st.dataframe(rows(int(time.time() // INTERVAL)), key="jobs")
    st_autorefresh(interval=int(INTERVAL * 1000), key="tick")


live()
