"""Export tables as CSV that spreadsheets display without running formulas."""

import csv
import io
import re

from vpo_monitor.analysis.exports.table import Table, Value, to_plain_value
from vpo_monitor.plain_text import plain

# Spreadsheets treat a cell that begins with one of these characters, also full-width, as a formula:
# https://owasp.org/www-community/attacks/CSV_Injection. Some skip leading blanks, quotes and
# invisible characters. If the separator is a semicolon or tab, as in much of Europe, a cell begins
# after each of those and after each line break, even inside quotes.
_BEGINNING = re.compile(
    r"(^|[;\t\n])"
    r"(?=(?:[^\S\t\n]|[\"'`\u00ad\u180e\u200b-\u201f\u2028-\u202f\u2060-\u206f\ufeff])*"
    r"[=+\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20])"
)


def csv_bytes(table: Table) -> bytes:
    """Return the table with its header in UTF-8 with a byte order mark, for spreadsheets.

    Texts that could begin a formula get an apostrophe; numbers stay numbers, including negative
    ones. Unknown values are empty cells. Control characters are removed, and times are ISO 8601 in
    UTC.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(map(escape_formulas, table.columns))
    writer.writerows(map(_cell, row) for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def escape_formulas(text: str) -> str:
    """Escape the text so that no cell begins a formula."""
    shown = _BEGINNING.sub(r"\1'", plain(text))
    return f"'{shown}" if shown.startswith(("\t", "\n")) else shown


def _cell(value: Value) -> object:
    return escape_formulas(value) if isinstance(value, str) else to_plain_value(value)
