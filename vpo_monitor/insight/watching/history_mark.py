"""How a file of the history is known from those of other programs."""

APPLICATION = 0x56504F4D
"""Marks a file as ours ("VPOM"), in the place that SQLite has for it."""
_HEAD = b"SQLite format 3\0"
_PLACE = slice(68, 72)
HEAD_BYTES = 100
"""How much of a file tells what it is: the head of an SQLite file."""


def is_no_database(head: bytes) -> bool:
    """Whether a file that begins so is something else than SQLite's; an empty one is not."""
    return not head.startswith(_HEAD) and bool(head[: len(_HEAD)].strip(b"\0"))


def is_of_others(head: bytes) -> bool:
    """Whether a file that begins so is another program's, be it SQLite's or not."""
    mark = int.from_bytes(head[_PLACE])
    return is_no_database(head) or (head.startswith(_HEAD) and mark != APPLICATION)
