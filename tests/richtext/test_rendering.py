import re

import pytest

from richtext.rendering import render_article, render_fragment
from richtext.sanitizer import clean

FULL = (
    "这是一个足够长的自然段，说明预算编制、执行和绩效评价之间的关系，"
    "读到这里大约有四十多个字，应当算作一段正文。"
)


def render(html: str) -> str:
    return render_article(clean(html)).html


def without_anchors(html: str) -> str:
    return re.sub(r' id="p-[a-p]+"', "", html)


def ids(html: str) -> list[str]:
    return re.findall(r' id="([^"]+)"', render(html))


class TestAnchors:
    def test_anchor_survives_changes_around_it(self):
        before = ids("<h2>一、背景</h2><p>甲。</p><p>乙。</p>")
        after = ids("<p>新。</p><h2>一、背景</h2><p>甲改。</p><p>乙。</p>")
        assert len(set(before)) == 3
        assert (after[1], after[3]) == (before[0], before[2])
        assert after[2] != before[1]

    def test_anchors_of_equal_texts_differ(self):
        anchors = ids("<p>同。</p>" * 3)
        assert len(set(anchors)) == 3
        assert ids("<p>同。</p>" * 2) == anchors[:2]

    def test_anchors_of_thousands_of_equal_lines_take_linear_time(self):
        """Counting the repeats of each line from one would take minutes."""
        assert len(set(ids("<p>是</p>" * 20_000))) == 20_000

    def test_anchors_differ_from_ids_of_editors(self):
        assert clean(f'<p><a id="{ids("<p>甲。</p>")[0]}"></a>乙。</p>') == "<p>乙。</p>"

    def test_anchor_leaves_classes_unchanged(self):
        assert (
            without_anchors(render('<p class="align-right">甲。</p>'))
            == '<p class="align-right">甲。</p>'
        )

    def test_fragments_have_no_anchors(self):
        assert render_fragment("<p>甲。</p>") == "<p>甲。</p>"


class TestContents:
    LONG = f"<p>{FULL * 10}</p>"

    def test_contents_list_the_first_two_levels_of_a_long_text(self):
        html = (
            f"<h2>一</h2>{self.LONG}<h3>（一）</h3>{self.LONG}<h4>1.</h4>{self.LONG}"
            "<h2>二<sup>[1]</sup>&amp;三</h2>"
        )
        contents = render_article(clean(html)).contents
        assert [(heading.text, heading.level) for heading in contents] == [
            ("一", 1),
            ("（一）", 2),
            ("二&三", 1),
        ]
        assert [heading.id for heading in contents] == re.findall(
            r'<h[23] id="([^"]+)"', render(html)
        )

    @pytest.mark.parametrize(
        "html",
        [
            "<h2>一</h2><h2>二</h2><h2>三</h2><p>短。</p>",
            f"<h2>一</h2>{LONG * 4}<h2>二</h2><p>终。</p>",
            LONG * 4,
            "",
        ],
    )
    def test_contents_are_empty_for_short_texts_and_few_headings(self, html):
        assert render_article(clean(html)).contents == []

    def test_headings_begin_at_level_two(self):
        assert without_anchors(render("<h3>甲</h3><h4>乙</h4>")).split() == [
            "<h2>甲</h2>",
            "<h3>乙</h3>",
        ]


class TestSubheads:
    """Sub-heads of old texts are paragraphs."""

    def heads(self, *paragraphs: str) -> list[str]:
        html = clean("".join(one if one.startswith("<") else f"<p>{one}</p>" for one in paragraphs))
        return re.findall("<h[234]>.*?</h[234]>", without_anchors(render_article(html).html))

    def test_subhead_is_a_short_line_between_full_paragraphs(self):
        assert self.heads(FULL, "统筹谋划、加强指导，注重完善机制", FULL) == [
            "<h2>统筹谋划、加强指导，注重完善机制</h2>"
        ]
        assert self.heads(FULL, "<p><strong>一、背景</strong></p>", FULL) == ["<h2>一、背景</h2>"]

    def test_subhead_may_have_several_clauses(self):
        first = "先算大账、再算细账,逐项核清乡镇卫生院的设备与用房"
        second = "边走边问、边记边改,把每季度的试点数据都摆到会上比一"
        assert len(self.heads(FULL, first, FULL, second, FULL)) == 2

    def test_subheads_of_a_part_and_its_first_section(self):
        assert self.heads(FULL, "一、背景", "（一）由来", FULL) == [
            "<h2>一、背景</h2>",
            "<h3>（一）由来</h3>",
        ]

    def test_subhead_in_the_first_line_is_numbered(self):
        assert self.heads("一、背景", FULL, "二、做法", FULL) == [
            "<h2>一、背景</h2>",
            "<h2>二、做法</h2>",
        ]
        assert self.heads("本刊通讯员", FULL, "二、做法", FULL) == ["<h2>二、做法</h2>"]

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("统筹谋划、加强指导", "创新机制、提升效能"),
            ("下足功夫，把底数查清楚", "区别情况，让资产动起来"),
            ("摸清家底　分类施策", "完善制度　从严监管"),
            ("主要做法", "几点体会"),
            ("<p><strong>强化组织领导</strong></p>", "<p><strong>健全长效机制</strong></p>"),
        ],
    )
    def test_subhead_in_the_first_line_is_built_like_another(self, first, second):
        assert len(self.heads(first, FULL, second, FULL)) == 2

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("本刊通讯员 张三", "统筹谋划 抓落实"),
            ("某县财政局", "做法与成效"),
            ("某省财政厅 某市财政局", "统筹谋划好 落实责任制"),
            ("张三丰 李四光", "抓统筹 促落实"),
            ("张三", "做法"),
            ("某某市人民政府", "强化监督的约束"),
            ("新华社北京1月1日电", "绩效评价从哪里开始"),
            ("基层动态", "统筹谋划、加强指导"),
            ("主要做法", "一、统筹"),
        ],
    )
    def test_subhead_is_not_a_byline_or_unlike_others(self, first, second):
        assert len(self.heads(first, FULL, second, FULL)) == 1

    def test_subhead_in_the_first_line_needs_another(self):
        assert self.heads("统筹谋划、加强指导", FULL, FULL) == []

    @pytest.mark.parametrize(
        "line",
        [
            "这是一句话。", "什么是预算？", "他说：", "“走吧。”", "图1 收入走势", "表2 支出结构",
            "（作者单位：某局）", "本刊记者 张三",
            "这一行虽然没有句末的标点但是它实在太长了无论如何也不像一个小标题",
            '<p class="align-right">二〇二四年一月</p>', "<p>甲<br>乙</p>",
        ],
    )  # fmt: skip
    def test_subhead_is_not_a_line_of_another_kind(self, line):
        assert self.heads(FULL, line, FULL) == []

    @pytest.mark.parametrize(
        "paragraphs",
        [
            (FULL, "春眠不觉晓", "处处闻啼鸟", "夜来风雨声", FULL),
            (FULL, "某某杂志社"),
            (FULL, "单位：万元", "<table><tbody><tr><td>一</td></tr></tbody></table>"),
            (FULL, "短句。", "张三", "短句。"),
            ("<h2>真标题</h2>", FULL, "短短一行", FULL),
            ("只有一行",),
            (),
        ],
    )
    def test_subheads_are_not_verse_signatures_or_in_texts_with_headings(self, paragraphs):
        assert self.heads(*paragraphs) == [one for one in paragraphs if one.startswith("<h2")]


