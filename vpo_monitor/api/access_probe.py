"""A request that shows whether VPO accepts the token, which VPO answers at once in any state."""

from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.models import LogLines

_NO_JOB = "00000000-0000-4000-8000-000000000000"
"""An id without a job. VPO reports at once that it has no log, even if its database is locked."""


def probe_access(client: VpoClient) -> LogLines:
    """Send a request that needs the token, and raise its VpoError if it fails."""
    return client.logs(_NO_JOB, lines=1)
