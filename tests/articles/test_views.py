import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from articles import home as front
from articles import views
from articles.models import Column
from tests.builders import (
    a_column,
    a_magazine,
    a_notice,
    a_picture,
    a_publication,
    an_article,
    an_issue,
)
from tests.queries import Queries
from web import pagination as paging

pytestmark = pytest.mark.django_db


def in_order(page: str, *texts: str) -> bool:
    """Do the texts stand on the page, each once it is past the one before?"""
    place = 0
    for text in texts:
        place = page.find(text, place) + 1
        if not place:
            return False
    return True


def test_english_is_said_to_be_english_wherever_it_stands(client):
    column, issue = a_column(), an_issue()
    english = {
        "title": "The “Budget”",
        "subtitle": "A Study",
        "abstract": "How it counts.",
        "date": date(2024, 1, 2),
    }
    piece = a_publication(column=column, issue=issue, lead=True, **english)
    other = a_publication(column=column, issue=issue)
    title = '<span lang="en">The “Budget”</span></a>'
    for thing in [column, issue, issue.magazine, other]:
        assert title in client.get(thing.get_absolute_url()).text, thing
    home = client.get("/").text
    assert home.count(title) == 2
    assert '<p class="subtitle" lang="en">A Study</p>' in home
    for page in [home, client.get(column.get_absolute_url()).text]:
        assert '<p class="abstract" lang="en">How it counts.</p>' in page
    assert '<p class="subtitle" lang="en">A Study</p>' in client.get(piece.get_absolute_url()).text


class TestHome:
    def test_leads_are_the_newest_lead_stories(self, client, clock):
        leads = [a_publication(lead=True, date=date(2024, 1, day)) for day in range(1, 8)]
        a_publication(lead=False, date=date(2024, 2, 1))
        response = client.get("/")
        assert list(response.context["leads"]) == leads[: -front.MAX_LEADS - 1 : -1]
        assert in_order(response.text, *(lead.title for lead in leads[: -front.MAX_LEADS - 1 : -1]))

    def test_columns_in_their_order_with_their_newest(self, client):
        second, first, hidden = a_column(order=2), a_column(order=1), a_column(on_home_page=False)
        older, newer = (a_publication(column=second, date=date(2024, month, 1)) for month in (1, 2))
        other = a_publication(column=first)
        elsewhere = a_publication(column=hidden)
        a_column(title="空栏目")
        page = client.get("/").text
        assert in_order(page, first.title, other.title, second.title, newer.title, older.title)
        assert elsewhere.title not in page
        assert hidden.title not in page
        assert "空栏目" not in page

    def test_column_shows_so_many_and_no_more(self, client):
        column = a_column()
        titles = [
            a_publication(column=column, title=f"第{day:02}篇").title
            for day in range(front.MAX_LATEST + 1)
        ]
        page = client.get("/").text
        assert [title in page for title in titles] == [False] + [True] * front.MAX_LATEST

    def test_current_issues_and_notices(self, client):
        magazine = a_magazine(office_email="bianji@example.cn", office_telephone="010-12345678")
        an_issue(magazine=magazine, year=2023, number=1, published_on=date(2023, 1, 1))
        issue = an_issue(magazine=magazine, year=2024, number=2, total_number=999)
        notice = a_notice(placement="list")
        page = client.get("/").text
        assert issue.name in page
        assert "2023年第1期" not in page
        assert notice.title in page
        assert "mailto:bianji@example.cn" in page
        assert "010-12345678" in page


