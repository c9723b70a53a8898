"""Why a lead was not converted, in one line."""

from leads.conversion.errors import AlreadyConverted, InvalidOrder, NoSuchLead


def reason(refusal: Exception) -> str:
    """Say in a line why a lead was not converted."""
    if isinstance(refusal, AlreadyConverted):
        return f"already converted, {refusal.conversion.number}."
    if isinstance(refusal, InvalidOrder):
        errors = refusal.errors.items()
        found = [(part, field, text) for part, fields in errors for field, texts in fields.items() for text in texts]
        return " ".join(f"{part}.{field}: {text}" if part else text for part, field, text in found)
    if isinstance(refusal, NoSuchLead):
        return "there is no such lead that this user may see."
    return "this user may not convert it."
