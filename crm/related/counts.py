"""How much hangs on a record, by kind, in one statement."""

from django.db.models import Count, F, Value

from crm.related.models import KINDS

NAMES = ("activities", "emails", "documents", "comments", "campaigns", "products")


def related_counts(holder: str, pk: int) -> dict[str, int]:
    """Count what hangs on all dossiers that the record holds: {"activities": 4, …}, zeros included."""
    parts = [
        kind._default_manager.filter(**{f"dossier__{holder}": pk})
        .order_by()
        .values(holder=F(f"dossier__{holder}"))
        .annotate(kind=Value(name), number=Count("pk"))
        .values_list("kind", "number")
        for name, kind in zip(NAMES, KINDS, strict=True)
    ]
    found: dict[str, int] = dict(parts[0].union(*parts[1:], all=True))
    return {name: found.get(name, 0) for name in NAMES}
