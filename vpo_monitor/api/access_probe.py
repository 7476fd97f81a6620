"""Whether VPO lets its asker in, by a question that it answers at once in all its states."""

from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.models import LogLines

_NO_JOB = "00000000-0000-4000-8000-000000000000"
"""No job has this id. VPO says at once that it has no log, to whoever may ask, also while its
database is held."""


def probe_access(client: VpoClient) -> LogLines:
    """Ask what VPO tells those alone who are let in; raises the VpoError that it meets."""
    return client.logs(_NO_JOB, lines=1)
