"""Upload of pictures from the editor, and media files where no nginx serves them."""

import logging
from posixpath import splitext

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation, ValidationError
from django.core.files.storage import FileSystemStorage, default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.static import serve

from media.fields import store_picture
from media.renditions import original_name
from media.validation import reencode_picture
from web.errors import infrastructure_message

logger = logging.getLogger(__name__)

CONTENT_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
}


@require_POST
def upload_picture(request: HttpRequest) -> JsonResponse:
    """Store a picture from the editor and answer in CKEditor's format.

    CKEditor shows the message of an error only if the status is 200.
    """
    user = request.user
    if not (user.is_active and user.is_staff and user.has_perm("media.upload_picture")):
        return _error(_("You may not upload pictures."), status=403)
    if "upload" not in request.FILES:
        return _error(_("No picture arrived."))
    try:
        picture = reencode_picture(request.FILES["upload"])
    except ValidationError as error:
        return _error(" ".join(error.messages))
    try:
        url = default_storage.url(store_picture(picture))
    except OSError as error:
        message = infrastructure_message(error)
        if message is None:
            raise
        logger.exception("A picture could not be stored.")
        return _error(message)
    return JsonResponse({"uploaded": 1, "fileName": picture.name, "url": url})


def _error(message: str, status: int = 200) -> JsonResponse:
    return JsonResponse({"uploaded": 0, "error": {"message": message}}, status=status)


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponse:
    """Serve a picture or a PDF. Names are random and never reused, so browsers cache them."""
    try:
        return _serve_sandboxed(request, path)
    except Http404:
        original = original_name(path)
        if original:  # some backups leave renditions out
            return _serve_sandboxed(request, original)
        raise


def _serve(request: HttpRequest, path: str) -> HttpResponse:
    if isinstance(default_storage, FileSystemStorage):
        return serve(request, path, document_root=settings.MEDIA_ROOT)
    return FileResponse(default_storage.open(path))


def _serve_sandboxed(request: HttpRequest, path: str) -> HttpResponse:
    content_type = CONTENT_TYPES.get(splitext(path)[1])
    if content_type is None:
        raise Http404
    try:
        response = _serve(request, path)
    except (SuspiciousFileOperation, OSError):  # OSError: also a name that is too long
        raise Http404 from None
    if response.status_code == 200:
        is_document = content_type == "application/pdf"
        response["Content-Type"] = content_type
        response["Content-Disposition"] = "attachment" if is_document else "inline"
    response["X-Content-Type-Options"] = "nosniff"
    # django-csp does not replace a policy that is already set.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
