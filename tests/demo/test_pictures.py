from io import BytesIO

import pytest
from PIL import Image

from demo.canvas import PALETTES
from demo.covers import issue_cover, magazine_cover
from demo.pictures import KINDS, article_picture
from magazine.models import Accent


@pytest.mark.parametrize("kind", KINDS)
def test_article_picture_depends_only_on_its_arguments(kind):
    picture = article_picture(kind, "pine", "one")
    assert Image.open(BytesIO(picture)).size == (1200, 750)
    assert picture == article_picture(kind, "pine", "one")
    assert picture != article_picture(kind, "pine", "another")


@pytest.mark.parametrize("accent", Accent.values)
def test_covers_exist_for_every_accent(accent):
    covers = [magazine_cover("Title & Title", "1234-5679", accent)]
    covers += [issue_cover("Title & Title", accent, 2026, number) for number in range(1, 7)]
    assert {Image.open(BytesIO(cover)).size for cover in covers} == {(900, 1200)}
    assert len(set(covers)) == 7


def test_palettes_exist_for_every_accent():
    assert PALETTES.keys() == set(Accent.values)
