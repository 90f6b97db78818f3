"""The tokenizer gives the same tokens in Python and in the function of PostgreSQL."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.tokens import fold, tokenize

SCRIPTS = "预算財政⾒〇々𠮷aZé12Ｅ１ßǅ강남あア、。-. \n\u0301\u200d豈鼹ΐЖ٣①½"


@pytest.mark.django_db
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.text(
        st.one_of(
            st.sampled_from(SCRIPTS),
            st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
        )
    )
)
def test_tokenize_equals_the_postgresql_function_for_any_text(text):
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT tsvector_to_array(search_tokens(%s, ''))", [folded])
            assert set(cursor.fetchone()[0]) == tokenize(folded)
