"""Structured logs: one JSON object per line, without personal data or secrets."""

import re
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

# Searches and filters carry names and addresses, so a logged URL ends before its query.
QUERY = re.compile(r"\?\S*")
EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"',;]+")
BEARER = re.compile(r"(?i)\b(bearer|token)\s+[\w.~+/=-]{8,}")
SECRET_KEYS = {"password", "token", "authorization", "cookie", "secret", "secret_key", "session"}


def without_personal_data(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Blank secrets and e-mail addresses, and cut queries off URLs, wherever they stand in the line."""
    event.pop("user_agent", None)
    for key, value in event.items():
        if key in SECRET_KEYS:
            event[key] = "[removed]"
        elif isinstance(value, str):
            event[key] = scrub(value, is_url=key in ("request", "path", "url"))
    return event


def scrub(text: str, *, is_url: bool = False) -> str:
    if is_url:
        text = QUERY.sub("", text)
    return BEARER.sub(r"\1 [removed]", EMAIL.sub("[e-mail]", text))


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    without_personal_data,
]


def configuration(*, level: str, stream: TextIO) -> dict[str, Any]:
    """The LOGGING setting; structlog and the standard library end in the same JSON."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
        "foreign_pre_chain": SHARED,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json", "stream": stream}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
            # Every call is logged as request_finished already; beat and worker would fill the log with routine.
            # (A logger with a level of its own does not ask the root's.)
            "django.request": {"level": "ERROR"},
            "celery": {"level": "WARNING"},
            "django_celery_beat": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
        },
    }
