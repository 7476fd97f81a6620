"""All that a page sends to the browser, each text with its place in the messages."""

import io
import json
from collections.abc import Iterator, MutableMapping, MutableSequence
from typing import Any

import pyarrow as pa
import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import element_tree, local_script_runner


class SentText:
    """The texts that the last run of any page in this test has sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._messages: list[Any] = []

        def seen(messages: list[Any]) -> Any:
            self._messages = list(messages)
            return element_tree.parse_tree_from_messages(messages)

        monkeypatch.setattr(local_script_runner, "parse_tree_from_messages", seen)

    def kinds(self) -> set[str]:
        """The kinds of the messages, elements and blocks."""
        found = set()
        for message in self._messages:
            kind = message.WhichOneof("type")
            if kind == "delta":
                delta = message.delta
                kind = delta.WhichOneof("type")
                kind = f"{kind} {getattr(delta, kind).WhichOneof('type')}"
            found.add(kind)
        return found

    def texts(self) -> Iterator[tuple[str, str]]:
        """Each text with its place, as `new_element.text.body` or `new_element.dataframe cell`."""
        for message in self._messages:
            kind = message.WhichOneof("type")
            start = message.delta if kind == "delta" else message
            yield from _texts(start, "")


def _texts(message: Message, place: str) -> Iterator[tuple[str, str]]:
    for field, value in message.ListFields():
        here = f"{place}.{field.name}".strip(".")
        yield from _in_field(here, value)


def _in_field(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Message):
        yield from _texts(value, place)
    elif isinstance(value, bytes):
        yield from _in_table(place, value)
    elif isinstance(value, str):
        yield from _in_string(place, value)
    elif isinstance(value, MutableMapping):
        for key, one in value.items():
            yield from _in_field(f"{place} key", key)
            yield from _in_field(place, one)
    elif isinstance(value, MutableSequence):
        for one in value:
            yield from _in_field(place, one)
    elif not isinstance(value, int | float):
        raise TypeError(f"{place} holds something that is not looked at: {type(value)}")


def _in_string(place: str, text: str) -> Iterator[tuple[str, str]]:
    """The text itself, or what stands in it as JSON."""
    is_json = place.endswith((".json", ".spec", ".columns", "_args"))
    yield from _in_json(place, json.loads(text)) if is_json and text else [(place, text)]


def _in_json(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield f"{place} key", key
            yield from _in_json(f"{place} value", one)
    elif isinstance(value, list):
        for one in value:
            yield from _in_json(f"{place} value", one)
    elif isinstance(value, str):
        yield f"{place} value", value


def _in_table(place: str, data: bytes) -> Iterator[tuple[str, str]]:
    table = pa.ipc.open_stream(io.BytesIO(data)).read_all()
    for name, column in zip(table.column_names, table.columns, strict=True):
        yield f"{place} head", name
        for cell in column.to_pylist():
            yield from _in_json(f"{place} cell", cell)
