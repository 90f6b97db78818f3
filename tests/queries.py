"""The queries of some code, as Django captures them."""

from django.db import connection
from django.test.utils import CaptureQueriesContext


class Queries(CaptureQueriesContext):
    """Without the one that asks how the site stands: that is asked twice a second, however many pages are read."""

    def __init__(self) -> None:
        super().__init__(connection)

    @property
    def captured_queries(self) -> list[dict[str, str]]:
        return [
            query
            for query in super().captured_queries
            if '"magazine_alteration"' not in query["sql"]
        ]
