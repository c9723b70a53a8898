"""Whose a web or e-mail address is: the domain that was registered, unless anybody may have an address there."""

import re
from functools import lru_cache

from crm.kit.fold import fold

# Mail providers and hosts where anybody gets an address, and the names kept for examples (RFC 2606).
PUBLIC = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "google.com",
        "yahoo.com",
        "ymail.com",
        "rocketmail.com",
        "hotmail.com",
        "outlook.com",
        "live.com",
        "msn.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "gmx.com",
        "gmx.net",
        "gmx.de",
        "web.de",
        "mail.com",
        "mail.ru",
        "inbox.ru",
        "list.ru",
        "bk.ru",
        "yandex.com",
        "yandex.ru",
        "proton.me",
        "protonmail.com",
        "pm.me",
        "zoho.com",
        "fastmail.com",
        "tutanota.com",
        "hey.com",
        "qq.com",
        "163.com",
        "126.com",
        "libero.it",
        "orange.fr",
        "free.fr",
        "laposte.net",
        "t-online.de",
        "chmail.ir",
        "mailfa.com",
        "mailfa.org",
        "mailfa.ir",
        "mihanmail.ir",
        "iran.ir",
        "vatanmail.ir",
        "post.ir",
        "blogfa.com",
        "blogspot.com",
        "blogsky.com",
        "mihanblog.com",
        "persianblog.ir",
        "wordpress.com",
        "wixsite.com",
        "github.io",
        "facebook.com",
        "instagram.com",
        "linkedin.com",
        "twitter.com",
        "x.com",
        "t.me",
        "telegram.me",
        "wa.me",
        "aparat.com",
        "youtube.com",
        "divar.ir",
        "eitaa.com",
        "rubika.ir",
        "bale.ai",
        "torob.com",
        "goo.gl",
        "bit.ly",
        "example.com",
        "example.org",
        "example.net",
    ]
)
PUBLIC_TOP = ("example", "test", "invalid", "localhost")
_SECOND_LEVEL = frozenset(["co", "com", "org", "net", "gov", "ac", "edu", "sch", "id", "gen", "mil"])
_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/@]*@)?([^/?#:\s]+)")


@lru_cache(20_000)
def domain(address: str) -> str:
    """The registered domain of a web address ("https://www.shop.parsaria.co.ir/x" → "parsaria.co.ir"); "" for none or a public one."""
    found = _HOST.match(fold(address))
    labels = found[1].strip(".").split(".") if found else []
    if len(labels) < 2 or not all(labels) or not re.search(r"[^\W\d]", labels[-1]):
        return ""
    size = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    name = ".".join(labels[-size:])
    return "" if name in PUBLIC or labels[-1] in PUBLIC_TOP else name


@lru_cache(20_000)
def mail_domain(email: str) -> str:
    """The registered domain of an e-mail address; "" for a public provider's."""
    _user, at, host = fold(email).rpartition("@")
    return domain(host) if at else ""
