"""Bearer tokens for the API."""

import hashlib
import secrets

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from crm.people.models import ApiToken, User


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def create_token(user: User) -> str:
    """Make a token for the user and return its key, which is not kept and can't be shown again."""
    key = secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, digest=_digest(key))
    return key


class TokenAuthentication(BaseAuthentication):
    """Accept `Authorization: Bearer <token>` of an active user."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).decode("latin-1").split()
        if not words or words[0].lower() != "bearer":
            return None
        token = ApiToken.objects.select_related("user").filter(digest=_digest(" ".join(words[1:]))).first()
        if token is None or not token.user.is_active:
            raise AuthenticationFailed(_("This token is not valid."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