class TestColumn:
    def test_newest_first_a_page_at_a_time(self, client):
        column = a_column(description="说明一句")
        titles = [
            a_publication(column=column, title=f"第{number:02}篇").title
            for number in range(paging.PER_PAGE + 2)
        ]
        elsewhere = a_publication()
        first, second = (
            client.get(column.get_absolute_url(), {"page": page}).text for page in (1, 2)
        )
        assert in_order(first, column.title, "说明一句", *titles[:1:-1])
        assert in_order(second, *titles[1::-1])
        assert not any(title in first for title in [*titles[:2], elsewhere.title])
        assert not any(title in second for title in titles[2:])

    @pytest.mark.parametrize("page", ["abc", "", "1.5", "²", "\0", "1"])
    def test_what_is_no_number_leads_to_the_first_page(self, client, page):
        response = client.get(a_publication().column.get_absolute_url(), {"page": page})
        assert response.context["page"].number == 1

    @pytest.mark.parametrize("page", ["0", "-1", "2", "9" * 30])
    def test_page_that_is_not_there_is_not_found(self, client, page):
        assert (
            client.get(a_publication().column.get_absolute_url(), {"page": page}).status_code == 404
        )

    def test_of_a_magazine_carries_its_colour(self, client):
        column = a_column(magazine=a_magazine(accent="pine"))
        assert "accent-pine" in client.get(column.get_absolute_url()).text

    def test_without_articles_it_says_so(self, client):
        response = client.get(a_column().get_absolute_url())
        assert response.status_code == 200
        assert list(response.context["page"]) == []


class TestLongList:
    """More than a list shows: the newest stand on its pages, and the last one says where the others are."""

    @pytest.fixture
    def titles(self, monkeypatch) -> list[str]:
        """Oldest first: one more than the list shows."""
        monkeypatch.setattr(paging, "PER_PAGE", 2)
        monkeypatch.setattr(paging, "MAX_ROWS", 4)
        column = a_column(slug="long")
        named = {"authors": "于潇", "keywords": "预算", "column": column}
        return [
            a_publication(title=f"第{day}篇", date=date(2024, 1, day), **named).title
            for day in range(1, 6)
        ]

    @pytest.mark.parametrize(
        "address", ["/columns/long/", "/authors/于潇/", "/keywords/预算/", "/archive/2024/1/"]
    )
    def test_ends_with_the_newest_and_says_so_on_its_last_page(self, client, titles, address):
        first, last = (client.get(address, {"page": page}).text for page in (1, 2))
        assert in_order(first, *titles[:2:-1])
        assert in_order(last, *titles[2:0:-1])
        assert titles[0] not in first + last
        assert client.get(address, {"page": 3}).status_code == 404
        archive, search = (
            f'<a href="{reverse(name)}">' for name in ("articles:archive", "search:search")
        )
        hints = [
            page.partition('<p class="hint">')[2].partition("</p>")[0] for page in (first, last)
        ]
        assert not hints[0]
        assert in_order(hints[1], "4", archive, search)

    def test_says_to_lists_of_results_that_there_are_more(self, client, titles):
        found = gettext("%(heading)s: more than %(count)s articles, among them %(titles)s")
        newest = f"《{titles[4]}》《{titles[3]}》"
        heading = Column.objects.get().title
        assert (
            found % {"heading": heading, "count": 4, "titles": newest}
            in client.get("/columns/long/").text
        )

    def test_of_just_as_many_is_whole(self, client, titles, monkeypatch):
        monkeypatch.setattr(paging, "MAX_ROWS", 5)
        last = client.get("/columns/long/", {"page": 3}).text
        assert titles[0] in last
        assert 'class="hint"' not in last


