"""The archive: the months in which something readers may see is dated."""

from calendar import monthrange
from datetime import date, datetime

from django.db import connections
from django.db.models.expressions import RawSQL

from articles.models import Publication


def live_months(at: datetime | None = None) -> list[date]:
    """The first days of all months that have something live, the newest first.

    One query steps from each month straight to the next older one that has something: a look into the index for
    each, and no row more, however many publications there are.
    """
    # Years that have no address are mistyped.
    newest = (
        Publication.objects.live(at)
        .filter(date__gte=date(1000, 1, 1))
        .order_by("-date")
        .values("date")
    )
    connection = connections[newest.db]
    begin, none = connection.ops.date_trunc_sql("month", "months.date", ())
    older = newest.filter(date__lt=RawSQL(begin, none))  # noqa: S611  Nothing of it comes from outside.
    (first_sql, first), (next_sql, following) = (
        some[:1].query.sql_with_params() for some in (newest, older)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE months (date) AS ("  # noqa: S608
            f"SELECT ({first_sql}) UNION ALL SELECT ({next_sql}) FROM months WHERE months.date IS NOT NULL"
            f") SELECT date FROM months WHERE date IS NOT NULL",
            [*first, *following],
        )
        return [_as_date(found).replace(day=1) for (found,) in cursor.fetchall()]


def _as_date(found: date | str) -> date:
    """SQLite keeps days as text."""
    return found if isinstance(found, date) else date.fromisoformat(found)


def days_of(year: int, month: int | None = None) -> tuple[date, date]:
    """The first and the last day of a year, or of a month."""
    first, last = month or 1, month or 12
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])
