"""The metrics of this app: which server they are of, and who looks."""

from streamlit import runtime
from streamlit.runtime.stats import ACTIVE_SESSIONS_FAMILY

from vpo_monitor.metrics.endpoint import Endpoint, serve
from vpo_monitor.metrics.sources import Sources, Target
from vpo_monitor.once import Once
from vpo_monitor.views.servers import all_watched, own_settings, settings_in_force


@Once
def metrics_endpoint() -> Endpoint:
    """Serve the metrics from now on, where a port is set for them."""
    settings = own_settings()
    sources = Sources(_target, _viewers)
    return serve(settings.metrics_port.value, settings.metrics_address.value, sources)


def _target() -> Target | None:
    known = all_watched()[0]
    if known.poller is None or known.watch is None:
        return None
    own = own_settings()
    # Where the app's own setting is off, not even the server's offer is asked for.
    settings = settings_in_force(known.poller) if own.polling_enabled.value else own
    return Target(known.poller, known.watch, settings.polling, is_demo=known.is_demo)


def _viewers() -> int | None:
    """The sessions that are connected, as Streamlit counts them for its own figures."""
    if not runtime.exists():
        return None
    counted = runtime.get_instance().stats_mgr.get_stats([ACTIVE_SESSIONS_FAMILY])
    values = [getattr(stat, "value", None) for stat in counted.get(ACTIVE_SESSIONS_FAMILY, ())]
    return next((value for value in values if isinstance(value, int)), None)
