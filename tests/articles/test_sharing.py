from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.models import Publication
from articles.sharing import share_links
from tests.builders import a_picture, a_publication

SHARING_PAGES = {
    "weibo": "https://service.weibo.com/share/share.php",
    "qq": "https://connect.qq.com/widget/shareqq/index.html",
    "qzone": "https://sns.qzone.qq.com/cgi-bin/qzshare/cgi_qzshare_onekey",
}


def parameters(publication) -> dict[str, dict[str, str]]:
    return {
        link.name: {name: values[0] for name, values in parse_qs(urlsplit(link.href).query).items()}
        for link in share_links(publication)
    }


def test_each_network_s_own_page():
    links = share_links(Publication(article_id=7, title="题"))
    assert {link.name: link.href.partition("?")[0] for link in links} == SHARING_PAGES
    assert all(link.label for link in links)


def test_without_picture_the_drawn_card_goes_along_and_how_the_text_begins():
    content = {"url": "http://testserver/articles/7/", "title": "题"}
    card = "http://testserver/articles/7/card.png"
    qq = content | {"desc": "正文一句。", "pics": card}
    assert parameters(Publication(article_id=7, title="题", body="<p>正文一句。</p>")) == {
        "weibo": content | {"pic": card},
        "qq": qq,
        "qzone": qq,
    }


@pytest.mark.django_db
def test_picture_and_abstract_go_along(settings):
    settings.SITE_URL = "https://www.example.cn"
    publication = a_publication(title="题", abstract="摘" * 300, cover=a_picture(), cover_alt="图")
    picture = f"https://www.example.cn{publication.cover.url}"
    content = {"url": f"https://www.example.cn/articles/{publication.article_id}/", "title": "题"}
    qq = content | {"desc": "摘" * 119 + "…", "pics": picture}
    assert parameters(publication) == {"weibo": content | {"pic": picture}, "qq": qq, "qzone": qq}


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_title_arrives_whole(title):
    for arrived in parameters(Publication(article_id=7, title=title)).values():
        assert arrived["title"] == title
        assert arrived["url"] == "http://testserver/articles/7/"
