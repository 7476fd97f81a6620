"""Base classes of the response models: frozen, tolerant, and able to skip invalid list rows."""

from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from vpo_monitor.api.fields import CountOrZero, Flag


class WrongShape(ValueError):
    """The JSON has the wrong shape for this model."""


class Answer(BaseModel):
    """One JSON object. Unknown fields are ignored; invalid ones become None or empty."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def read(cls, body: Any) -> Self:
        """Build the model from a JSON object, or raise WrongShape."""
        if not isinstance(body, dict):
            raise WrongShape(f"{cls.__name__} is not a JSON object")
        try:
            return cls.model_validate(body)
        except ValidationError as error:
            raise WrongShape(f"{cls.__name__} lacks what identifies it") from error


Row = TypeVar("Row", bound=Answer)


class Rows(Answer, Generic[Row]):
    """The valid rows of a list, each id once, and the number of invalid rows.

    Only the first `most` rows are read, which is more than VPO sends.
    """

    row_type: ClassVar[type[Answer]]
    list_key: ClassVar[str | None] = None
    """The key of the list in the response; None if the response is the list itself."""

    most: ClassVar[int] = 100

    rows: tuple[Row, ...] = ()
    skipped: int = 0

    @classmethod
    def read(cls, body: Any) -> Self:
        """Build the list, skipping invalid rows. Raises WrongShape if there is no list."""
        if cls.list_key is None:
            values, fields = body, {}
        elif isinstance(body, dict):
            values, fields = body.get(cls.list_key), body
        else:
            raise WrongShape(f"{cls.__name__} is not a JSON object")
        if not isinstance(values, list):
            raise WrongShape(f"{cls.__name__} holds no list")
        rows: dict[object, Answer] = {}
        skipped = 0
        for place, value in enumerate(values[: cls.most]):
            try:
                row = cls.row_type.read(value)
            except WrongShape:
                skipped += 1
            else:
                rows.setdefault(getattr(row, "id", ("place", place)), row)
        return cls.model_validate({**fields, "rows": tuple(rows.values()), "skipped": skipped})

    def first(self, limit: int | None) -> Self:
        """Return at most this many rows, whatever the server sent; None returns all of them."""
        return self if limit is None else self.model_copy(update={"rows": self.rows[:limit]})


class Page(Rows[Row], Generic[Row]):
    """One page of a longer list: `total` rows match, and this page starts at `offset`."""

    total: CountOrZero = 0
    limit: CountOrZero = 0
    offset: CountOrZero = 0
    has_filters: Flag = False
    max_page_size: CountOrZero = 0