class TestArticle:
    def test_shows_all_that_the_publication_says(self, client):
        issue = an_issue(year=2024, number=1, total_number=1093)
        publication = a_publication(
            kicker="肩题", title="标题", subtitle="副题", authors="于潇\n刘义", date=date(2024, 1, 4),
            abstract="摘要文字", source="财政部网站", source_url="https://www.mof.gov.cn/a", original_title="原题",
            keywords="预算\n绩效", responsible_editor="陈素娥", body="<h2>一、小标题</h2><p>正文第一段。</p>",
            issue=issue, pages="4-9",
            cover=a_picture(), cover_alt="一枚算盘",
        )  # fmt: skip
        page = client.get(publication.get_absolute_url()).text
        assert in_order(
            page,
            "肩题</p>",
            "标题</",
            "副题</p>",
            "2024-01-04",
            f"{issue.name}</a>",
            "4-9",
            "财政部网站",
        )
        assert in_order(page, ">一、小标题</h2>", ">正文第一段。</p>", "陈素娥")
        for text in [
            "于潇",
            "刘义",
            "2024-01-04",
            "财政部网站",
            "原题",
            "摘要文字",
            "预算",
            "绩效",
        ]:
            assert text in page
        assert 'href="https://www.mof.gov.cn/a"' in page
        assert re.search(rf'<img [^>]*alt="一枚算盘"[^>]* src="{publication.cover.url}"', page)
        assert f'href="{issue.get_absolute_url()}"' in page
        assert f'href="{publication.column.get_absolute_url()}"' in page

    def test_says_where_it_stands_and_what_it_is(self, client, settings):
        settings.SITE_URL = "https://www.example.cn"
        publication = a_publication(title="标题", authors="于潇", date=date(2024, 1, 4))
        page = client.get(publication.get_absolute_url()).text
        address = f"https://www.example.cn/articles/{publication.article_id}/"
        assert f'<link rel="canonical" href="{address}">' in page
        assert re.search(r"<title>\s*标题", page)
        assert '<meta name="PubDate" content="2024-01-04">' in page

    def test_what_editors_typed_is_text_and_not_markup(self, client):
        nasty = '"><script>alert(1)</script>'
        publication = a_publication(
            title=nasty, kicker=nasty, subtitle=nasty, authors=nasty, source=nasty, abstract=nasty, keywords=nasty,
            original_title=nasty, responsible_editor=nasty, lead=True,
        )  # fmt: skip
        for address in [publication.get_absolute_url(), publication.column.get_absolute_url(), "/"]:
            page = client.get(address).text
            assert "&lt;script&gt;alert(1)" in page
            assert "<script>alert" not in page

    def test_dashes_and_words_that_the_page_writes_itself_are_not_doubled(self, client):
        issue = an_issue()
        publication = a_publication(
            subtitle="——六个县的比较", pages="第4—9、12页", issue=issue, lead=True
        )
        for address in [publication.get_absolute_url(), "/"]:
            assert '<p class="subtitle">六个县的比较</p>' in client.get(address).text
        assert (
            gettext("pages %(pages)s") % {"pages": "4-9,12"}
            in client.get(publication.get_absolute_url()).text
        )
        assert '<span class="pages">4-9,12</span>' in client.get(issue.get_absolute_url()).text

    def test_with_nothing_but_title_column_and_body(self, client):
        publication = a_publication(title="标题", body="<p>正文。</p>")
        page = client.get(publication.get_absolute_url()).text
        assert in_order(page, "标题</", ">正文。</p>")
        assert "None" not in page

    def test_says_what_is_written_in_english(self, client):
        english = {"title": "Debt in China", "abstract": "An abstract.", "body": "<p>A text.</p>"}
        for written, count in [
            (english, 3),
            (english | {"abstract": "摘要。"}, 2),
            ({"abstract": ""}, 0),
        ]:
            page = client.get(a_publication(**written).get_absolute_url()).text
            assert page.partition('class="share"')[0].count('lang="en"') == count

    def test_neighbours_and_related_articles(self, client):
        column = a_column()
        # The first one shares its column with no other yet, so that the latest are added.
        this = a_publication(column=column, date=date(2024, 2, 1))
        before = a_publication(column=column, date=date(2024, 1, 1))
        after = a_publication(column=column, date=date(2024, 3, 1))
        elsewhere = a_publication()
        response = client.get(this.get_absolute_url())
        assert (response.context["previous"], response.context["next"]) == (before, after)
        assert response.context["related"] == [elsewhere, after, before]
        assert re.search(rf'href="{before.get_absolute_url()}" rel="prev"', response.text)
        assert re.search(rf'href="{after.get_absolute_url()}" rel="next"', response.text)

    def test_issue_that_is_not_out_yet_is_not_linked(self, client):
        issue = an_issue(published_on=timezone.localdate() + timedelta(days=1))
        page = client.get(a_publication(issue=issue).get_absolute_url()).text
        assert issue.get_absolute_url() not in page

    def test_share_links(self, client):
        publication = a_publication()
        page = client.get(publication.get_absolute_url()).text
        for address in ["service.weibo.com", "connect.qq.com", "sns.qzone.qq.com"]:
            assert f'href="https://{address}/' in page
        assert reverse("articles:qr_code", args=[publication.article_id]) in page


