"""The archive: the months that have live publications.

See docs/decisions/0020-archive-months-come-from-a-recursive-query.md.
"""

from calendar import monthrange
from datetime import date, datetime

from django.db import connections
from django.db.models.expressions import RawSQL

from articles.models import Publication


def live_months(at: datetime | None = None) -> list[date]:
    """Return the first days of all months with live publications, newest first.

    One recursive query steps from each month to the next older one that has any: each step is
    one look into the index, at any number of publications.
    """
    # Years below 1000 have no address: they are typing errors.
    newest = Publication.objects.live(at).filter(date__gte=date(1000, 1, 1))
    newest = newest.order_by("-date").values("date")
    connection = connections[newest.db]
    begin, begin_params = connection.ops.date_trunc_sql("month", "months.date", ())
    older = newest.filter(date__lt=RawSQL(begin, begin_params))  # noqa: S611  No outside input.
    first_sql, first_params = newest[:1].query.sql_with_params()
    next_sql, next_params = older[:1].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE months (date) AS ("  # noqa: S608
            f"SELECT ({first_sql}) "
            f"UNION ALL SELECT ({next_sql}) FROM months WHERE months.date IS NOT NULL"
            f") SELECT date FROM months WHERE date IS NOT NULL",
            [*first_params, *next_params],
        )
        return [_as_date(value).replace(day=1) for (value,) in cursor.fetchall()]


def _as_date(value: date | str) -> date:
    """Return a date; SQLite stores dates as text."""
    if isinstance(value, str):
        return date.fromisoformat(value)
    return value


def days_of(year: int, month: int | None = None) -> tuple[date, date]:
    """Return the first and the last day of a year, or of a month."""
    first_month = month or 1
    last_month = month or 12
    _weekday, last_day = monthrange(year, last_month)
    return date(year, first_month, 1), date(year, last_month, last_day)
