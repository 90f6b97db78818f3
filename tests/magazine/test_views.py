import re
from datetime import date

import pytest
from django.urls import reverse

from magazine import views
from tests.builders import a_column, a_magazine, a_page, a_publication, a_publisher, an_issue

pytestmark = pytest.mark.django_db


def order_of(page: str, *texts: str) -> list[str]:
    """Return the texts that a page contains, sorted by their last occurrence."""
    return sorted((text for text in texts if text in page), key=page.rindex)


class TestMagazine:
    def test_magazine_page_shows_all_fields(self, client):
        magazine = a_magazine(
            title="中国财政", title_en="China State Finance", former_title="财政", issn="1007-578X", price="15.00",
            cn_number="11-3880/F", postal_issue_code="2-41", periodicity="semimonthly", founded_on=date(1956, 10, 1),
            supervisor="财政部", sponsor="中国财政杂志社", editor_in_chief="王主编", introduction="<p>简介。</p>",
            subscription="<p>邮局订阅。</p>", office_email="bjb@example.cn", office_telephone="010-12345678",
            office_address="北京市海淀区", accent="indigo",
        )  # fmt: skip
        page = client.get(magazine.get_absolute_url()).text
        for fact in [
            "中国财政", "China State Finance", "1007-578X", "11-3880/F", "2-41", "15.00", "1956年10月", "财政部",
            "王主编", "<p>简介。</p>", "<p>邮局订阅。</p>", "mailto:bjb@example.cn", "010-12345678", "北京市海淀区",
            "accent-indigo",
        ]:  # fmt: skip
            assert fact in page, fact

    def test_magazine_page_with_a_title_only(self, client):
        page = client.get(a_magazine(title="新刊").get_absolute_url()).text
        assert ">新刊</h1>" in page
        assert "None" not in page

    def test_magazine_page_shows_current_and_recent_issues(self, client):
        magazine = a_magazine()
        issues = [
            an_issue(
                magazine=magazine, year=2023, number=number, published_on=date(2023, 1, number)
            )
            for number in range(1, views.RECENT_ISSUES + 2)
        ]
        inside = a_publication(issue=issues[-1])
        elsewhere = a_publication(issue=an_issue())
        response = client.get(magazine.get_absolute_url())
        assert response.context["issues"] == issues[:0:-1]
        assert inside.title in response.text
        assert elsewhere.title not in response.text

    def test_magazine_page_shows_its_latest_articles(self, client):
        magazine = a_magazine()
        titles = [
            a_publication(magazine=magazine, date=date(2024, month, 1)).title for month in (1, 3, 2)
        ]
        page = client.get(magazine.get_absolute_url()).text
        assert order_of(page, *titles) == [titles[1], titles[2], titles[0]]


class TestIssues:
    def test_issues_page_lists_released_issues_by_year(self, client):
        magazine = a_magazine()
        for year, number, day in [
            (2023, 1, date(2023, 1, 1)), (2024, 2, date(2024, 2, 1)), (2024, 1, date(2024, 1, 1)),
            (2023, 12, date(2024, 1, 2)), (2025, 1, None), (2025, 2, date(2200, 1, 1)),
        ]:  # fmt: skip
            an_issue(magazine=magazine, year=year, number=number, published_on=day)
        an_issue(year=2022)
        response = client.get(reverse("magazine:issues", args=[magazine.slug]))
        found = [
            (year, [issue.number for issue in issues]) for year, issues in response.context["years"]
        ]
        assert found == [(2024, [2, 1]), (2023, [12, 1])]
        for address in ["2024/2", "2024/1", "2023/12", "2023/1"]:
            assert f'href="/magazines/{magazine.slug}/{address}/"' in response.text

    def test_issues_page_without_issues(self, client):
        assert client.get(reverse("magazine:issues", args=[a_magazine().slug])).status_code == 200


