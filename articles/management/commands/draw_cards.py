from django.core.management.base import BaseCommand

from articles.cards import draw_card, draw_house_card
from articles.models import Publication
from magazine.models import Magazine, Publisher

PROGRESS = 100


class Command(BaseCommand):
    help = (
        "Draw the pictures of shared links that are missing, such as after a restore without them."
    )

    def handle(self, **options) -> None:
        for name in Publisher.objects.values_list("name", flat=True):
            draw_house_card(name)
        magazines = Magazine.objects.in_bulk()
        looked_at = drawn = 0
        for title, magazine in without_pictures().iterator():
            drawn += draw_card(title, magazines.get(magazine))
            looked_at += 1
            if looked_at % PROGRESS == 0:
                self.stdout.write(f"{looked_at} articles, {drawn} cards drawn")
        self.stdout.write(f"{looked_at} articles, {drawn} cards drawn: done")


def without_pictures():
    """Title and magazine of what readers see without a picture, or will see."""
    return (
        Publication.objects.live_or_scheduled()
        .filter(cover="")
        .order_by("pk")
        .values_list("title", "magazine")
    )
