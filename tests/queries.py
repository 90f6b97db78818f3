"""Capture the queries of some code."""

from django.db import connection
from django.test.utils import CaptureQueriesContext


class Queries(CaptureQueriesContext):
    """Leave out the query of the site version, which runs twice a second at any number of pages."""

    def __init__(self) -> None:
        super().__init__(connection)

    @property
    def captured_queries(self) -> list[dict[str, str]]:
        queries = super().captured_queries
        return [query for query in queries if '"magazine_alteration"' not in query["sql"]]
