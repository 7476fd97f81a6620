"""Tables as JSON that says what it is of."""

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from vpo_monitor.insight.exports.origin import Origin
from vpo_monitor.insight.exports.table import Table, written


def json_bytes(table: Table, origin: Origin, more: Mapping[str, Any] | None = None) -> bytes:
    """One object: server, what, view, when it was fetched, `more`, and `rows`, each an object.

    Numbers are numbers, times ISO 8601 in UTC, and what is not known is null; texts are as VPO has
    them, but that what is not Unicode becomes a question mark.
    """
    head = {
        "server": {"name": origin.server.name, "address": origin.server.url},
        "what": origin.what,
        "view": dict(origin.view),
        "fetched_at": written(origin.fetched_at.astimezone(UTC)),
        **(more or {}),
        "count": len(table.rows),
    }
    rows = ",\n".join(
        _text(dict(zip(table.columns, map(written, row), strict=True))) for row in table.rows
    )
    return f'{_text(head)[:-1]}, "rows": [\n{rows}\n]}}\n'.encode("utf-8", "replace")


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
