"""Secrets and signatures of webhooks, as the open Standard Webhooks convention has them (docs/webhooks.md)."""

import base64
import hashlib
import hmac
import secrets

from django.utils.crypto import salted_hmac

PREFIX = "whsec_"


def new_salt() -> str:
    return secrets.token_hex(16)


def secret(salt: str) -> str:
    """The secret that belongs to a salt. It is not kept: it follows from SECRET_KEY, so that no backup holds it."""
    key = salted_hmac("crm.notices.webhook", salt, algorithm="sha256").digest()
    return PREFIX + base64.b64encode(key).decode()


def signature(secret: str, message: str, timestamp: int, body: str) -> str:
    """HMAC-SHA256 over "id.timestamp.body", in base64 behind the version."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{message}.{timestamp}.{body}".encode(), hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"
