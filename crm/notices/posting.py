"""Posting to an address that an administrator typed: only where it may go, never for long, and following nobody elsewhere."""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

CONNECT_TIMEOUT = 5.0  # seconds
WHOLE_TIMEOUT = 15.0  # seconds until an answer that trickles in is cut off
EXCERPT = 500  # characters of the answer that are kept
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GIVEN_OUT = ipaddress.ip_network("2000::/3")  # of IPv6, to the public; elsewhere lie old and local ways to IPv4


class Unreachable(Exception):
    """Nothing was sent, or no answer came; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    excerpt: str
    milliseconds: int

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


def problem(url: str) -> str:
    """Say what is wrong with an address as it is written, "" if nothing. Where its name leads is looked up at each delivery."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return _("Enter an address such as https://example.com/hook.")
    if parts.scheme not in ("http", "https") or not host or any(letter.isspace() or ord(letter) < 33 for letter in url):
        return _("Enter an address that begins with http:// or https://.")
    if parts.username is not None or parts.password is not None:
        return _("Leave out the user name and password. The receiver knows us by the signature.")
    if (literal := _literal(host)) and not _may_go_to(literal):
        return _not_public()
    if host.rstrip(".").lower() == "localhost" and not settings.WEBHOOKS_TO_PRIVATE_ADDRESSES:
        return _not_public()
    return ""


def _not_public() -> str:
    return _("This address leads into a private network. Only public addresses are allowed here.")


def _literal(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return None


def _may_go_to(address: str) -> bool:
    """Whether this IP address is a public one, also behind the ways in which IPv6 writes an IPv4 address."""
    if settings.WEBHOOKS_TO_PRIVATE_ADDRESSES:
        return True
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
        if found not in _GIVEN_OUT:
            return False
    return found.is_global and not found.is_multicast


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a POST and give the answer, a redirect included: it is not followed. Raises Unreachable."""
    if wrong := problem(url):
        raise Unreachable(wrong)
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    began = time.monotonic()
    try:
        connection = _connection(parts.scheme, parts.hostname or "", port)
        with _deadline(connection):
            if parts.scheme == "https":
                _encrypt(connection)
            path = iri_to_uri(f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}")
            connection.request("POST", path, body, {**headers, "User-Agent": "Tabdil", "Connection": "close"})
            response = connection.getresponse()
            text = response.read(4 * EXCERPT).decode("utf-8", "replace")[:EXCERPT].replace("\0", "")
    except (OSError, http.client.HTTPException, ValueError, UnicodeError) as error:
        raise Unreachable(str(error) or type(error).__name__) from None
    return Answer(status=response.status, excerpt=text, milliseconds=round(1000 * (time.monotonic() - began)))


def _connection(scheme: str, host: str, port: int) -> http.client.HTTPConnection:
    """A connection to an address that was looked at: the name is not asked for a second time."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(_("There is no such host.")) from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not all(_may_go_to(address) for address in addresses):
        raise Unreachable(_not_public())
    connection = http.client.HTTPConnection(host, port, timeout=CONNECT_TIMEOUT)
    connection.default_port = 443 if scheme == "https" else 80
    connection.sock = _first_that_answers(addresses, port)
    return connection


def _encrypt(connection: http.client.HTTPConnection) -> None:
    """Agree on keys. Within the deadline too, so the connection has the new socket before the first word is said."""
    context = ssl.create_default_context()
    made = context.wrap_socket(connection.sock, server_hostname=connection.host, do_handshake_on_connect=False)
    connection.sock = made
    made.do_handshake()


def _first_that_answers(addresses: Sequence[str], port: int) -> socket.socket:
    """Connect to one of a host's addresses. Raises OSError of the last one if none answers."""
    for address in addresses[:-1]:
        try:
            return socket.create_connection((address, port), timeout=CONNECT_TIMEOUT)
        except OSError:
            continue
    return socket.create_connection((addresses[-1], port), timeout=CONNECT_TIMEOUT)


class _deadline:  # noqa: N801 - reads as a word
    """Cut the connection off when it has lasted too long, however busy it is; close it in any case."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self.connection = connection
        self.timer = threading.Timer(WHOLE_TIMEOUT, self._cut)
        self.timer.daemon = True

    def _cut(self) -> None:
        if sock := self.connection.sock:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def __enter__(self) -> None:
        self.timer.start()

    def __exit__(self, *_error: object) -> None:
        self.timer.cancel()
        self.connection.close()
