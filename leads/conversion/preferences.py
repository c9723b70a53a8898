"""How conversions begin and who hears of them: the administrators' settings, read in one statement."""

from crm.fields import dictionary
from crm.notices.outbox import active_webhooks
from leads.models import ConversionPreferences


def current() -> ConversionPreferences:
    """The settings in force, with the keys of the active webhooks, so that a conversion needn't ask for them."""
    found: ConversionPreferences | None = ConversionPreferences.objects.annotate(_webhooks=active_webhooks()).first()
    if found is None:
        return ConversionPreferences()
    found.webhooks = tuple(found._webhooks or ())  # type: ignore[attr-defined]
    return found


def first_stage(preferences: ConversionPreferences) -> str:
    """The stage that an opportunity starts in: the chosen one as long as it is in use, else the first of the list."""
    stages = [option.value for option in dictionary.options("sales_stage") if not option.retired]
    return preferences.first_stage if preferences.first_stage in stages else next(iter(stages), "")
