from collections import Counter
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from PIL import Image

from accounts.models import User
from articles.models import Article, Column, Publication
from magazine.models import Issue, Magazine, Page, Publisher
from media.renditions import picture_size, rendition_name, rendition_widths
from notices.models import Notice, NoticeContact
from richtext.sanitizer import clean

LOADED = {
    Publisher: 1,
    Magazine: 3,
    Issue: 6,
    Column: 10,
    Page: 5,
    Article: 43,
    Publication: 43,
    Notice: 1,
}


def load() -> list[str]:
    output = StringIO()
    call_command("load_demo", stdout=output)
    return output.getvalue().splitlines()


def counts() -> dict:
    return {model: model.objects.count() for model in LOADED}


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker, tmp_path_factory):
    """Load the content once for all tests, which roll back to it: drawing takes seconds."""
    media_root = tmp_path_factory.mktemp("media")
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=media_root),
        transaction.atomic(),
    ):
        yield load(), media_root
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded, db, settings):
    output, settings.MEDIA_ROOT = loaded
    return output


@pytest.fixture
def media_root(demo, settings):
    return settings.MEDIA_ROOT


def pictures(media_root) -> list:
    return sorted(path for path in media_root.rglob("*") if path.is_file())


def test_load_demo_fills_an_empty_site(demo):
    assert demo == [
        "publisher: 1 added, 0 there already",
        "magazines: 3 added, 0 there already",
        "issues: 6 added, 0 there already",
        "columns: 10 added, 0 there already",
        "pages: 5 added, 0 there already",
        "articles: 43 added, 0 there already",
        "notices: 1 added, 0 there already",
    ]
    assert counts() == LOADED
    assert Publication.objects.live().count() == 43
    assert User.objects.count() == 0


def test_load_demo_changes_nothing_in_a_second_run(demo, media_root):
    tables = (*LOADED, NoticeContact)
    before = [list(model.objects.order_by("pk").values()) for model in tables]
    files = pictures(media_root)
    assert all(" 0 added, " in line for line in load())
    assert [list(model.objects.order_by("pk").values()) for model in tables] == before
    assert pictures(media_root) == files


