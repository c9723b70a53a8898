"""What notifications of a conversion say, in the language of whoever reads them."""

from django.utils.translation import gettext as _

from crm.fields import registry
from crm.notices import kinds
from crm.notices.kinds import Kind, Params, isolated

HANDED_OVER = "handed-over"
CONVERTED = "lead-converted"


def handed_over(params: Params) -> str:
    records = _(", ").join(
        _("%(module)s %(name)s") % {"module": registry.module(key).label, "name": isolated(name)}
        for key, name in params["records"]
    )
    return _("%(user)s handed you a converted lead (%(lead)s): %(records)s.") % {
        "user": isolated(params["by"]),
        "lead": isolated(params["lead"]),
        "records": records,
    }


def converted(params: Params) -> str:
    return _("Lead %(name)s (%(lead)s) was converted by %(user)s.") % {
        "name": isolated(params["name"]),
        "lead": isolated(params["lead"]),
        "user": isolated(params["by"]),
    }


def register() -> None:
    """Tell the room for notices what these kinds say."""
    message = lambda params: str(params.get("message", ""))  # noqa: E731
    kinds.register(HANDED_OVER, Kind(icon="person-check", sentence=handed_over, message=message))
    kinds.register(CONVERTED, Kind(icon="arrow-left-right", sentence=converted))
