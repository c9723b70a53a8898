"""How conversions begin and who hears of them: the administrators' settings, read in one statement."""

from django.db.models import Exists

from crm.fields import dictionary
from crm.notices.models import Webhook
from leads.models import ConversionPreferences


def current() -> ConversionPreferences:
    """The settings in force. `has_webhooks` tells whether any webhook is active, so that a conversion needn't ask."""
    rows = ConversionPreferences.objects.annotate(has_webhooks=Exists(Webhook.objects.filter(is_active=True)))
    return rows.first() or ConversionPreferences()


def first_stage(preferences: ConversionPreferences) -> str:
    """The stage that an opportunity starts in: the chosen one as long as it is in use, else the first of the list."""
    stages = [option.value for option in dictionary.options("sales_stage") if not option.retired]
    return preferences.first_stage if preferences.first_stage in stages else next(iter(stages), "")
