import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.citing import MARKS_2015, MARKS_2025, bibtex, citations, gb_t_7714, reference, ris
from articles.models import Publication
from magazine.models import Issue, Magazine
from tests.builders import a_magazine, a_publication, an_article, an_issue

TODAY = date(2024, 3, 3)
ADDRESS = "http://testserver/articles/7/"

pytestmark = pytest.mark.usefixtures("clock")


def printed(**values) -> Publication:
    """In an issue of a journal, as GB/T 7714's own examples are."""
    journal = {name: values.pop(name) for name in ["title_en", "issn"] if name in values}
    magazine = Magazine(**{"title": "文献", "slug": "wx", **journal})
    issue = Issue(pk=1, magazine=magazine, year=2013, number=1, published_on=date(2013, 1, 15))
    return online(**{"issue": issue, "pages": "56-75", **values})


def online(**values) -> Publication:
    """On the web alone."""
    return Publication(**{"article_id": 7, "title": "题名", "date": date(2024, 1, 4), **values})


def cited(publication) -> list[str]:
    return [citation.text for citation in citations(publication)]


class TestGBT7714:
    def test_both_editions_the_newer_first(self):
        assert [citation.standard for citation in citations(online())] == [
            "GB/T 7714—2025",
            "GB/T 7714—2015",
        ]

    def test_journal_article_without_a_volume(self):
        assert cited(printed(authors="张升", title="四库馆私家抄校书考略")) == [
            "张升. 四库馆私家抄校书考略[J]. 文献，2013（1）：56-75.",
            "张升. 四库馆私家抄校书考略[J]. 文献, 2013(1): 56-75.",
        ]

    def test_piece_on_the_web_alone_says_when_it_appeared_and_when_it_was_read(self):
        assert cited(online(authors="许振超")) == [
            f"许振超. 题名[EB/OL].（2024-01-04）[2024-03-03]. {ADDRESS}.",
            f"许振超. 题名[EB/OL]. (2024-01-04)[2024-03-03]. {ADDRESS}.",
        ]

    def test_issue_without_pages_is_found_by_its_address(self):
        assert cited(printed(authors="张升", pages="")) == [
            f"张升. 题名[J/OL]. 文献，2013（1）. {ADDRESS}.",
            f"张升. 题名[J/OL]. 文献, 2013(1)[2024-03-03]. {ADDRESS}.",
        ]

    @pytest.mark.parametrize(
        ("authors", "names_2025", "names_2015"),
        [
            ("", "", ""),
            ("于潇", "于潇. ", "于潇. "),
            ("于潇\n刘义\n柴跃廷", "于潇，刘义，柴跃廷. ", "于潇, 刘义, 柴跃廷. "),
            ("于潇\n刘义\n柴跃廷\n孙宏波", "于潇，刘义，柴跃廷，等. ", "于潇, 刘义, 柴跃廷, 等. "),
            ("中国科学院物理研究所", "中国科学院物理研究所. ", "中国科学院物理研究所. "),
            (
                "Fordham E W\nAli A\nTurner D A\nCharters J",
                "Fordham E W，Ali A，Turner D A，et al. ",
                "FORDHAM E W, ALI A, TURNER D A, et al. ",
            ),
            ("Caplan, P.", "Caplan P. ", "CAPLAN P. "),
            (
                "John A. Smith\nJean-Luc Godard",
                "Smith J A，Godard J-L. ",
                "SMITH J A, GODARD J L. ",
            ),
            ("Vincent van Gogh", "van Gogh V. ", "VAN GOGH V. "),
            (
                "Zhang Weiping\nZhang, Wei",
                "Zhang Weiping，Zhang Wei. ",
                "Zhang Weiping, Zhang Wei. ",
            ),
            ("OECD\nWorld Bank", "OECD，World Bank. ", "OECD, World Bank. "),
            ("买买提·艾力", "买买提·艾力. ", "买买提·艾力. "),
            ("本刊记者 陈实", "本刊记者 陈实. ", "本刊记者 陈实. "),
        ],
    )
    def test_authors(self, authors, names_2025, names_2015):
        assert cited(printed(authors=authors)) == [
            f"{names_2025}题名[J]. 文献，2013（1）：56-75.",
            f"{names_2015}题名[J]. 文献, 2013(1): 56-75.",
        ]

    @pytest.mark.parametrize(
        "title",
        ["钱花得值不值？", "把账算清楚！", "预算，怎么编……", "县级财政：六个县的材料", "“放管服”之后",
        "《预算法》释义", "A.B. 与 C",
         "转发办法的通知：京政办发[2005]37号", "50%的缺口（上）"],
    )  # fmt: skip
    def test_punctuation_of_a_title_stays_as_it_is(self, title):
        assert cited(printed(title=title)) == [
            f"{title}[J]. 文献，2013（1）：56-75.", f"{title}[J]. 文献, 2013(1): 56-75."
        ]  # fmt: skip

    def test_subtitle_follows_a_colon(self):
        assert cited(printed(subtitle="——六个县的比较")) == [
            "题名：六个县的比较[J]. 文献，2013（1）：56-75.", "题名: 六个县的比较[J]. 文献, 2013(1): 56-75."
        ]  # fmt: skip

    def test_english_article_names_the_journal_in_english(self):
        article = {"authors": "Caplan P", "title": "Cataloging internet resources"}
        assert cited(printed(**article, title_en="Documents")) == [
            "Caplan P. Cataloging internet resources[J]. Documents，2013（1）：56-75.",
            "CAPLAN P. Cataloging internet resources[J]. Documents, 2013(1): 56-75.",
        ]
        assert "文献，2013" in cited(printed(**article))[0]

    @pytest.mark.parametrize(
        ("typed", "newer", "older"),
        [
            ("4-9", "4-9", "4-9"), ("4—9", "4-9", "4-9"), ("第4～9页", "4-9", "4-9"), ("P4－9、12", "4-9，12",
            "4-9, 12"),
            ("28-32+45", "28-32，45", "28-32, 45"), ("7", "7", "7"),
            ("pp. 4 - 9", "4-9", "4-9"), ("A4-A9", "A4-A9", "A4-A9"),
        ],
    )  # fmt: skip
    def test_pages_however_they_were_typed(self, typed, newer, older):
        assert cited(printed(pages=typed)) == [
            f"题名[J]. 文献，2013（1）：{newer}.", f"题名[J]. 文献, 2013(1): {older}."
        ]  # fmt: skip

    def test_line_breaks_and_doubled_blanks_do_not_come_along(self):
        assert cited(printed(title="上　　下\n文"))[0].startswith("上 下 文[J]")

    @pytest.mark.parametrize("published_on", [None, date(2024, 3, 4)])
    def test_issue_that_readers_cannot_see_is_not_named(self, published_on):
        publication = printed()
        publication.issue.published_on = published_on
        assert cited(publication)[0] == f"题名[EB/OL].（2024-01-04）[2024-03-03]. {ADDRESS}."