class TestTablesAndPictures:
    TABLE = "<table><caption>表1 “收入”</caption><tbody><tr><td>一</td></tr></tbody></table>"

    def test_table_scrolls_in_a_box_with_a_tab_stop(self):
        html = render_fragment(clean(self.TABLE))
        assert html.startswith(
            '<div class="scroll" role="group" tabindex="0" aria-label="表1 “收入”"><table>'
        )
        assert "<caption><span>表1 “收入”</span></caption>" in html
        assert html.endswith("</table></div>")

    def test_table_in_a_table_has_its_own_box(self):
        html = render_fragment(
            clean(f"<table><tbody><tr><td>{self.TABLE}</td></tr></tbody></table>")
        )
        assert (html.count('<div class="scroll"'), html.count("</div>")) == (2, 2)

    def test_picture_opens_large_and_is_not_indented_alone(self):
        html = render('<p><img src="/media/a.png" alt="走势"></p>')
        link = (
            r'<p class="lone"><a class="large" href="/media/a.png" aria-label="[^"]+：走势">'
            r"<img [^>]+></a></p>"
        )
        assert re.fullmatch(link, html)

    def test_picture_paragraph_keeps_its_classes(self):
        assert '<p class="align-center lone">' in render(
            '<p class="align-center"><img src="/media/a.png" alt=""></p>'
        )

    @pytest.mark.parametrize(
        "html",
        [
            '<p>甲<img src="/media/a.png" alt="" width="20">乙</p>',
            '<p>甲<a href="/x"><img src="/media/a.png" alt=""></a></p>',
        ],
    )
    def test_picture_that_is_an_icon_or_a_link_is_unchanged(self, html):
        assert without_anchors(render(html)) == clean(html)

    def test_picture_may_have_a_greater_than_sign_in_its_alt(self):
        assert 'aria-label="' in render('<p><img src="/media/a.png" alt="a>b"></p>')


class TestNotes:
    def test_note_gets_a_backlink(self):
        html = render('<p>甲<a href="#zhu1">[1]</a>。</p><p><a id="zhu1"></a>注文。</p>')
        assert '<a href="#zhu1" id="zhu1-mark">[1]</a>' in html
        assert re.search(r'注文。 <a href="#zhu1-mark" aria-label="[^"]+">↩</a></p>', html)

    def test_note_reference_keeps_its_id(self):
        html = render(
            '<p>甲<a href="#zhu1" id="r1"><sup>①</sup></a>。</p>'
            '<ol class="footnotes"><li id="zhu1">注。</li></ol>'
        )
        assert re.search(r'注。 <a href="#r1" aria-label="[^"]+">↩</a></li>', html)

    def test_note_with_a_backlink_gets_only_a_label(self):
        written = (
            '<p>甲<a href="#fn1" id="fnref1">[1]</a></p>'
            '<ol><li id="fn1">注。<a href="#fnref1">↩</a></li></ol>'
        )
        html = render(written)
        assert html.count("↩") == 1
        assert re.search(r'<a href="#fnref1" aria-label="[^"]+">↩</a>', html)

    @pytest.mark.parametrize(
        "html",
        ['<p>见<a href="#x1">下文</a><a id="x1"></a></p>', '<p><a href="#away1">[1]</a></p>'],
    )
    def test_note_patterns_leave_other_links_unchanged(self, html):
        assert without_anchors(render(html)) == clean(html)
