"""Pictures put into texts by the editor, and media files served where no nginx does."""

import logging
from posixpath import splitext

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation, ValidationError
from django.core.files.storage import FileSystemStorage, default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.static import serve

from magazine.failing import sentence
from magazine.pictures import reencode, store
from magazine.renditions import original

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
    """Answers as CKEditor expects: of a refusal it shows the reason only if the status is 200."""
    user = request.user
    if not (user.is_active and user.is_staff and user.has_perm("magazine.upload_picture")):
        return _refusal(_("You may not upload pictures."), status=403)
    if "upload" not in request.FILES:
        return _refusal(_("No picture arrived."))
    try:
        picture = reencode(request.FILES["upload"])
    except ValidationError as error:
        return _refusal(" ".join(error.messages))
    try:
        url = default_storage.url(store(picture))
    except OSError as error:
        if (said := sentence(error)) is None:
            raise
        logger.exception("A picture could not be stored.")
        return _refusal(said)
    return JsonResponse({"uploaded": 1, "fileName": picture.name, "url": url})


def _refusal(message: str, status: int = 200) -> JsonResponse:
    return JsonResponse({"uploaded": 0, "error": {"message": message}}, status=status)


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponse:
    """A picture or a PDF. Names are random and never used again, so browsers may keep what they have."""
    try:
        return _shut_in(request, path)
    except Http404:
        if whole := original(path):  # renditions are not in every backup
            return _shut_in(request, whole)
        raise


def _served(request: HttpRequest, path: str) -> HttpResponse:
    if isinstance(default_storage, FileSystemStorage):
        return serve(request, path, document_root=settings.MEDIA_ROOT)
    return FileResponse(default_storage.open(path))


def _shut_in(request: HttpRequest, path: str) -> HttpResponse:
    content_type = CONTENT_TYPES.get(splitext(path)[1])
    if content_type is None:
        raise Http404
    try:
        response = _served(request, path)
    except (SuspiciousFileOperation, OSError):  # the system finds the name too long
        raise Http404 from None
    if response.status_code == 200:
        response["Content-Type"] = content_type
        response["Content-Disposition"] = "attachment" if content_type == "application/pdf" else "inline"
    response["X-Content-Type-Options"] = "nosniff"
    # django-csp leaves a policy alone that is already there.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
