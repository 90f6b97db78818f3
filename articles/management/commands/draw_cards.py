from django.core.management.base import BaseCommand

from articles.cards import draw_card, draw_site_card
from articles.models import Publication
from magazine.models import Magazine, Publisher

PROGRESS_ROWS = 100


class Command(BaseCommand):
    help = "Draw the share cards that are missing, such as after a restore without media files."

    def handle(self, **options) -> None:
        for name in Publisher.objects.values_list("name", flat=True):
            draw_site_card(name)
        magazines = Magazine.objects.in_bulk()
        checked = 0
        drawn = 0
        for title, magazine in without_pictures().iterator():
            drawn += draw_card(title, magazines.get(magazine))
            checked += 1
            if checked % PROGRESS_ROWS == 0:
                self.stdout.write(f"{checked} articles, {drawn} cards drawn")
        self.stdout.write(f"{checked} articles, {drawn} cards drawn: done")


def without_pictures():
    """Return title and magazine of live and scheduled publications without a cover."""
    rows = Publication.objects.live_or_scheduled().filter(cover="")
    return rows.order_by("pk").values_list("title", "magazine")
