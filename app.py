"""VPO Monitor as one ASGI app: what the process consists of.

Start it with `streamlit run app.py`, or `uvicorn app:app`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st

from vpo_monitor import process, services, streamlit_patches
from vpo_monitor.app_files import MAIN_SCRIPT

settings = services.load_settings()


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Open what lives as long as the process; close it in reverse order."""
    process.set_up()
    streamlit_patches.apply()
    with services.running(settings) as running:
        await asyncio.to_thread(running.open)  # looking for a VPO may take 2 s
        process.warm_up()
        from vpo_monitor.views.metrics_endpoint import metrics_endpoint  # noqa: PLC0415

        metrics_endpoint()
        yield {"services": running}


app = st.App(MAIN_SCRIPT, lifespan=lifespan)
