"""Settings, all from the environment; docs/operations names every variable.

BATON_ENV says where we are: `production` (the default: strict, refuses weak settings), `local` (what ./run
sets: plain http on this machine, a key kept in var/) or `test`.
"""

import logging
import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Exchange, Queue

from project import embedded, logs

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

ENVIRONMENT = env.str("BATON_ENV", "production")
LOCAL, TESTING = ENVIRONMENT == "local", ENVIRONMENT == "test"
VAR_DIR = Path(env.str("BATON_VAR", str(BASE_DIR / "var")))
if ENVIRONMENT not in ("production", "local", "test"):
    raise ImproperlyConfigured(f"BATON_ENV is production, local or test, not {ENVIRONMENT!r}.")


# The boot refuses what must not go into production ----------------------------------------------------------

DEBUG = env.bool("DEBUG", False)
KEY_FILE = VAR_DIR / "secret.key"
if TESTING:
    SECRET_KEY = "a key for tests only, which production refuses to start with"
elif LOCAL and "SECRET_KEY" not in env.ENVIRON and KEY_FILE.exists():
    SECRET_KEY = KEY_FILE.read_text().strip()
else:
    SECRET_KEY = env.str("SECRET_KEY", "")

if not (LOCAL or TESTING):
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off in production.")
    if (
        len(SECRET_KEY) < 50
        or len(set(SECRET_KEY)) < 10
        or SECRET_KEY.startswith(("django-insecure", "a key for tests"))
    ):
        raise ImproperlyConfigured(
            "SECRET_KEY is missing or weak: set 50 or more random characters. On your own machine use ./run."
        )
elif not SECRET_KEY:
    raise ImproperlyConfigured("There is no SECRET_KEY yet: start through ./run, which makes one.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

PLAIN_HTTP = env.bool("BATON_INSECURE_COOKIES", LOCAL or TESTING)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if PLAIN_HTTP else [])
BASE_URL = env.str("BASE_URL", "http://localhost:8000").rstrip("/")  # for links in mails
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
if TESTING:
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]


# Applications -----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "project.apps.ProjectConfig",
    "desk",
    "reports",
    "sla",
    "deals",
    "leads",
    "content",
    "crm",
    "project.apps.BatonAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "django_htmx",
    "django_structlog",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "project.middleware.PolicyMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "project.middleware.PlannedStatementsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "project.middleware.CallsMiddleware",
    # From here on only what pages and sessions need.
    "project.middleware.ReadableQueryMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "project.middleware.PersonalSettingsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "project.middleware.LoginAgainMiddleware",
    "project.middleware.RefusedMiddleware",
    "axes.middleware.AxesMiddleware",
]

if TESTING:  # the test server serves static files from where they are
    MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")

ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "django.template.context_processors.i18n",
                "desk.context.frame",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"


# Database ---------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=embedded.recorded_url(VAR_DIR))}
# A socket folder comes as ?host=, since the host of a URL loses its case; dbshell wants it in HOST.
if socket_folder := DATABASES["default"].setdefault("OPTIONS", {}).pop("host", None):
    DATABASES["default"]["HOST"] = socket_folder
# After so many times a connection keeps a plan (crm.statements); 0 where a pooler in between knows nothing of them.
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = env.int("PREPARE_AFTER", 3) or None
DATABASES["default"] |= {
    "ATOMIC_REQUESTS": False,
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", 60),
    "CONN_HEALTH_CHECKS": True,
}


# People, sessions, passwords --------------------------------------------------------------------------------

AUTH_USER_MODEL = "crm.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "crm.backends.RoleBackend",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:  # Argon2 is slow on purpose
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

COOKIE_PREFIX = "" if PLAIN_HTTP else "__Host-"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}baton_session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}baton_csrf"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}baton_language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not PLAIN_HTTP
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", 12) * 3600
SESSION_SAVE_EVERY_REQUEST = False
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_IPWARE_PROXY_COUNT = env.int("PROXY_COUNT", 0) or None