class TestIssue:
    def test_issue_page_shows_contents_by_column_in_order(self, client):
        issue, news, views_ = (
            an_issue(total_number=999),
            a_column(title="要闻"),
            a_column(title="观点"),
        )
        second = a_publication(
            issue=issue, column=views_, position=2, authors="于潇\n刘义", pages="10-12"
        )
        first = a_publication(issue=issue, column=news, position=1)
        a_publication(issue=an_issue(magazine=issue.magazine), title="别期文章")
        page = client.get(issue.get_absolute_url()).text
        assert order_of(page, second.title, "观点", first.title, "要闻") == [
            "要闻",
            first.title,
            "观点",
            second.title,
        ]
        assert issue.name in page
        assert "于潇" in page
        assert "刘义" in page
        assert "10-12" in page
        assert "别期文章" not in page

    def test_issue_page_is_found_under_its_own_magazine_only(self, client):
        issue, other = an_issue(), a_magazine()
        assert (
            client.get(f"/magazines/{other.slug}/{issue.year}/{issue.number}/").status_code == 404
        )

    @pytest.mark.parametrize(
        ("published_on", "status"), [(None, 404), (date(2024, 3, 3), 200), (date(2024, 3, 4), 404)]
    )
    def test_issue_page_is_found_from_its_day_on(self, client, clock, published_on, status):
        assert (
            client.get(an_issue(published_on=published_on).get_absolute_url()).status_code == status
        )


class TestPage:
    def test_page_shows_its_text(self, client):
        page = client.get(
            a_page(
                title="关于我们", slug="about", body="<p>本社成立于一九五六年。</p>"
            ).get_absolute_url()
        ).text
        assert ">关于我们</h1>" in page
        assert ">本社成立于一九五六年。</p>" in page


class TestFooter:
    def test_footer_shows_the_publisher_with_its_legal_links(self, client):
        a_publisher(
            sponsor="某某杂志社有限公司", address="北京市海淀区某路1号", postcode="100036", telephone="010-88220000",
            icp_number="京ICP备00000000号-1", police_number="京公网安备 11010800000000号",
            licence_number="（署）网出证（京）字第000号", report_line="12377", copyright_line="版权所有",
        )  # fmt: skip
        page = a_page(title="联系我们", slug="contact")
        footer = client.get("/").text.rpartition("<footer")[2]
        order = [
            "某某杂志社有限公司", "北京市海淀区某路1号", "100036", "010-88220000", "京ICP备00000000号-1",
            "11010800000000号", "（署）网出证（京）字第000号", "12377", "版权所有",
        ]  # fmt: skip
        assert order_of(footer, *order) == order
        assert f'href="{page.get_absolute_url()}"' in footer
        assert re.search(r'href="https://beian\.miit\.gov\.cn/"[^>]*noreferrer', footer)
        assert re.search(
            r"https://beian\.mps\.gov\.cn/#/query/webSearch\?code=11010800000000[^>]*noreferrer",
            footer,
        )

    def test_footer_omits_empty_fields(self, client):
        a_publisher(name="社", sponsor="社")
        footer = client.get("/").text.rpartition("<footer")[2]
        assert "beian" not in footer
        assert "None" not in footer

    def test_footer_does_not_show_when_the_licence_expires(self, client):
        a_publisher(licence_number="证", licence_expires_on=date(2031, 7, 15))
        assert "2031" not in client.get("/").text


class TestGreyPeriod:
    @pytest.mark.parametrize("address", ["/", "/notices/", "/nowhere/"])
    def test_every_page_is_grey_during_the_grey_period(self, client, clock, address):
        a_publisher(grey_starts_at=clock.in_(hours=1), grey_ends_at=clock.in_(hours=2))
        seen = []
        for _ in range(3):
            seen.append(
                "grey"
                in re.search(r'<html[^>]*class="([^"]*)"', client.get(address).text)[1].split()
            )
            clock.move(hours=1)
        assert seen == [False, True, False]
