import re

import pytest
from django.template import Context, Template
from hypothesis import given, settings
from hypothesis import strategies as st

from richtext.sanitizer import CLASSES, ELEMENTS, clean, plain_text, trusted

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name=Generator content="Microsoft Word 15"><!--[if gte mso 9]><xml><o:OfficeDocumentSettings>
<o:AllowPNG/></o:OfficeDocumentSettings></xml><![endif]--><style><!-- p.MsoNormal {mso-style-name:正文;} --></style>
</head><body lang=ZH-CN style='tab-interval:21.0pt'><!--StartFragment-->
<h1 align=center style='text-align:center'><span style='font-family:黑体'>一、问题<span lang=EN-US><o:p></o:p>
</span></span></h1>
<p class=MsoNormal style='text-align:justify;text-indent:21.0pt;mso-char-indent-count:2.0'><span style='font-family:
宋体;font-size:12.0pt;color:red'>　　县级财政承担着<b style='mso-bidi-font-weight:normal'>大部
分</b>支出<span lang=EN-US><a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1" title=""><span
class=MsoFootnoteReference><sup>[1]</sup></span></a></span>。<span lang=EN-US><o:p></o:p></span></span></p>
<p class=MsoNormal><span lang=EN-US><o:p>&nbsp;</o:p></span></p>
<p class=MsoListParagraph style='margin-left:18.0pt;text-indent:-18.0pt;mso-list:l0 level1 lfo1'>
<![if !supportLists]><span lang=EN-US><span style='mso-list:Ignore'>1.<span style='font:7.0pt "Times New Roman"'>
&nbsp;&nbsp; </span></span></span><![endif]><span>先看支出</span></p>
<p class=MsoNormal align=right style='text-align:right;text-indent:0cm'>本刊记者</p>
<table class=MsoTableGrid border=1 cellspacing=0 style='border-collapse:collapse;mso-padding-alt:0cm'>
 <tr style='mso-yfti-irow:0'>
  <td width=277 valign=top style='width:207.4pt;border:solid windowtext 1.0pt'>
  <p class=MsoNormal align=center style='text-align:center'><span>县名<o:p></o:p></span></p></td>
  <td width=277 colspan=1><p class=MsoNormal style='text-align:justify'>92.4<o:p></o:p></p></td>
 </tr>
