"""Media files in an S3-compatible storage that all machines share."""

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
def _errors_as_oserror() -> Iterator[None]:
    """Raise OSError(EREMOTEIO) for errors of the storage, as a file system would."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise OSError(errno.EREMOTEIO, str(error)) from error


class ObjectStorage(S3Storage):
    """Store files in a bucket, and serve them at this site's own address.

    Pages request nothing from other hosts. Names are random or derived from the content, so
    that writing one twice is harmless.
    """

    def get_default_settings(self) -> dict:
        config = Config(
            connect_timeout=2,
            read_timeout=10,
            retries={"max_attempts": 2},
            s3={"addressing_style": "path"},
            signature_version="s3v4",
            # Only Amazon's own storage knows the newer checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return {**super().get_default_settings(), "client_config": config, "default_acl": None}

    def url(self, name: str, *args, **options) -> str:
        return urljoin(settings.MEDIA_URL, filepath_to_uri(name))

    def _open(self, name: str, mode: str = "rb"):
        with _errors_as_oserror():
            return super()._open(name, mode)

    def _save(self, name: str, content) -> str:
        with _errors_as_oserror():
            return super()._save(name, content)

    def exists(self, name: str) -> bool:
        with _errors_as_oserror():
            return super().exists(name)

    def delete(self, name: str) -> None:
        with _errors_as_oserror():
            super().delete(name)