# Headers ----------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", not PLAIN_HTTP)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes come from inside, without TLS
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not PLAIN_HTTP
if env.bool("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024  # 10 000 leads or events in one call
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000


# Language and time ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ja", "日本語")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "project.formats"
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"


# Static files and what people upload ------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [path for path in [BASE_DIR / "static"] if path.exists()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "media/"


# Mail -------------------------------------------------------------------------------------------------------

EMAIL_CONFIG = env.email_url("EMAIL_URL", default=f"filemail:///{VAR_DIR}/mail")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Baton <baton@localhost>")
EMAIL_TIMEOUT = EMAIL_CONFIG.get("EMAIL_TIMEOUT", 15)  # seconds a mail server may be silent


# Public forms -----------------------------------------------------------------------------------------------

HELD_POST_DAYS = env.int(
    "HELD_POST_DAYS", 90
)  # what was typed into a doubtful post is kept so long undecided


# Webhooks ---------------------------------------------------------------------------------------------------

# Receivers on this machine, and plain http to them: for tests and for trying things out.
WEBHOOKS_TO_LOOPBACK = env.bool("WEBHOOKS_TO_LOOPBACK", LOCAL or TESTING)


# The queue: a message is a nudge, losing one costs seconds --------------------------------------------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "memory://" if TESTING else "filesystem://localhost")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
QUEUE_DIR = VAR_DIR / "queue"
QUEUE_FILES: dict[str, object] = {
    "data_folder_in": str(QUEUE_DIR / "messages"),
    "data_folder_out": str(QUEUE_DIR / "messages"),
    "processed_folder": str(QUEUE_DIR / "processed"),
    "control_folder": str(QUEUE_DIR / "control"),
    "store_processed": False,
}
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = (
    QUEUE_FILES if CELERY_BROKER_URL.startswith("filesystem:") else {"visibility_timeout": 3600}
)
# Webhooks wait for other people's machines: a worker may leave them to another (`-Q celery`). By default it takes both.
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name, type="direct"), routing_key=name) for name in ("celery", "webhooks")
]
CELERY_TASK_ROUTES = {"crm.webhooks": {"queue": "webhooks", "routing_key": "webhooks"}}
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 240, 300  # well below the visibility timeout
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1_000
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_BEAT_SYNC_EVERY = 1
DJANGO_CELERY_BEAT_TZ_AWARE = True


# REST -------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "crm.api.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "crm.api.authentication.HasScope",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["crm.api.parsing.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "crm.api.negotiation.Negotiation",
    "DEFAULT_SCHEMA_CLASS": "crm.api.schema.Schema",
    "EXCEPTION_HANDLER": "crm.api.problems.handle",
    "COERCE_DECIMAL_TO_STRING": True,
    "URL_FORMAT_OVERRIDE": None,
}
API_RATE_PER_MINUTE = env.int("API_RATE_PER_MINUTE", 1200)
KNOX_TOKEN_MODEL = "crm.ApiToken"
MIGRATION_MODULES = {"knox": None}  # knox's own token table would be made although ours takes its place
REST_KNOX = {
    "TOKEN_TTL": None,
    "TOKEN_PREFIX": "baton_",
    "AUTH_HEADER_PREFIX": "Bearer",
    "AUTO_REFRESH": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Baton",
    "DESCRIPTION": "The hand-over between marketing and sales, under a contract both sides signed.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "StakeholderRoleEnum": "crm.models.companies.StakeholderRole",
        "AssetKindEnum": "content.models.AssetKind",
        "DataTaskKindEnum": "sla.models.answers.TASK_KINDS",
    },
}


# Logs -------------------------------------------------------------------------------------------------------

LOGGING = logs.configuration(
    level=env.str("LOG_LEVEL", "WARNING" if LOCAL or TESTING else "INFO"), stream=sys.stderr
)
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_ENABLED = False