</table>
<div style='mso-element:footnote-list'><![if !supportFootnotes]><br clear=all><hr align=left size=1 width="33%">
<![endif]><div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText><a style='mso-footnote-id:ftn1'
href="#_ftnref1" name="_ftn1" title=""><sup>[1]</sup></a> 数据为化名。</p></div></div>
<!--EndFragment--></body></html>"""

WORD_CLEANED = """<h2 class="align-center">一、问题</h2>
<p>县级财政承担着<strong>大部分</strong>支出<a href="#_ftn1" id="_ftnref1"><sup>[1]</sup></a>。</p>
<p>1. 先看支出</p>
<p class="align-right no-indent">本刊记者</p>
<table>
<tbody>
<tr>
<td class="align-center">县名</td>
<td>92.4</td>
</tr>
</tbody>
</table>
<hr>
<p><a href="#_ftnref1" id="_ftn1"><sup>[1]</sup></a> 数据为化名。</p>"""

WPS = """<!--StartFragment --><p class="MsoNormal" style="text-indent:0.0000pt;text-align:left;" align="left">\
<font face="宋体"><span style="mso-spacerun:'yes';font-family:宋体;font-size:10.5000pt;">　　基层财政运行平稳。</span>\
</font><span style="font-size:10.5000pt;"><o:p></o:p></span></p>\
<p class="MsoNormal" style="text-align:center;"><b><span style="mso-spacerun:'yes';font-family:黑体;">表</span></b>\
<b><span style="font-family:Calibri;">1</span></b></p><p class="MsoNormal"><span>&nbsp;</span></p>\
<p>&nbsp;&nbsp;&nbsp;&nbsp;第二段。<br>　　第三段。<br><br>第四段。\u3000</p><!--EndFragment-->"""

WPS_CLEANED = """<p class="align-left">基层财政运行平稳。</p>
<p class="align-center"><strong>表1</strong></p>
<p>第二段。</p>
<p>第三段。</p>
<p>第四段。</p>"""

ARTICLE = """<h2>二、概念</h2>
<p>见材料<sup><a href="#fn1" id="fnref1">[1]</a></sup>，H<sub>2</sub>O，<u>下划</u>，<s>删</s>，<del>改</del>。</p>
<p class="no-indent">据<a href="https://www.example.cn/" title="来源" rel="noopener noreferrer">原文</a>。<a id="part1"></a></p>
<blockquote>
<p>引文</p>
</blockquote>
<figure class="image"><img src="/media/pictures/a.png" alt="图" width="600" height="400"><figcaption>图1</figcaption></figure>
<table>
<caption>表1</caption>
<thead>
<tr>
<th scope="col" rowspan="2">县名</th>
<th scope="colgroup" colspan="2" class="align-center">得分</th>
</tr>
</thead>
<tbody>
<tr>
<td><p>两段</p>
<p>文字</p></td>
<td></td>
</tr>
</tbody>
</table>
<ul>
<li>甲
<ol start="3" type="a">
<li>乙</li>
</ol></li>
</ul>
<hr>
<ol class="footnotes">
<li id="fn1">注 <a href="#fnref1">↩</a></li>
</ol>"""


def test_clean_returns_normal_form_unchanged():
    assert clean(ARTICLE) == ARTICLE


@pytest.mark.parametrize(
    ("pasted", "cleaned"), [(WORD, WORD_CLEANED), (WPS, WPS_CLEANED)], ids=["word", "wps"]
)
def test_clean_handles_word_processors(pasted, cleaned):
    assert clean(pasted) == cleaned


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ("文字", "<p>文字</p>"),
        ("一<div>二<p>三</p>四</div>", "<p>一</p>\n<p>二</p>\n<p>三</p>\n<p>四</p>"),
        ("<h1>一</h1><h5>二</h5><h6>三</h6>", "<h2>一</h2>\n<h4>二</h4>\n<h4>三</h4>"),
        ("<h2><p>一</p></h2>", "<h2>一</h2>"),
        ("<p>\u3000\u3000一\u3000</p>", "<p>一</p>"),
        ("<p>一 <b>\u3000</b></p>", "<p>一</p>"),
        ("<p>王\u3000某</p>", "<p>王\u3000某</p>"),
        ("<p>&nbsp;</p><p><br></p><p></p>", ""),
        ("<p>一<br>二</p>", "<p>一<br>二</p>"),
        ("<p>一<br> <br>二</p>", "<p>一</p>\n<p>二</p>"),
        ("<p>一<br>\u3000\u3000二</p>", "<p>一</p>\n<p>二</p>"),
        ("<p>a&nbsp;\n b\u200b\ufeff\u00adc</p>", "<p>a bc</p>"),
        ("<p>财政\n压力 and\nmore</p>", "<p>财政压力 and more</p>"),
        ("<p><b>一</b><b>二</b><i><em>三</em></i></p>", "<p><strong>一二</strong><em>三</em></p>"),
        ("<b><p>一</p><p>二</p></b>", "<p><strong>一</strong></p>\n<p><strong>二</strong></p>"),
        ("<ul><li><p>一</p></li><li></li></ul>", "<ul>\n<li>一</li>\n</ul>"),
        (
            "<ul><li>一</li><ul><li>二</li></ul></ul>",
            "<ul>\n<li>一\n<ul>\n<li>二</li>\n</ul></li>\n</ul>",
        ),
        ("<ul>一<li>二</li></ul>", "<ul>\n<li>一</li>\n<li>二</li>\n</ul>"),
        ("<blockquote>一</blockquote>", "<blockquote>\n<p>一</p>\n</blockquote>"),
        ("<table><caption>表</caption></table>", "<p>表</p>"),
        ("<figure>一<figcaption>二</figcaption></figure>", "<p>一</p>\n<p>二</p>"),
        ("<p><code>x</code><span>y</span><font color=red>z</font></p>", "<p>xyz</p>"),
    ],
)
def test_clean_normalizes_structure(html, cleaned):
    assert clean(html) == cleaned


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ('<p style="text-align: center">一</p>', '<p class="align-center">一</p>'),
        ('<p align="RIGHT">一</p>', '<p class="align-right">一</p>'),
        ("<center>一<p>二</p></center>", "<p>一</p>\n<p>二</p>"),
        (
            '<div align="center">一<p>二</p></div>',
            '<p class="align-center">一</p>\n<p class="align-center">二</p>',
        ),
        ('<p style="text-align:justify">一</p>', "<p>一</p>"),
        ('<p class="align-justify">一</p>', '<p class="align-justify">一</p>'),
        ('<p class="align-left" style="text-align:right">一</p>', '<p class="align-left">一</p>'),
        ('<p style="text-indent:2em">一</p>', "<p>一</p>"),
        ('<p style="text-indent:0">一</p>', '<p class="no-indent">一</p>'),
        ('<p style=";color;TEXT-INDENT : 0.00pt !important">一</p>', '<p class="no-indent">一</p>'),
        ('<p style="text-indent:0">\u3000\u3000一</p>', "<p>一</p>"),
        ('<li style="text-align:center">一</li>', '<p class="align-center">一</p>'),
        (
            '<ol class="footnotes align-left"><li>一</li></ol>',
            '<ol class="footnotes">\n<li>一</li>\n</ol>',
        ),
        ('<p class="popup">一</p>', "<p>一</p>"),
    ],
)
def test_clean_turns_layout_into_classes(html, cleaned):
    assert clean(html) == cleaned


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ('<img src="/media/a.png">', '<p><img src="/media/a.png" alt=""></p>'),
        (
            '<img src="/a.png" style="width:30.5px;height:20px">',
            '<p><img src="/a.png" alt="" width="30" height="20"></p>',
        ),
        ('<img src="/a.png" width="50%">', '<p><img src="/a.png" alt=""></p>'),
        ('<p>见<img src="https://a.example/b.png" alt="图 1"></p>', "<p>见图 1</p>"),
        ('<img src="file:///C:/a.png" alt="图">', "<p>图</p>"),
        ('<img src="data:image/png;base64,AAAA" alt="图">', "<p>图</p>"),
        ('<img src="//a.example/b.png">', ""),
        ('<img src="/\\a.example/b.png">', ""),
        ('<img src="b.png">', ""),
    ],
)
def test_clean_permits_only_own_pictures(html, cleaned):
    assert clean(html) == cleaned


@pytest.mark.parametrize(
    "href",
    [
        "https://a.example/",
        "HTTP://a.example",
        "mailto:a@b.cn",
        "tel:010-1",
        "/a?b=1#c",
        "#fn1",
        "a/b:c",
        "?page=2",
        "财政.html",
    ],
)
def test_clean_permits_link(href):
    assert f'href="{href}"' in clean(f'<a href="{href}">x</a>')


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "java&#10;script:alert(1)",
        "&#106;avascript&colon;alert(1)",
        "JaVaScRiPt:alert(1)",
        "\x01javascript:alert(1)",
        "vbscript:x",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "//a.example/",
        "/\\a.example/",
        "\\\\a.example",
        "/\t/a.example",
        "https://a.example\\@b.example",
    ],
)
def test_clean_removes_link(href):
    assert clean(f'<a href="{href}">x</a>') == "<p>x</p>"


def test_clean_adds_rel_only_to_external_links():
    assert 'rel="noopener noreferrer"' in clean(
        '<a href="https://a.example/" rel="opener" target="_blank">x</a>'
    )
    assert clean('<a href="/a" rel="nofollow">x</a>') == '<p><a href="/a">x</a></p>'


@pytest.mark.parametrize("name", ["main", "id_title", "x" * 80 + "1", "1", "a b1", "_Toc12"])
def test_clean_refuses_ids_of_the_surrounding_page(name):
    assert clean(f'<p><a id="{name}"></a>x</p>') == "<p>x</p>"


def test_clean_writes_an_id_once():
    html = '<p><a id="a1"></a>x<a id="a1"></a></p><a href="#b" id="b1"><p>一</p><p>二</p></a>'
    assert (
        clean(html)
        == '<p><a id="a1"></a>x</p>\n<p><a href="#b" id="b1">一</a></p>\n<p><a href="#b">二</a></p>'
    )


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=/a.png onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<style>@import '//evil.example'</style>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object><embed src='//evil.example'>",
    "<form action='//evil.example'><input name=x><button formaction='javascript:alert(1)'>x</button></form>",
    "<base href='//evil.example/'><meta http-equiv=refresh content='0;url=//evil.example'><link rel=stylesheet href=//e>",
    "<a href='javas&#99;ript:alert(1)'>x</a>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<template><img src=x onerror=alert(1)></template>",
    "<p title='\"><script>alert(1)</script>'>x</p><!--><script>alert(1)</script>-->",
    "<textarea></p><img src=x onerror=alert(1)></textarea><xmp><img src=x onerror=alert(1)></xmp>",
    "<a href='/' title='\" onmouseover=alert(1) x=\"'>x</a>",
    "<img src='/a.png' alt='\"><svg onload=alert(1)>'>",
    "<plaintext><script>alert(1)</script>",
]


def assert_allowed(cleaned: str) -> None:
    """Check every tag against the allow-list, without using code of the sanitizer."""
    outside_text = re.sub(r"<(/?[a-z0-9]+)((?: [a-z]+=\"[^\"<>]*\")*)>", check_tag, cleaned)
    assert "<" not in outside_text
    assert ">" not in outside_text


def check_tag(match: re.Match) -> str:
    tag = match[1].lstrip("/")
    assert tag in ELEMENTS
    for name, value in re.findall(r'([a-z]+)="([^"]*)"', match[2]):
        assert name in {*ELEMENTS[tag], "class"}
        if name == "class":
            assert set(value.split()) <= CLASSES[tag]
        if name in {"href", "src"}:
            assert not re.match(r"(?i)(?!https?:|mailto:|tel:)[^/?#]*:|//|.*\\", value)
    return ""


@pytest.mark.parametrize("attack", ATTACKS)
def test_clean_neutralizes_attack(attack):
    cleaned = clean(f"<p>前</p>{attack}<p>后</p>")
    assert_allowed(cleaned)
    assert clean(str(cleaned)) == cleaned


FRAGMENTS = st.one_of(
    st.sampled_from(
        [
            *(
                f"<{tag}>"
                for tag in [
                    *ELEMENTS,
                    "div",
                    "span",
                    "b",
                    "i",
                    "h1",
                    "font",
                    "center",
                    "o:p",
                    "svg",
                    "math",
                    "col",
                ]
            ),
            *(
                f"</{tag}>"
                for tag in [*ELEMENTS, "div", "span", "b", "i", "h1", "font", "svg", "math"]
            ),
            *(
                '<a href="#fn1" id="fn1">',
                '<a id="fn2">',
                '<a href="javascript:x" name="_ftn1">',
                '<li id="fn1">',
            ),
            *(
                '<p align="center">',
                '<div style="text-align:right">',
                '<p style="text-indent:0">',
                '<td align="left">',
            ),
            *(
                '<img src="/media/a.png">',
                '<img src="//x" alt=" 图 ">',
                '<p class="align-left no-indent x">',
                '<td colspan="2">',
            ),
            *(
                "\u3000\u3000",
                "&nbsp;",
                "\n",
                " ",
                "财政\n压力",
                "\u200b",
                "&lt;",
                "&amp;lt;",
                "<!--",
                "-->",
                "<![if x]>",
                "\x00",
            ),
        ]
    ),
    st.text(max_size=8),
    st.sampled_from(ATTACKS),
)


@settings(deadline=None)
@given(st.lists(FRAGMENTS, max_size=40).map("".join))
def test_clean_is_idempotent(html):
    cleaned = clean(html)
    assert clean(str(cleaned)) == cleaned
    assert_allowed(cleaned)


def test_clean_flattens_deep_nesting():
    for tag in ["blockquote", "ul><li", "div", "b", "table><tr><td"]:
        cleaned = clean(f"<{tag}>" * 500 + "底")
        assert plain_text(cleaned) == "底"
        assert clean(str(cleaned)) == cleaned


def test_clean_returns_clean_html_itself():
    cleaned = clean("<p>一</p>")
    assert clean(cleaned) is cleaned
    assert type(cleaned + "<b>") is str


def test_plain_text_has_one_block_a_line():
    assert plain_text(clean(ARTICLE)).splitlines()[:3] == [
        "二、概念",
        "见材料[1]，H2O，下划，删，改。",
        "据原文。",
    ]
    assert plain_text(clean("<p>1 &lt; 2 &amp;amp; 3<br>四</p>")) == "1 < 2 &amp; 3\n四"
    assert plain_text("") == ""


def test_trusted_html_is_not_escaped_in_templates():
    template = Template("{% load richtext %}{{ text|render_fragment }}")
    assert template.render(Context({"text": "<p>一</p>"})) == "<p>一</p>"
    assert trusted("<p>一</p>").__html__() == "<p>一</p>"
