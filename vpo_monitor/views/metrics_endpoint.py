"""The metrics endpoint, and the servers and viewers that it reports."""

from streamlit import runtime
from streamlit.runtime.stats import ACTIVE_SESSIONS_FAMILY

from vpo_monitor import services
from vpo_monitor.metrics.endpoint import Endpoint, serve
from vpo_monitor.metrics.sources import Sources, Target
from vpo_monitor.once import Once


@Once
def metrics_endpoint() -> Endpoint:
    """Start serving metrics, if a port is configured."""
    settings = services.current().settings
    sources = Sources(_targets, _viewers)
    return serve(settings.metrics_port.value, settings.metrics_address.value, sources)


def _targets() -> tuple[Target, ...]:
    targets = []
    for one in services.current().servers:
        # With polling disabled in the app, not even the server's polling hints are fetched.
        own = one.own_settings
        polling = (one.settings if own.polling_enabled.value else own).polling
        name = one.server.name
        targets.append(Target(name, one.poller, one.watch, polling, is_demo=one.is_demo))
    return tuple(targets)


def _viewers() -> int | None:
    """The number of connected sessions, from Streamlit's own statistics."""
    if not runtime.exists():
        return None
    counted = runtime.get_instance().stats_mgr.get_stats([ACTIVE_SESSIONS_FAMILY])
    values = [getattr(stat, "value", None) for stat in counted.get(ACTIVE_SESSIONS_FAMILY, ())]
    return next((value for value in values if isinstance(value, int)), None)
