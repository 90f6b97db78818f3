import pytest

from richtext.normalizer import normalize
from richtext.parsing import MAX_DEPTH

# Far beyond Python's limit of recursion.
DEPTH = 5000


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "ul", "figure", "h2", "table"])
def test_normalize_accepts_any_depth_of_nesting(tag):
    html = f"<{tag}>" * DEPTH + "底" + f"</{tag}>" * DEPTH
    assert "底" in normalize(html, {})


def test_normalize_limits_the_depth_of_containers():
    html = "<blockquote>" * 20 + "底" + "</blockquote>" * 20
    assert normalize(html, {}).count("<blockquote>") == MAX_DEPTH


@pytest.mark.parametrize(
    ("html", "normalized"),
    [
        (
            "<table><tbody>甲<tr>乙<td>一</td></tr></tbody></table>",
            "<p>甲</p>\n<p>乙</p>\n<table>\n<tbody>\n<tr>\n<td>一</td>\n</tr>\n</tbody>\n</table>",
        ),
        (
            "<figure>甲<img src='/a.png'><figcaption>图</figcaption>"
            "<figcaption>注</figcaption></figure>",
            '<figure><img src="/a.png" alt=""><figcaption>图<br>注</figcaption></figure>\n'
            "<p>甲</p>",
        ),
        ("<p>一<figcaption>二</figcaption></p>", "<p>一</p>\n<p>二</p>"),
        ("<ul><ul><li>一</li></ul></ul>", "<ul>\n<li><ul>\n<li>一</li>\n</ul></li>\n</ul>"),
        ("<ul><li>一<p>二</p></li></ul>", "<ul>\n<li><p>一</p>\n<p>二</p></li>\n</ul>"),
        (
            '<p>见<a href="#x1" id="y1">二\n</a><a href="#x1">三</a></p>',
            '<p>见<a href="#x1" id="y1">二 三</a></p>',
        ),
    ],
)
def test_normalize_moves_content_to_valid_parents(html, normalized):
    assert normalize(html, {}) == normalized
