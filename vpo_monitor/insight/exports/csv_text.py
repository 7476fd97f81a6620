"""Tables as CSV that a spreadsheet shows and does not execute."""

import csv
import io
import re

from vpo_monitor.insight.exports.table import Table, Value, to_plain_value
from vpo_monitor.plain_text import plain

# Spreadsheets take a cell that begins with one of these signs, also in full width, for a formula:
# https://owasp.org/www-community/attacks/CSV_Injection. Some pass over blanks, quotes and what
# cannot be seen before it. And where semicolons or tabs are the separator, as in much of Europe, a
# cell begins after each of those and after each line break, whatever the quotes say.
_BEGINNING = re.compile(
    r"(^|[;\t\n])"
    r"(?=(?:[^\S\t\n]|[\"'`\u00ad\u180e\u200b-\u201f\u2028-\u202f\u2060-\u206f\ufeff])*"
    r"[=+\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20])"
)


def csv_bytes(table: Table) -> bytes:
    """The table with its header, in UTF-8 with the mark by which spreadsheets know it.

    A text in which a formula could begin gets an apostrophe there; numbers stay numbers, also
    negative ones, and what is not known is an empty cell. Of texts, control characters are left
    out; times are ISO 8601 in UTC.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(map(escape_formulas, table.columns))
    writer.writerows(map(_cell, row) for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def escape_formulas(text: str) -> str:
    """The text as a cell in which no formula begins."""
    shown = _BEGINNING.sub(r"\1'", plain(text))
    return f"'{shown}" if shown.startswith(("\t", "\n")) else shown


def _cell(value: Value) -> object:
    return escape_formulas(value) if isinstance(value, str) else to_plain_value(value)
