"""Write the JSON schema of `/api/summary`: `python -m scripts.summary_schema`."""

import json
from pathlib import Path

from vpo_monitor.analysis.summary import Summary

FILE = Path(__file__).parents[1] / "docs" / "reference" / "summary.schema.json"


def schema() -> str:
    """Return the schema as text."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(head | Summary.model_json_schema(mode="serialization"), indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema(), "utf-8")
