"""What is asked for beside the page, step by step, from budget that nobody else wants."""

from dataclasses import dataclass, replace
from typing import TypeVar

from vpo_monitor.api.client import VpoClient
from vpo_monitor.polling.queries import Priority, Query, Route

T = TypeVar("T")

_MOST_MATCHES = 20
_LONGEST_SEARCH = 200
"""Signs that VPO takes in a search."""


@dataclass(frozen=True)
class FileSize:
    """The size of one file, in bytes; None where the library does not know it.

    `file_id` is the library's, once that is found and the size is the next to be asked for.
    """

    job_id: str
    bytes: int | None = None
    file_id: int | None = None
    is_complete: bool = False


@dataclass(frozen=True)
class FileSizeQuery(Query[FileSize]):
    """The size of a job's file: one request finds it in the library, a second asks for its size."""

    priority: Priority = Priority.BULK

    def fetch(self, client: VpoClient, previous: FileSize | None) -> FileSize:
        """Take the next of the two steps."""
        wanted = dict(self.arguments)
        job_id, path = wanted["job_id"], wanted["path"]
        if previous is not None and previous.file_id is not None and not previous.is_complete:
            found = client.library_file(previous.file_id)
            return FileSize(job_id, found.size_bytes, previous.file_id, is_complete=True)
        name = path.replace("\\", "/").rsplit("/", 1)[-1][:_LONGEST_SEARCH]
        files = client.library(search=name, limit=_MOST_MATCHES).rows
        file_id = next((file.id for file in files if file.path == path), None)
        return FileSize(job_id, None, file_id, is_complete=file_id is None)

    def is_complete(self, data: FileSize) -> bool:
        """Whether the size is known, or known not to be had."""
        return data.is_complete


def in_background(query: Query[T]) -> Query[T]:
    """The same question, asked from spare budget."""
    return replace(query, priority=Priority.NICE_TO_HAVE)


def file_size(job_id: str, path: str) -> FileSizeQuery:
    """The size of the file that a job works on."""
    return FileSizeQuery(Route.LIBRARY, VpoClient.library, (("job_id", job_id), ("path", path)))