def test_load_demo_needs_few_queries_in_a_second_run(demo, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        load()


def test_load_demo_leaves_changes_of_editors(demo):
    article = Article.objects.get(title="从零开始算一遍")
    article.title, article.column = "从零开始，再算一遍", Column.objects.get(slug="zhengce")
    article.save()
    article.publish(by=None)
    Magazine.objects.filter(slug="zgcz").update(title="中国财政（新）", price=20)
    Column.objects.filter(slug="yaowen").update(title="动态")
    Page.objects.filter(slug="about").update(body="<p>编辑写的。</p>")
    Publisher.objects.update(telephone="010-00000000")
    assert all(" 0 added, " in line for line in load())
    assert Publication.objects.live().get(article=article).title == "从零开始，再算一遍"
    assert (Magazine.objects.get(slug="zgcz").title, Column.objects.get(slug="yaowen").title) == (
        "中国财政（新）",
        "动态",
    )
    assert (Page.objects.get(slug="about").body, Publisher.objects.get().telephone) == (
        "<p>编辑写的。</p>",
        "010-00000000",
    )


def test_load_demo_does_not_restore_withdrawn_content(demo):
    Article.objects.get(title="从零开始算一遍").withdraw(by=None, reason="有误")
    Notice.objects.get().withdraw(by=None)
    load()
    assert not Publication.objects.live().filter(title="从零开始算一遍").exists()
    assert not Notice.objects.live().exists()


def test_load_demo_recognizes_objects_with_another_slug(demo):
    for model, slug in ((Magazine, "zgcz"), (Column, "difang"), (Page, "about")):
        model.objects.filter(slug=slug).update(slug="moved")
    assert all(" 0 added, " in line for line in load())
    assert counts() == LOADED


@pytest.mark.parametrize("change", [{"title": "系统已经恢复"}, {"date": date(2026, 12, 1)}])
def test_load_demo_does_not_add_a_rewritten_notice_again(demo, change):
    Notice.objects.update(**change)
    load()
    assert Notice.objects.count() == 1


def test_load_demo_adds_missing_objects(demo, media_root):
    files = len(pictures(media_root))
    Page.objects.get(slug="copyright").delete()
    added = [line for line in load() if " 0 added, " not in line]
    assert added == ["pages: 1 added, 4 there already"]
    assert len(pictures(media_root)) == files


def test_load_demo_creates_valid_objects(demo):
    for model in (Publisher, Magazine, Issue, Column, Page, Article, Notice, NoticeContact):
        for instance in model.objects.all():
            instance.full_clean()


def test_load_demo_stores_texts_unchanged_by_sanitizing(demo):
    for publication in Publication.objects.all():
        assert clean(str(publication.body)) == publication.body
        assert "demo:" not in publication.body
        assert (publication.body.count("<img ") > 0) == (
            'src="/media/pictures/' in publication.body
        )


def test_load_demo_gives_every_magazine_two_issues_with_contents(demo):
    assert Counter(Issue.objects.values_list("magazine__slug", flat=True)) == {
        "zgcz": 2,
        "cwykj": 2,
        "cwyj": 2,
    }
    for issue in Issue.objects.all():
        positions = list(
            issue.publications.live().in_contents_order().values_list("position", flat=True)
        )
        assert positions == [1, 2, 3, 4, 5, 6]


def test_load_demo_draws_covers_in_their_sizes(demo):
    for instance in (*Issue.objects.all(), *Magazine.objects.all()):
        assert (instance.cover.width, instance.cover.height) == (900, 1200)
    for publication in Publication.objects.exclude(cover=""):
        assert (publication.cover.width, publication.cover.height) == (1200, 750)


def test_load_demo_draws_small_and_distinct_pictures(demo, media_root):
    files = [path for path in pictures(media_root) if path.suffix == ".jpg"]
    assert max(path.stat().st_size for path in files) < 140_000
    assert len({Image.open(path).tobytes() for path in files}) == len(files)


def test_load_demo_makes_all_renditions(demo, media_root):
    stored = {str(path.relative_to(media_root)) for path in pictures(media_root)}
    for name in [name for name in stored if name.endswith(".jpg")]:
        assert {
            rendition_name(name, width) for width in rendition_widths(*picture_size(name))
        } <= stored


def test_load_demo_shows_the_notice_with_contacts_on_every_page(demo):
    notice = Notice.objects.live().get()
    assert (notice.placement, notice.scope, notice.date_precision) == ("popup", "all", "month")
    assert list(notice.contacts.values_list("label", "email", "telephone")) == [
        ("中国财政", "csf187@263.net", "010-88227058"),
        ("财务与会计", "cwykj187@126.com", "010-88227071"),
        ("财务研究", "cwyj187@126.com", "010-88227072"),
    ]


def test_load_demo_pages_respond(demo, client: Client):
    objects = (
        *Magazine.objects.all(),
        *Issue.objects.all(),
        *Column.objects.all(),
        *Page.objects.all(),
    )
    objects += (*Publication.objects.live(), *Notice.objects.live())
    addresses = ["/", "/notices/", *(instance.get_absolute_url() for instance in objects)]
    answers = {address: client.get(address).status_code for address in addresses}
    assert answers == dict.fromkeys(addresses, 200)


def test_load_demo_pictures_are_served(demo, client: Client, media_root):
    for path in pictures(media_root):
        answer = client.get(f"/media/{path.relative_to(media_root)}")
        assert (
            answer.headers["Content-Type"]
            == {".jpg": "image/jpeg", ".webp": "image/webp"}[path.suffix]
        )
        assert b"".join(answer) == path.read_bytes()
