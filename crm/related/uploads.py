"""Taking in a file: its size, its kind by name and by content, and a name of our own for storing it."""

import hashlib
import unicodedata
import zipfile
from pathlib import PurePath
from typing import Any

import filetype
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from crm.kit.text import clean
from crm.related.models import Document

# extension → the kinds of content it may have; "" where the content has no signature (plain text)
ALLOWED = {
    "pdf": {"pdf"},
    "png": {"png"},
    "jpg": {"jpg"},
    "jpeg": {"jpg"},
    "gif": {"gif"},
    "webp": {"webp"},
    "docx": {"docx", "zip"},
    "xlsx": {"xlsx", "zip"},
    "pptx": {"pptx", "zip"},
    "odt": {"odt", "zip"},
    "ods": {"ods", "zip"},
    "zip": {"zip"},
    "txt": {""},
    "csv": {""},
    "mp3": {"mp3"},
    "m4a": {"m4a", "mp4"},
    "wav": {"wav"},
}
ZIPPED = {"docx", "xlsx", "pptx", "odt", "ods", "zip"}
MAX_UNPACKED = 200 * 1024 * 1024  # bytes
TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}


def document_from(upload: "UploadedFile[Any]", *, title: str = "") -> Document:
    """Make a document, not saved yet, of an uploaded file. Raises ValidationError with what to do."""
    name = safe_name(upload.name or "")
    extension = PurePath(name).suffix.lower().lstrip(".")
    _check_size(upload)
    _check_kind(upload, extension)
    upload.seek(0)
    digest = hashlib.file_digest(upload.file or upload, "sha256").hexdigest()  # type: ignore[arg-type]
    upload.seek(0)
    return Document(
        title=(title.strip() or name)[:200],
        file=upload,
        file_name=name,
        content_type=TYPES.get(extension, "application/octet-stream"),
        size=upload.size or 0,
        sha256=digest,
    )


def safe_name(name: str) -> str:
    """The file's own name without folders, control characters and other tricks, at most 200 characters."""
    name = clean(name.replace("\\", "/").split("/")[-1]).replace("\0", "")
    name = "".join(char for char in name if unicodedata.category(char) not in ("Cc", "Cf") or char == "\u200c").strip(
        " ."
    )
    stem, suffix = PurePath(name).stem, PurePath(name).suffix[:200]
    return f"{stem[: 200 - len(suffix)]}{suffix}" or "file"


def _check_size(upload: "UploadedFile[Any]") -> None:
    if not upload.size:
        raise ValidationError(_("This file is empty. Choose another."))
    if upload.size > settings.DOCUMENT_MAX_BYTES:
        raise ValidationError(
            _("This file is larger than %(megabytes)s MB. Choose a smaller one."),
            params={"megabytes": settings.DOCUMENT_MAX_BYTES // 1024 // 1024},
        )


def _check_kind(upload: "UploadedFile[Any]", extension: str) -> None:
    if extension not in ALLOWED:
        raise ValidationError(
            _("Files of this kind can't be kept here. These can: %(kinds)s."),
            params={"kinds": ", ".join(sorted(ALLOWED))},
        )
    upload.seek(0)
    head = upload.read(8192)
    guess = filetype.guess_extension(head) or ""
    if guess not in ALLOWED[extension] or (not guess and b"\0" in head):
        raise ValidationError(
            _("The content of this file is not what its name says. Save it again in the right format.")
        )
    if extension in ZIPPED:
        _check_archive(upload)


def _check_archive(upload: "UploadedFile[Any]") -> None:
    upload.seek(0)
    try:
        with zipfile.ZipFile(upload) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise ValidationError(_("This file is damaged. Save it again and choose it anew.")) from None
    if unpacked > MAX_UNPACKED:
        raise ValidationError(_("This file unpacks to far more than its size. It can't be kept here."))
