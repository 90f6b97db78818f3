import re

import pytest

from richtext.rendering import render_article, render_fragment
from richtext.sanitizer import clean

FULL = "这是一个足够长的自然段，说明预算编制、执行和绩效评价之间的关系，读到这里大约有四十多个字，应当算作一段正文。"


def text_of(html: str) -> str:
    return render_article(clean(html)).html


def bare(html: str) -> str:
    return re.sub(r' id="p-[a-p]+"', "", html)


def ids(html: str) -> list[str]:
    return re.findall(r' id="([^"]+)"', text_of(html))


class TestAnchors:
    def test_paragraphs_and_headings_keep_theirs_whatever_changes_around_them(self):
        before = ids("<h2>一、背景</h2><p>甲。</p><p>乙。</p>")
        after = ids("<p>新。</p><h2>一、背景</h2><p>甲改。</p><p>乙。</p>")
        assert len(set(before)) == 3
        assert (after[1], after[3]) == (before[0], before[2])
        assert after[2] != before[1]

    def test_same_words_twice_have_two(self):
        found = ids("<p>同。</p>" * 3)
        assert len(set(found)) == 3
        assert ids("<p>同。</p>" * 2) == found[:2]

    def test_thousands_of_equal_lines_are_no_burden(self):
        """Were each counted from the first, this would take minutes."""
        assert len(set(ids("<p>是</p>" * 20_000))) == 20_000

    def test_never_those_an_editor_can_give(self):
        assert clean(f'<p><a id="{ids("<p>甲。</p>")[0]}"></a>乙。</p>') == "<p>乙。</p>"

    def test_layout_stays(self):
        assert bare(text_of('<p class="align-right">甲。</p>')) == '<p class="align-right">甲。</p>'

    def test_richtext_beside_other_texts_has_none(self):
        assert render_fragment("<p>甲。</p>") == "<p>甲。</p>"


