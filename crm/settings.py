"""Every setting of the product, in one file; whatever differs between installations comes from the environment."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var"))


def flag(name: str, *, default: bool = False) -> bool:
    """Read a yes/no variable; anything but the known words stops the start."""
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
        "": default,
    }
    word = os.environ.get(name, "").strip().lower()
    if word not in words:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {word!r}.")
    return words[word]


# --- What kind of installation this is ---------------------------------------------------------
DEBUG = flag("DEBUG")
DEMO = flag("DEMO", default=DEBUG)  # the demo data may only go where nothing can be spoilt
SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured("Set SECRET_KEY to a long random text (or DEBUG=1 to try the product).")
    SECRET_KEY = "only-for-trying-the-product-" + "0" * 32
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host] or (
    ["localhost", "127.0.0.1", "[::1]"] if DEBUG or DEMO else []
)
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]

# --- What it is made of ------------------------------------------------------------------------
INSTALLED_APPS = [
    "crm.kit",
    "crm.fields",
    "crm.people",
    "crm.jobs",
    "crm.notices",
    "crm.records",
    "crm.matching",
    "crm.related",
    "crm.lists",
    "crm.exchange",
    "crm.pages",
    "mapping",
    "leads",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "allauth",
    "allauth.account",
    "axes",
    "csp",
    "rest_framework",
    "drf_spectacular",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crm.people.middleware.PreferencesMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "crm.pages.errors.BusyMiddleware",
]
ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "crm.kit.templatetags.kit",
                "crm.pages.templatetags.trail",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.pages.context.shell",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False
FORM_RENDERER = "crm.kit.controls.Renderer"
INSTALLED_APPS += ["django.forms"]

# --- Database ----------------------------------------------------------------------------------
DATABASES = {
    "default": dj_database_url.parse(os.environ.get("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'tabdil.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",  # with DEFERRED, parallel writers fail at once with "database is locked"
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Kept between requests: SQLite's last connection to close would write its whole log back each time (12 ms measured).
DATABASES["default"]["CONN_MAX_AGE"] = 60

# --- People ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "crm.people.rights.Rights",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_ADAPTER = "crm.people.adapter.AccountAdapter"
ACCOUNT_FORMS = {"change_password": "crm.people.passwords.PasswordForm"}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": False}  # axes counts failed logins
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 5 / 60  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- E-mail and other programs -----------------------------------------------------------------
EMAIL_URL = urlsplit(os.environ.get("EMAIL_URL", ""))  # smtp://user:password@host:587, smtps://…
if EMAIL_URL.scheme not in ("", "smtp", "smtps"):
    raise ImproperlyConfigured("EMAIL_URL must begin with smtp:// or smtps://.")
EMAIL_HOST = os.environ.get("EMAIL_HOST") or EMAIL_URL.hostname or ""
EMAIL_USE_SSL = flag("EMAIL_USE_SSL", default=EMAIL_URL.scheme == "smtps")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", default=bool(EMAIL_URL.username) and not EMAIL_USE_SSL)
EMAIL_PORT = int(
    os.environ.get("EMAIL_PORT") or EMAIL_URL.port or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER") or unquote(EMAIL_URL.username or "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD") or unquote(EMAIL_URL.password or "")
EMAIL_TIMEOUT = 10  # seconds
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND") or (
    f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
)
SENDS_EMAIL = bool(EMAIL_HOST or os.environ.get("EMAIL_BACKEND"))  # otherwise nobody is written to
PUBLIC_URL = os.environ.get("PUBLIC_URL", "").rstrip("/")  # where e-mails lead: https://crm.example.com
if not PUBLIC_URL and ALLOWED_HOSTS:
    PUBLIC_URL = f"{'https' if flag('HTTPS', default=not DEBUG) else 'http'}://{ALLOWED_HOSTS[0].lstrip('.')}"
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM") or EMAIL_HOST_USER or f"tabdil@{urlsplit(PUBLIC_URL).hostname}"
# Webhooks lead to public addresses only, unless this installation may reach into its own network.
WEBHOOKS_TO_PRIVATE_ADDRESSES = flag("WEBHOOKS_TO_PRIVATE_ADDRESSES", default=DEBUG)

# --- Language, time, money ---------------------------------------------------------------------
LANGUAGE_CODE = os.environ.get("LANGUAGE_CODE", "fa")
LANGUAGES = [("fa", _("Persian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = os.environ.get("TIME_ZONE", "Asia/Tehran")
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = "crm.kit.formats"
CURRENCY = os.environ.get("CURRENCY", "IRR")
PHONE_REGION = os.environ.get("PHONE_REGION", "IR")
CLOSING_DAYS = int(os.environ.get("CLOSING_DAYS", "30"))  # an opportunity's closing date: today + so many days

# --- Files -------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT", VAR_DIR / "documents"))
DOCUMENT_MAX_BYTES = 25 * 1024 * 1024
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # the mapping editor sends four for each row
WHITENOISE_USE_FINDERS = DEBUG

# --- Safety ------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = flag("HTTPS", default=not DEBUG)
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_SSL_REDIRECT
if flag("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_ENGINE = "crm.people.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"

# --- API ---------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "crm.people.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["crm.api.parsers.StorableJSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "crm.api.errors.answer",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tabdil",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
    "PATH_CONVERTER_OVERRIDES": {"key": {"type": "integer", "minimum": 1}},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
