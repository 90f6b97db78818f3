import pytest
from django.template import Context, Template

from web.object_cache import object_cache
from web.site_version import version_tracker


@pytest.mark.django_db
def test_cached_tag_caches_by_its_keys_and_never_by_none():
    version_tracker.refresh()
    template = Template("{% load web %}{% cached part key other %}{{ text }}{% endcached %}")

    def read(text: str, **keys) -> str:
        return template.render(Context({"text": text, **keys}))

    assert read("甲", key=1) == "甲"
    assert read("乙", key=1) == "甲"
    assert read("丙", key=2) == "丙"
    assert read("丁", key=1, other=1) == "丁"
    assert [read("甲", key=None), read("乙", key=None)] == ["甲", "乙"]
    assert read("<甲>", key=3) == read("", key=3) == "&lt;甲&gt;"
    version_tracker.invalidate()
    object_cache.clear()
    assert read("戊", key=1) == "戊"
