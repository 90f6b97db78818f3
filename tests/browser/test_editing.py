import re

import pytest
from playwright.sync_api import expect

from accounts.models import User
from articles.models import Article
from magazine.models import Magazine
from tests.builders import a_column, a_magazine, a_picture, an_editor

pytestmark = pytest.mark.django_db(transaction=True)

FROM_WORD = """<p class="MsoNormal" style="mso-pagination:none;font-family:宋体;font-size:12pt">　　第一段。</p>
<p>&nbsp;</p><p class="MsoNormal"><b style="mso-bidi-font-weight:normal">　　第二段</b>。</p>"""


@pytest.fixture
def editor() -> User:
    return an_editor(a_magazine(title="某刊"), username="lin", password="a long password")


@pytest.fixture
def admin_page(page, site, editor):
    page.goto(f"{site}/admin/")
    page.get_by_label("用户名").fill("lin")
    page.get_by_label("密码").fill("a long password")
    page.get_by_role("button", name="登录").click()
    return page


def copy(context, html: str) -> None:
    """Copy all of another page, as an author copies from Word."""
    source = context.new_page()
    source.set_content(html)
    source.keyboard.press("Control+a")
    source.keyboard.press("Control+c")
    source.close()


def test_article_pasted_from_word_is_published(admin_page, site, context):
    a_column(title="要闻")
    admin_page.goto(f"{site}/admin/articles/article/add/")
    admin_page.locator("#id_title").fill("从零开始算一遍")
    text = admin_page.frame_locator(".cke_wysiwyg_frame").locator("body")
    text.wait_for()
    copy(context, FROM_WORD)
    text.click()
    admin_page.keyboard.press("Control+v")
    expect(text).to_contain_text("第二段")
    admin_page.locator(".field-column .select2-selection").click()
    admin_page.get_by_role("option", name="要闻").click()
    admin_page.get_by_role("button", name="发布或定时").first.click()
    admin_page.get_by_role("button", name="发布或定时").click()
    expect(admin_page.get_by_text("已发布或定时：从零")).to_be_visible()

    article = Article.objects.get()
    assert article.body.split() == ["<p>第一段。</p>", "<p><strong>第二段</strong>。</p>"]
    assert article.magazine == Magazine.objects.get()
    admin_page.goto(site + article.get_absolute_url())
    expect(admin_page.get_by_role("heading", name="从零开始算一遍")).to_be_visible()
    expect(admin_page.get_by_text("第一段。")).to_be_visible()


def test_concurrent_edits_lose_no_text(admin_page, site, editor):
    article = Article.objects.create(
        title="原题", body="<p>原文。</p>", column=a_column(), magazine=Magazine.objects.get()
    )
    admin_page.goto(f"{site}/admin/articles/article/{article.pk}/change/")
    Article.objects.get().save()
    admin_page.locator("#id_title").fill("我的题")
    admin_page.get_by_role("button", name="保存", exact=True).first.click()
    expect(admin_page.locator(".errornote").first).to_be_visible()
    expect(admin_page.locator("#id_title")).to_have_value("我的题")
    admin_page.get_by_role("button", name="保存", exact=True).first.click()
    expect(admin_page.locator(".messagelist .success")).to_be_visible()
    assert Article.objects.get().title == "我的题"


def test_picture_is_uploaded_from_the_editor(admin_page, site, tmp_path):
    path = tmp_path / "图.png"
    path.write_bytes(a_picture().read())
    admin_page.goto(f"{site}/admin/articles/article/add/")
    admin_page.locator(".cke_button__image").click()
    dialog = admin_page.get_by_role("dialog", name="图像属性")
    dialog.get_by_role("tab", name="上传").click()
    dialog.frame_locator("iframe").locator("input[type=file]").set_input_files(path)
    dialog.get_by_role("button", name="上传到服务器").click()
    expect(dialog.get_by_role("textbox", name="URL")).to_have_value(
        re.compile(r"^/media/pictures/.+\.png$")
    )


def test_admin_pages_obey_their_content_policy(admin_page, site):
    """The page fixture fails the test on a violation of the content policy."""
    for address in [
        "",
        "articles/article/",
        "articles/article/add/",
        "notices/notice/add/",
        "magazine/issue/",
    ]:
        admin_page.goto(f"{site}/admin/{address}")
        expect(admin_page.locator("#content")).to_be_visible()
