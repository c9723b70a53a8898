"""Who may arrange fields and lists: administrators. Users are of the room above, so they come as Any."""

from typing import Any

from django.core.exceptions import PermissionDenied


def require(by: Any, permission: str) -> None:
    if not by.has_perm(permission):
        raise PermissionDenied
