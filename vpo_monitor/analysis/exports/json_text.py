"""Export tables as self-describing JSON."""

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.exports.table import Table, to_plain_value


def json_bytes(
    table: Table, provenance: Provenance, more: Mapping[str, Any] | None = None
) -> bytes:
    """Return a JSON object: server, content, view, time fetched, `more`, and `rows` as objects.

    Numbers stay numbers, times are ISO 8601 in UTC, and unknown values are null. Texts are
    unchanged except that invalid Unicode becomes a question mark.
    """
    head = {
        "server": {"name": provenance.server.name, "address": provenance.server.url},
        "what": provenance.what,
        "view": dict(provenance.view),
        "fetched_at": to_plain_value(provenance.fetched_at.astimezone(UTC)),
        **(more or {}),
        "count": len(table.rows),
    }
    rows = ",\n".join(
        _text(dict(zip(table.columns, map(to_plain_value, row), strict=True))) for row in table.rows
    )
    return f'{_text(head)[:-1]}, "rows": [\n{rows}\n]}}\n'.encode("utf-8", "replace")


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