class TestBibTeX:
    def test_journal_article(self):
        article = printed(
            authors="张升\n财政部",
            issn="1007-578X",
            pages="4—9、12",
            keywords="预算\n绩效",
            abstract="一句。",
        )
        assert bibtex(reference(article)) == (
            "@article{wx-2013-7,\n  author = {张升 and {财政部}},\n  title = {{题名}},\n  journal = {文献},\n"
            "  year = {2013},\n  number = {1},\n  pages = {4--9,12},\n  issn = {1007-578X},\n"
            f"  url = {{{ADDRESS}}},\n  language = {{chinese}},\n"
            "  keywords = {预算, 绩效},\n  abstract = {一句。},\n}\n"
        )

    def test_piece_on_the_web(self):
        assert bibtex(reference(online(title="Why?", authors="Caplan, P."))) == (
            "@online{web-2024-7,\n  author = {Caplan, P.},\n  title = {{Why?}},\n  year = {2024},\n"
            "  date = {2024-01-04},\n  urldate = {2024-03-03},\n"
            f"  url = {{{ADDRESS}}},\n  language = {{english}},\n}}\n"
        )

    @pytest.mark.parametrize(
        ("typed", "written"),
        [
            ("50% & 5$ #1 a_b", r"50\% \& 5\$ \#1 a\_b"), ("{", r"{\textbraceleft}"), ("}", r"{\textbraceright}"),
            ("C:\\x", r"C:{\textbackslash}x"), ("~^", r"{\textasciitilde}{\textasciicircum}"),
        ],
    )  # fmt: skip
    def test_what_bibtex_minds_is_written_out(self, typed, written):
        assert f"  title = {{{{{written}}}}},\n" in bibtex(reference(online(title=typed)))

    @pytest.mark.parametrize(
        ("name", "written"),
        [("Ministry of Finance and Trade", "{Ministry of Finance and Trade}"), ("本刊记者 陈实", "{本刊记者 陈实}"),
         ("John Smith", "Smith, John"), ("Smith J A", "Smith, J A"), ("Zhang Wei", "Zhang Wei"), ("于潇", "于潇"),
         ("others", "{others}"), ("Smith, J., Jr., PhD", "{Smith, J., Jr., PhD}")],
    )  # fmt: skip
    def test_a_name_that_is_one_stays_one(self, name, written):
        assert f"  author = {{{written}}},\n" in bibtex(reference(online(authors=name)))

    @given(st.text(max_size=50), st.text(max_size=50))
    def test_braces_always_match(self, title, authors):
        entry = bibtex(reference(online(title=title, authors=authors)))
        depths = [
            entry[:place].count("{") - entry[:place].count("}")
            for place in range(1, len(entry) - 1)
        ]
        assert min(depths[entry.index("{") :]) >= 1
        assert entry.count("{") == entry.count("}")


