"""Every setting, read strictly from the environment.

With nothing set the project runs for a newcomer: DEBUG, SQLite under `var/`, no
broker but the embedded one that `make run` starts. Production sets DEBUG=0, after
which SECRET_KEY, SALT_KEY and ALLOWED_HOSTS have no default and must be given.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from outreach_project import entrance_settings, unfold_settings
from outreach_project.log_settings import logging_settings
from outreach_project.oauth_settings import oauth_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", default=True)


def secret(name: str, debug_default: str) -> str:
    """Return a secret from the environment; only DEBUG has a default."""
    value: str = env.str(name, default=debug_default if DEBUG else "")
    if not value:
        msg = f"{name} must be set when DEBUG is off."
        raise ImproperlyConfigured(msg)
    return value


SECRET_KEY = secret("SECRET_KEY", "debug-only-secret-key-of-more-than-fifty-characters-0123456789")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Salts of the encrypted fields, newest first; older ones still decrypt (rotation).
SALT_KEY = secret("SALT_KEY", "debug-only-salt").split(",")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "outreach_project.apps.BackstageConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_celery_beat",
    "django_htmx",
    "django_structlog",
    "heroicons",
    "import_export",
    "foundation",
    "accounts",
    "compliance",
    "integrations",
    "leads",
    "mailer",
    "directory",
    "campaigns",
    "outreach_project.apps.OutreachProjectConfig",
]

MIDDLEWARE = [
    "mailer.middleware.PublicLinksMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Random padding (Django's answer to BREACH) makes this safe beside masked CSRF tokens.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "foundation.middleware.PageMiddleware",
    "compliance.middleware.AuditMiddleware",
]

ROOT_URLCONF = "outreach_project.urls"
WSGI_APPLICATION = "outreach_project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "foundation.context_processors.page",
                "outreach_project.context_processors.shell",
            ],
            "builtins": ["foundation.templatetags.ui", "django.templatetags.static"],
        },
    },
]

# Databases -------------------------------------------------------------------

DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'outreach.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock at BEGIN, so a read-modify-write never fails midway.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            " PRAGMA cache_size=-32768; PRAGMA mmap_size=134217728;"
        ),
    }
    # A file, not memory: tests race real processes for the same rows.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Broker, cache, tasks ----------------------------------------------------------

# REDIS_URL is production's Redis; `make run` starts the embedded broker and sets it
# to that socket. With neither, tasks are only woken by the clock or a command.
REDIS_URL = env.str("REDIS_URL", default="")
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL or "memory://localhost/")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = env.int("CELERY_TASK_TIME_LIMIT", default=3600)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 7200,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 3,
        "socket_timeout": 10,
    }
    if CELERY_BROKER_URL.startswith(("redis", "rediss"))
    else {}
)
# A broker that is away must not hold a web request: the row is already saved.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"

CACHE_URL = env.str("CACHE_URL", default=REDIS_URL.replace("redis+socket://", "unix://"))
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
    }
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
SESSION_ENGINE = "foundation.sessions"

# People and doors --------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = entrance_settings.PASSWORD_HASHERS
AUTH_PASSWORD_VALIDATORS = entrance_settings.AUTH_PASSWORD_VALIDATORS
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_FORMS = entrance_settings.ACCOUNT_FORMS
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/15m/key,10/15m/ip",
    "reauthenticate": "10/15m/user",
    "change_password": "10/15m/user",
    "reset_password": "20/15m/ip,5/15m/key",
}
# Proxies in front whose X-Forwarded-For is believed; with 0 the peer's own address counts.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "accounts.mfa.MFAAdapter"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "foundation.views.csrf_failed"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
SESSION_COOKIE_SECURE = SECURE_SSL_REDIRECT
CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if DEBUG else 31536000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEBUG
SECURE_HSTS_PRELOAD = not DEBUG
# The proxy in front must set this header itself and drop what clients send.
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", default=False) else None
)

DEFAULT_EXCEPTION_REPORTER = "compliance.reporting.RedactingReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "compliance.reporting.RedactingFilter"

CONTENT_SECURITY_POLICY = entrance_settings.CONTENT_SECURITY_POLICY

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Largest spreadsheet a member may upload, in bytes.
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=256 * 1024 * 1024)
# Largest backlink export for a competitor gap, in bytes as uploaded; how much memory a search
# may use (DuckDB's word for it) and how many seconds.
GAP_MAX_BYTES = env.int("GAP_MAX_BYTES", default=2 * 1024**3)
GAP_MEMORY = env.str("GAP_MEMORY", default="350MB")
GAP_SECONDS = env.int("GAP_SECONDS", default=3600)

# Whether imported addresses are checked in the DNS, and with which servers (host:port; the
# machine's own when empty).
VERIFY_ADDRESSES = env.bool("VERIFY_ADDRESSES", default=not DEBUG)
DNS_SERVERS = env.list("DNS_SERVERS", default=[])

# Reading other people's pages ----------------------------------------------------

# Private networks the crawler may visit, as in 127.0.0.0/8: none, unless the operator says so.
CRAWLER_PRIVATE_NETWORKS = env.list("CRAWLER_PRIVATE_NETWORKS", default=[])
CRAWLER_PORTS = env.list("CRAWLER_PORTS", cast=int, default=[80, 443, 8080, 8443])
# Seconds a host rests between two requests of ours, over all workers.
CRAWLER_DELAY = env.float("CRAWLER_DELAY", default=2.0)
# Connections one worker process keeps open at the same time.
CRAWLER_CONNECTIONS = env.int("CRAWLER_CONNECTIONS", default=100)
# Seconds a worker holds the links it checks; what a dead one held is taken up afterwards.
LINK_CHECK_LEASE = env.int("LINK_CHECK_LEASE", default=1800)
# Seconds a page waits for its host's turn before it is put off.
LINK_CHECK_PATIENCE = env.float("LINK_CHECK_PATIENCE", default=120.0)
# Where the owner of a site reads what the crawler does and whom to write to.
CRAWLER_CONTACT_URL = env.str("CRAWLER_CONTACT_URL", default=SITE_URL)

DATAFORSEO_URL = env.str("DATAFORSEO_URL", default="https://api.dataforseo.com").rstrip("/")

# Mail the platform itself sends (confirmations, invitations) ---------------------

SANDBOX_SMTP_PORT = env.int("SANDBOX_SMTP_PORT", default=8025)
EMAIL_CONFIG = env.email_url(
    "EMAIL_URL", default=f"smtp://127.0.0.1:{SANDBOX_SMTP_PORT}" if DEBUG else "smtp://localhost:25"
)
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Outreach Desk <desk@outreach.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Mailboxes -----------------------------------------------------------------------

# Hosts of mailboxes in private address ranges are refused unless the operator allows them.
ALLOW_PRIVATE_MAIL_HOSTS = env.bool("ALLOW_PRIVATE_MAIL_HOSTS", default=DEBUG)
# Signing mailboxes in at Google and Microsoft; seconds to wait for their answers.
MAIL_OAUTH = oauth_settings(env)
OAUTH_TIMEOUT = env.int("OAUTH_TIMEOUT", default=10)
# Seconds to wait for the answer to DATA (RFC 5321 4.5.3.2.6) and for every other answer.
SMTP_DATA_TIMEOUT = env.int("SMTP_DATA_TIMEOUT", default=600)
SMTP_COMMAND_TIMEOUT = env.int("SMTP_COMMAND_TIMEOUT", default=30)
IMAP_TIMEOUT = env.float("IMAP_TIMEOUT", default=30.0)
# Mailboxes at once in a worker; half as many more whose servers keep it waiting for so long.
SEND_THREADS = env.int("SEND_THREADS", default=16)
READ_THREADS = env.int("READ_THREADS", default=8)
SLOW_AFTER = env.float("SLOW_AFTER", default=3.0)
# Origin of tracking and unsubscribe links when a mailbox has no tracking domain of its own.
TRACKING_URL = env.str("TRACKING_URL", default=SITE_URL).rstrip("/")

# Opens and clicks not yet in the tables (docs/decisions/0040): a disk of the host's own.
SPOOL_DIR = Path(env.str("SPOOL_DIR", default=str(VAR_DIR / "spool")))
SPOOL_SYNC = env.bool("SPOOL_SYNC", default=False)
SPOOL_DRAIN_AT_ONCE = env.bool("SPOOL_DRAIN_AT_ONCE", default=not REDIS_URL)

# The sandbox: real SMTP and IMAP servers on loopback, in DEBUG only.
SANDBOX = DEBUG and env.bool("SANDBOX", default=True)
SANDBOX_DIR = VAR_DIR / "sandbox"
SANDBOX_IMAP_PORT = env.int("SANDBOX_IMAP_PORT", default=8143)

# Words, files, time --------------------------------------------------------------

LOG_DAYS = env.int("LOG_DAYS", default=365)  # audit log and decisions; 90 at least
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "foundation.bundles.BundleFinder",
]
# In DEBUG static files come from where they are edited, without collectstatic.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEBUG
FORM_RENDERER = "foundation.forms.Renderer"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "files")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_JSON = env.bool("LOG_JSON", default=not DEBUG)
LOGGING = logging_settings(level=LOG_LEVEL, as_json=LOG_JSON)

# Cells an admin exports must not run as formulas.
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

UNFOLD = unfold_settings.UNFOLD
