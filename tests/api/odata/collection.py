"""A collection of books, and books in memory, for tests of what a list can be asked."""

from datetime import UTC, datetime

from assay.api.odata.properties import EQUALITY, EVERY_OPERATOR, Collection, Kind, Property
from assay.values import Value
from assay.values.asking import Order, folded

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Book(Value, frozen=True, kw_only=True):
    """One row."""

    id: str
    title: str
    pages: int
    lent: bool
    at: datetime
    language: str | None


FIELDS = {
    "id": lambda book: book.id,
    "title": lambda book: folded(book.title),
    "pages": lambda book: book.pages,
    "lent": lambda book: book.lent,
    "at": lambda book: book.at,
    "language": lambda book: book.language,
}

BOOKS = Collection(
    name="books",
    properties=(
        Property(path="id", field="id"),
        Property(path="title", field="title", operators=EVERY_OPERATOR, text_search=True, ordered=True),
        Property(path="size/pages", field="pages", kind=Kind.NUMBER, operators=EVERY_OPERATOR, ordered=True),
        Property(path="isLent", field="lent", kind=Kind.FLAG),
        Property(
            path="createdDateTime", field="at", kind=Kind.INSTANT, operators=EVERY_OPERATOR - EQUALITY, ordered=True
        ),
        Property(
            path="language",
            field="language",
            nullable=True,
            spelled={"English": "en", "German": "de"},
            enumeration="library.tongues.Language",
        ),
        Property(path="cover", field="cover", operators=frozenset()),
    ),
    selectable=("id", "title", "size", "isLent", "createdDateTime", "language", "cover"),
    order=Order(field="at", descending=True),
    key=(("id", Kind.TEXT),),
    searched=True,
)
