"""Media in an S3-compatible store, which all machines share."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage


@contextmanager
def _as_of_a_disk() -> Iterator[None]:
    """What goes wrong is told as a file system tells it, for which everybody is prepared."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise OSError(errno.EREMOTEIO, str(error)) from error


class ObjectStorage(S3Storage):
    """Pages ask no other host for anything, so readers get media at our own address, whoever holds them.

    Names are random or say what is in the file, so that one may be written twice.
    """

    def get_default_settings(self) -> dict:
        patient = Config(
            connect_timeout=2,
            read_timeout=10,
            retries={"max_attempts": 2},
            s3={"addressing_style": "path"},
            signature_version="s3v4",
            # Other stores than Amazon's own do not know the newer ones.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return super().get_default_settings() | {"client_config": patient, "default_acl": None}

    def url(self, name: str, *arguments, **named) -> str:
        return urljoin(settings.MEDIA_URL, filepath_to_uri(name))

    def _open(self, name: str, mode: str = "rb"):
        with _as_of_a_disk():
            return super()._open(name, mode)

    def _save(self, name: str, content) -> str:
        with _as_of_a_disk():
            return super()._save(name, content)

    def exists(self, name: str) -> bool:
        with _as_of_a_disk():
            return super().exists(name)

    def delete(self, name: str) -> None:
        with _as_of_a_disk():
            super().delete(name)