class TestThroughTime:
    """Test the page of an article while editors work on it."""

    def test_draft_published_corrected_withdrawn_and_published_again(self, client, clock):
        article = an_article(title="初稿")
        address = article.get_absolute_url()
        seen = [client.get(address).status_code]
        article.publish(by=None)
        article.title = "订正稿"
        article.save()
        seen.append(client.get(address).context["publication"].title)
        clock.move(minutes=1)
        article.publish(by=None)
        seen.append(client.get(address).context["publication"].title)
        clock.move(minutes=1)
        article.withdraw(by=None, reason="误")
        seen.append(client.get(address).status_code)
        clock.move(minutes=1)
        article.publish(by=None, at=clock.in_(hours=1))
        seen.append(client.get(address).status_code)
        clock.move(hours=1)
        seen.append(client.get(address).context["publication"].title)
        assert seen == [404, "初稿", "订正稿", 410, 410, "订正稿"]

    def test_whatever_stands_at_an_address_no_more_costs_one_query(self, client, clock):
        gone = a_publication(ends_at=clock.in_(minutes=-5)).get_absolute_url()
        client.get(a_column().get_absolute_url())  # reads what every page shows
        with Queries() as queries:
            found = [client.get(address).status_code for address in [gone, "/articles/999999/"]]
        assert (found, len(queries)) == ([410, 404], 2)

    def test_issue_released_at_one_instant_appears_at_once(self, client, clock):
        issue = an_issue(published_on=date(2024, 3, 4))
        monday = clock.in_(days=1)
        articles = [an_article(issue=issue) for _ in range(3)]
        for article in articles:
            article.publish(by=None, at=monday)
        clock.move(days=1, microseconds=-1)
        assert [client.get(article.get_absolute_url()).status_code for article in articles] == [
            404,
            404,
            404,
        ]
        clock.move(microseconds=1)
        assert [client.get(article.get_absolute_url()).status_code for article in articles] == [
            200,
            200,
            200,
        ]
        page = client.get(issue.get_absolute_url()).text
        assert in_order(page, *(article.title for article in articles))


class TestPreview:
    def test_shows_the_working_copy_and_says_so(self, rf):
        article = an_article(title="未发表", body="<p>草稿。</p>")
        page = views.preview(rf.get("/"), article.next_publication(timezone.now())).text
        assert in_order(
            page,
            '<meta name="robots" content="noindex">',
            'class="preview"',
            "未发表</",
            ">草稿。</p>",
        )
        assert timezone.localdate().isoformat() in page
        assert 'class="share"' not in page
        assert not article.publications.exists()

    def test_with_a_date_of_its_own(self, rf):
        version = an_article(date=date(1999, 12, 31)).next_publication(timezone.now())
        assert "1999-12-31" in views.preview(rf.get("/"), version).text


class TestQRCode:
    def test_is_a_picture_that_browsers_keep(self, client):
        publication = a_publication()
        response = client.get(reverse("articles:qr_code", args=[publication.article_id]))
        assert response["Content-Type"] == "image/svg+xml"
        assert response["Cache-Control"] == "public, max-age=86400"
        assert not response.cookies
        assert response.content.startswith(b'<svg xmlns="http://www.w3.org/2000/svg"')

    def test_leads_to_the_site_s_address_whatever_host_was_asked(self, client, settings):
        address = reverse("articles:qr_code", args=[a_publication().article_id])
        pictures = set()
        for site in ["https://www.example.cn", "https://www.example.com"]:
            settings.SITE_URL = site
            pictures.add(client.get(address).content)
        assert len(pictures) == 2

    def test_drafts_have_none(self, client):
        assert client.get(reverse("articles:qr_code", args=[an_article().pk])).status_code == 404

    def test_only_looked_at(self, client):
        address = reverse("articles:qr_code", args=[a_publication().article_id])
        assert client.post(address).status_code == 405
        assert client.head(address).status_code == 200