class TestContents:
    LONG = f"<p>{FULL * 10}</p>"

    def test_long_text_has_its_first_two_levels(self):
        html = f"<h2>一</h2>{self.LONG}<h3>（一）</h3>{self.LONG}<h4>1.</h4>{self.LONG}<h2>二<sup>[1]</sup>&amp;三</h2>"
        contents = render_article(clean(html)).contents
        assert [(heading.text, heading.level) for heading in contents] == [
            ("一", 1),
            ("（一）", 2),
            ("二&三", 1),
        ]
        assert [heading.id for heading in contents] == re.findall(
            r'<h[23] id="([^"]+)"', text_of(html)
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
    def test_short_text_and_one_of_few_headings_have_none(self, html):
        assert render_article(clean(html)).contents == []

    def test_no_level_is_missing_between_the_title_and_the_first_headings(self):
        assert bare(text_of("<h3>甲</h3><h4>乙</h4>")).split() == ["<h2>甲</h2>", "<h3>乙</h3>"]


class TestSubheads:
    """Old texts whose sub-heads are paragraphs of their own."""

    def heads(self, *paragraphs: str) -> list[str]:
        html = clean("".join(one if one.startswith("<") else f"<p>{one}</p>" for one in paragraphs))
        return re.findall("<h[234]>.*?</h[234]>", bare(render_article(html).html))

    def test_short_line_between_full_paragraphs(self):
        assert self.heads(FULL, "统筹谋划、加强指导，注重完善机制", FULL) == [
            "<h2>统筹谋划、加强指导，注重完善机制</h2>"
        ]
        assert self.heads(FULL, "<p><strong>一、背景</strong></p>", FULL) == ["<h2>一、背景</h2>"]

    def test_long_ones_of_several_clauses(self):
        first = "先算大账、再算细账,逐项核清乡镇卫生院的设备与用房"
        second = "边走边问、边记边改,把每季度的试点数据都摆到会上比一"
        assert len(self.heads(FULL, first, FULL, second, FULL)) == 2

    def test_part_with_its_first_section(self):
        assert self.heads(FULL, "一、背景", "（一）由来", FULL) == [
            "<h2>一、背景</h2>",
            "<h3>（一）由来</h3>",
        ]

    def test_text_that_begins_with_one(self):
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
    def test_text_that_begins_with_one_built_like_another(self, first, second):
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
    def test_text_that_begins_with_who_wrote_it_or_with_what_is_unlike(self, first, second):
        assert len(self.heads(first, FULL, second, FULL)) == 1

    def test_nothing_but_a_first_line_is_no_heading(self):
        assert self.heads("统筹谋划、加强指导", FULL, FULL) == []

    @pytest.mark.parametrize(
        "line",
        [
            "这是一句话。", "什么是预算？", "他说：", "“走吧。”", "图1 收入走势", "表2 支出结构",
            "（作者单位：某局）", "本刊记者 张三", "这一行虽然没有句末的标点但是它实在太长了无论如何也不像一个小标题",
            '<p class="align-right">二〇二四年一月</p>', "<p>甲<br>乙</p>",
        ],
    )  # fmt: skip
    def test_lines_of_another_kind_stay(self, line):
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
    def test_verse_signatures_and_texts_with_headings_stay(self, paragraphs):
        assert self.heads(*paragraphs) == [one for one in paragraphs if one.startswith("<h2")]


class TestBoxes:
    TABLE = "<table><caption>表1 “收入”</caption><tbody><tr><td>一</td></tr></tbody></table>"

    def test_tables_stand_in_a_box_the_keyboard_reaches(self):
        html = render_fragment(clean(self.TABLE))
        assert html.startswith(
            '<div class="scroll" role="group" tabindex="0" aria-label="表1 “收入”"><table>'
        )
        assert "<caption><span>表1 “收入”</span></caption>" in html
        assert html.endswith("</table></div>")

    def test_a_table_in_a_table_has_its_own(self):
        html = render_fragment(
            clean(f"<table><tbody><tr><td>{self.TABLE}</td></tr></tbody></table>")
        )
        assert (html.count('<div class="scroll"'), html.count("</div>")) == (2, 2)

    def test_pictures_open_large_and_alone_are_not_indented(self):
        html = text_of('<p><img src="/media/a.png" alt="走势"></p>')
        link = r'<p class="lone"><a class="large" href="/media/a.png" aria-label="[^"]+：走势"><img [^>]+></a></p>'
        assert re.fullmatch(link, html)

    def test_class_is_added_to_those_there_are(self):
        assert '<p class="align-center lone">' in text_of(
            '<p class="align-center"><img src="/media/a.png" alt=""></p>'
        )

    @pytest.mark.parametrize(
        "html",
        [
            '<p>甲<img src="/media/a.png" alt="" width="20">乙</p>',
            '<p>甲<a href="/x"><img src="/media/a.png" alt=""></a></p>',
        ],
    )
    def test_signs_in_a_line_and_links_stay(self, html):
        assert bare(text_of(html)) == clean(html)

    def test_a_sign_of_more_in_words_does_not_confuse(self):
        assert 'aria-label="' in text_of('<p><img src="/media/a.png" alt="a>b"></p>')


class TestNotes:
    def test_note_without_a_way_back_gets_one(self):
        html = text_of('<p>甲<a href="#zhu1">[1]</a>。</p><p><a id="zhu1"></a>注文。</p>')
        assert '<a href="#zhu1" id="zhu1-mark">[1]</a>' in html
        assert re.search(r'注文。 <a href="#zhu1-mark" aria-label="[^"]+">↩</a></p>', html)

    def test_mark_keeps_its_own_id(self):
        html = text_of(
            '<p>甲<a href="#zhu1" id="r1"><sup>①</sup></a>。</p><ol class="footnotes"><li id="zhu1">注。</li></ol>'
        )
        assert re.search(r'注。 <a href="#r1" aria-label="[^"]+">↩</a></li>', html)

    def test_notes_that_lead_back_only_get_its_name(self):
        written = '<p>甲<a href="#fn1" id="fnref1">[1]</a></p><ol><li id="fn1">注。<a href="#fnref1">↩</a></li></ol>'
        html = text_of(written)
        assert html.count("↩") == 1
        assert re.search(r'<a href="#fnref1" aria-label="[^"]+">↩</a>', html)

    @pytest.mark.parametrize(
        "html",
        ['<p>见<a href="#x1">下文</a><a id="x1"></a></p>', '<p><a href="#away1">[1]</a></p>'],
    )
    def test_other_links_stay(self, html):
        assert bare(text_of(html)) == clean(html)