class TestRIS:
    def test_journal_article(self):
        article = printed(
            authors="张升\n财政部",
            issn="1007-578X",
            pages="4-9",
            keywords="预算\n绩效",
            abstract="上\n下",
        )
        assert ris(reference(article)).split("\r\n") == [
            "TY  - JOUR", "ID  - wx-2013-7", "TI  - 题名", "AU  - 张升", "AU  - 财政部", "T2  - 文献", "JO  - 文献",
            "SN  - 1007-578X", "PY  - 2013", "DA  - 2013/01/15", "IS  - 1", "SP  - 4", "EP  - 9", "AB  - 上 下",
            "KW  - 预算", "KW  - 绩效", "LA  - zh", f"UR  - {ADDRESS}", "ER  - ", "",
        ]  # fmt: skip

    def test_piece_on_the_web(self):
        assert ris(reference(online(pages="7"))).split("\r\n") == [
            "TY  - ELEC", "ID  - web-2024-7", "TI  - 题名", "PY  - 2024", "DA  - 2024/01/04", "Y2  - 2024/03/03",
            "LA  - zh",
            f"UR  - {ADDRESS}", "ER  - ", "",
        ]  # fmt: skip

    def test_names_family_names_first(self):
        lines = ris(
            reference(online(authors="John A. Smith\nVincent van Gogh\n于潇\nZhang Wei"))
        ).split("\r\n")
        authors = [line.removeprefix("AU  - ") for line in lines if line.startswith("AU")]
        assert authors == ["Smith, John A.", "van Gogh, Vincent", "于潇", "Zhang Wei"]

    def test_single_page_has_no_last(self):
        lines = ris(reference(printed(pages="7"))).split("\r\n")
        assert "SP  - 7" in lines
        assert not any(line.startswith("EP") for line in lines)

    @given(st.text(max_size=80), st.text(max_size=80))
    def test_nothing_typed_makes_a_line_of_its_own(self, title, abstract):
        lines = ris(reference(online(title=title, abstract=abstract))).splitlines()
        assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines)
        assert [line for line in lines if line.startswith("ER")] == ["ER  - "]


@given(st.text(max_size=50), st.text(max_size=50), st.text(max_size=50), st.text(max_size=20))
def test_any_text_gives_one_line_with_a_full_stop(title, subtitle, authors, pages):
    for marks in [MARKS_2015, MARKS_2025]:
        text = gb_t_7714(
            reference(printed(title=title, subtitle=subtitle, authors=authors, pages=pages)), marks
        )
        assert text.endswith(".")
        assert len(text.splitlines()) == 1


@pytest.mark.django_db
class TestPage:
    def test_article_gives_both_citations_to_copy_and_to_print(self, client):
        issue = an_issue(
            magazine=a_magazine(title="文献"), year=2013, number=1, published_on=date(2013, 1, 1)
        )
        publication = a_publication(title="“考略”", authors="张升", issue=issue, pages="56-75")
        page = client.get(publication.get_absolute_url())
        for text in cited(publication):
            assert f"<span>{text}</span>" in page.text
            assert f'data-copy="{text}"' in page.text
        assert page.text.count(cited(publication)[0]) == 4
        assert f'href="{publication.get_absolute_url()}citation.bib"' in page.text
        assert f'href="{publication.get_absolute_url()}citation.ris"' in page.text

    @pytest.mark.parametrize(
        ("form", "content_type", "write"),
        [
            ("bib", "application/x-bibtex", bibtex),
            ("ris", "application/x-research-info-systems", ris),
        ],
    )
    def test_downloads(self, client, form, content_type, write):
        publication = a_publication(issue=an_issue(), authors="张升")
        response = client.get(f"{publication.get_absolute_url()}citation.{form}")
        assert response["Content-Type"] == f"{content_type}; charset=utf-8"
        assert (
            response["Content-Disposition"]
            == f'attachment; filename="article-{publication.article_id}.{form}"'
        )
        assert response.text == write(reference(publication))
        assert not response.cookies

    @pytest.mark.parametrize("form", ["bib", "ris"])
    def test_only_of_what_is_live_and_only_to_read(self, client, form, clock):
        article = an_article()
        address = f"{article.get_absolute_url()}citation.{form}"
        seen = [client.get(address).status_code]
        article.publish(by=None)
        seen += [
            client.get(address).status_code,
            client.head(address).status_code,
            client.post(address).status_code,
        ]
        clock.move(minutes=1)
        article.withdraw(by=None, reason="误")
        assert [*seen, client.get(address).status_code] == [404, 200, 200, 405, 404]

    def test_costs_one_query(self, client, django_assert_num_queries):
        address = a_publication(issue=an_issue()).get_absolute_url()
        with django_assert_num_queries(1):
            client.get(f"{address}citation.bib")
