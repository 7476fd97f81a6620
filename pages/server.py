"""The server's health, and the effective settings."""

from vpo_monitor import services
from vpo_monitor.analysis.charts.uptime import uptime_revision
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.polling import queries
from vpo_monitor.views import refresh
from vpo_monitor.views.connection_guide import connection_guide
from vpo_monitor.views.kiosk import is_kiosk
from vpo_monitor.views.server_choice import current_server
from vpo_monitor.views.server_view import (
    edits_notice,
    health_facts,
    history_notice,
    polling_facts,
    settings_table,
)
from vpo_monitor.views.uptime_view import uptime_strips

_ABOUT_MAX_AGE = 300.0
_ADMISSION_MAX_AGE = 30.0
"""Seconds; read only to detect a rejected token, as the other routes here need none."""

server = current_server()


def draw(reader: Reader) -> None:
    """Draw the health that the server reports."""
    health = reader.read(queries.health()).data
    about = reader.peek(queries.about(), _ABOUT_MAX_AGE).data
    reader.read(queries.admission(), _ADMISSION_MAX_AGE)
    health_facts(server.server, health, about)
    reader.track(lambda _reader: uptime_revision(server.tracker))
    uptime_strips(server.tracker)
    polling_facts(server.poller.figures(), server.settings.requests_per_minute)
    history_notice(reader.track(lambda _reader: server.tracker.store.problem))
    edits_notice(reader.track(lambda _reader: services.current().edits.names()))


if server.is_demo and not is_kiosk():
    connection_guide()
refresh.view(draw)
if not is_kiosk():
    if not server.is_demo:
        connection_guide(server.server)
    settings_table(
        server.settings,
        store_problem=server.store_problem(),
    )
