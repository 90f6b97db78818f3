from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.crypto import get_random_string

from accounts.models import Membership, Role, User
from magazine.models import Magazine


class Command(BaseCommand):
    help = "Create demo accounts. Their random passwords are printed once."

    def handle(self, **options) -> None:
        magazine = Magazine.objects.filter(slug="zgcz").first()
        if magazine is None:
            raise CommandError(
                "There is no magazine for the editor to work at: run load_demo first."
            )
        self.stdout.write(f"Log in at {settings.SITE_URL}/admin/ as")
        with transaction.atomic():
            editor = self.create("editor", name="试用编辑")
            if editor:
                Membership.objects.create(user=editor, magazine=magazine, role=Role.EDITOR)
            self.create("admin", name="试用管理员", is_superuser=True)

    def create(self, username: str, **values) -> User | None:
        if User.objects.filter(username=username).exists():
            command = f".venv/bin/python manage.py changepassword {username}"
            self.stdout.write(f"  {username}   with its password; for another: {command}")
            return None
        password = get_random_string(16)
        self.stdout.write(f"  {username}   password {password}   (shown this once)")
        return User.objects.create_user(username, password=password, is_staff=True, **values)
