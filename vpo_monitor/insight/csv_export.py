"""Tables as CSV that a spreadsheet shows and does not execute."""

import csv
import io

import pandas as pd

# Spreadsheets take a cell that begins so for a formula, some also after white space and some with
# the full-width signs. https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The table with its header, in UTF-8 with the mark by which spreadsheets know it.

    A text that could be a formula gets an apostrophe in front; numbers stay numbers, and what is
    missing is an empty cell.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(frame.columns)
    for row in frame.itertuples(index=False):
        writer.writerow([_harmless(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: object) -> object:
    if not isinstance(cell, str):
        return "" if pd.isna(cell) else cell  # type: ignore[call-overload]
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
