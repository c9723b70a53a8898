"""Show each person the pages in their language, calendar and digits."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from crm.kit import preferences


class PreferencesMiddleware:
    """The user's own choice, else the browser's cookie or language, else LANGUAGE_CODE (PRODUCT §5)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        language = getattr(user, "language", "") or translation.get_language_from_request(request)
        with (
            translation.override(language),
            preferences.use(calendar=getattr(user, "calendar", "") or None, digits=getattr(user, "digits", "") or None),
        ):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language",))
        return response
