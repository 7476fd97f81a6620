"""Distinguish a history file from files of other programs."""

APPLICATION = 0x56504F4D
"""The mark of this app's files ("VPOM"), stored as SQLite's application id."""
_HEAD = b"SQLite format 3\0"
_PLACE = slice(68, 72)
HEAD_BYTES = 100
"""Bytes that identify a file: the header of an SQLite file."""


def is_no_database(head: bytes) -> bool:
    """Whether a file with this header is not an SQLite file; an empty one may become one."""
    return not head.startswith(_HEAD) and bool(head[: len(_HEAD)].strip(b"\0"))


def is_of_others(head: bytes) -> bool:
    """Whether a file with this header belongs to another program, using SQLite or not."""
    mark = int.from_bytes(head[_PLACE])
    return is_no_database(head) or (head.startswith(_HEAD) and mark != APPLICATION)
