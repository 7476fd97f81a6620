from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from vpo_monitor.demo.store import Store

from .logs import Logs


class VpoStore(Store):
    """A store that keeps logs in files, as VPO does; a job of the simulation has its own log."""

    def __init__(self, random: Random, folder: Path) -> None:
        super().__init__(random)
        self.logs = Logs(folder)

    def append_log(self, job_id: str, lines: Sequence[str]) -> None:
        """Add lines to the end of a job's log, readable on return; the job need not exist."""
        self.logs.append(job_id, lines)

    def log(self, job_id: str, *, limit: int, offset: int) -> tuple[list[str], int]:
        if not self.logs.exists(job_id):
            return super().log(job_id, limit=limit, offset=offset)
        page = self.logs.read(job_id, limit=limit, offset=offset)
        return page.lines, page.total

    def job(self, job_id: str) -> dict[str, Any] | None:
        job = super().job(job_id)
        return job and job | {"has_logs": job["has_logs"] or self.logs.exists(job_id)}

    def delete_job(self, job_id: str) -> None:
        super().delete_job(job_id)
        self.logs.delete(job_id)
