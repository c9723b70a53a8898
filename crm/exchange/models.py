"""Files on their way into the product: what was chosen for their columns, and what became of each row."""

import uuid
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.exchange.importing import CREATE, CREATED, FILLED, REFUSED, SKIP, SKIPPED, UPDATE
from crm.jobs.models import Job

ON_DUPLICATE = (
    (SKIP, _("Skip them")),
    (UPDATE, _("Fill the empty fields of the lead that is there")),
    (CREATE, _("Create them again")),
)
DELETED, KEPT = "deleted", "kept"


def private_name(_file_import: "FileImport", _name: str) -> str:
    """Name the stored file by chance: nobody can guess it, and nothing that a user typed reaches the file system."""
    return f"imports/{uuid.uuid4().hex}"


class FileImport(models.Model):
    """The import of one file. Its job says who imports, how many rows there are, and whether they are being taken.

    The file lies in the store until the job is over, at most a day. `revision` grows with each choice, so that what was begun
    by older ones stops. `position` counts the rows that were dealt with, in the check and then anew in the run.
    """

    class Step(models.TextChoices):
        READING = "reading", _("Being read")
        COLUMNS = "columns", _("Columns")
        DUPLICATES = "duplicates", _("Duplicates")
        CHECK = "check", _("Check")

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="+")
    undoing = models.OneToOneField(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    step = models.CharField(max_length=10, choices=Step, default=Step.READING)
    revision = models.PositiveIntegerField(default=0)
    file = models.FileField(
        upload_to=private_name, storage=FileSystemStorage(file_permissions_mode=0o600), blank=True, max_length=100
    )
    file_name = models.CharField(max_length=200)
    columns = models.JSONField(default=list)  # what `wizard.columns.Column` holds
    choices = models.JSONField(default=list)  # where each column goes: a field's key, "+new", "+note" or "+leave"
    hows = models.JSONField(default=list)  # why that was proposed: "header", "values", "before", or "" for a choice
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    on_duplicate = models.CharField(max_length=10, choices=ON_DUPLICATE, default=SKIP)
    position = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)  # counts, notices, and the fields that were made

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return f"/import/{self.pk}/"

    @property
    def header(self) -> list[str]:
        return [column["title"] for column in self.columns]

    @property
    def is_open(self) -> bool:
        """Whether columns and duplicates may still be chosen."""
        return self.step != self.Step.READING and self.job.state in (Job.State.CHECKING, Job.State.READY)

    def remove_file(self) -> None:
        """Remove the uploaded file from the store, if it is still there."""
        if self.file:
            self.file.delete(save=False)
            FileImport.objects.filter(pk=self.pk).update(file="")


class ImportedRow(models.Model):
    """What became of a row of the file: in the check, in the run, or when the import was undone."""

    class Outcome(models.TextChoices):
        CREATED = CREATED, _("Created")
        FILLED = FILLED, _("Filled")
        SKIPPED = SKIPPED, _("Skipped")
        REFUSED = REFUSED, _("Not taken")
        DELETED = DELETED, _("Deleted again")
        KEPT = KEPT, _("Kept")

    file_import = models.ForeignKey(FileImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()  # as in the file: the first behind the header is 2
    outcome = models.CharField(max_length=10, choices=Outcome)
    record = models.PositiveBigIntegerField(null=True)  # no foreign key, so that the record can go its way
    at = models.DateTimeField(null=True)  # when the record was made
    reason = models.TextField(blank=True, default="")  # why it was kept
    problems = models.JSONField(default=list)  # [["Email", "Enter a valid e-mail address."]]
    cells = models.JSONField(default=list)  # of a row that was not taken

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file_import", "number"], name="row_once_per_import")]
        indexes = [models.Index(fields=["file_import", "outcome", "number"], name="row_outcome")]

    def __str__(self) -> str:
        return f"{self.file_import_id}: {self.number}"


class Matching(models.Model):
    """How the columns of a header were matched the last time, to be offered again to whoever imports such a file."""

    digest = models.CharField(max_length=64, unique=True)  # of the header
    choices = models.JSONField()
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.digest

    @staticmethod
    def of(digest: str) -> Any:
        return Matching.objects.select_related("saved_by").filter(digest=digest).first()
