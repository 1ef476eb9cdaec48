"""One tag per component. They take plain values or anything with the right attributes, and never query.

Relative times need `now` in the context (the frame's context processor puts it there, asked once per request);
without it they show the exact moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm import downloads
from crm.components import charts, clocks, faces, formats, happenings, links, names, tables, words

register = template.Library()

Values = dict[str, Any]


def now_of(context: Context) -> datetime | None:
    found = context.get("now")
    return found if isinstance(found, datetime) else None


# Words and marks ---------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """`{% icon "clock" %}`: an icon of our sprite, silent for screen readers: words stand beside it."""
    sprite = static("icons.svg")
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>', css, sprite, name)


@register.inclusion_tag("components/_status.html")
def status(state: str, kind: str = "", label: str = "", pill: bool = False) -> Values:
    """`{% status lead.stage "lead" %}`; `label` overrides the word (deal stages are rows, not ours to name)."""
    face = faces.face(str(state), kind)
    return {"face": face, "label": label or face.label or state, "pill": pill}


@register.inclusion_tag("components/_clock.html", takes_context=True)
def clock(context: Context, reading: Any, total: Any = None, warn: Any = None, large: bool = False) -> Values:
    """`{% clock reading total=… warn=… %}`: a ClockReading of the engine; ticks by data attributes."""
    return {"clock": clocks.clock_face(reading, total=total, warn=warn, at=now_of(context)), "large": large}


@register.inclusion_tag("components/_score.html")
def score(
    value: formats.Number | None,
    grade: str = "",
    trend: Any = None,
    url: str = "",
    line: Any = None,
    large: bool = False,
) -> Values:
    """`{% score 86.4 grade="A" trend=12 url=… %}`: `url` opens the explanation; `line` is a list of past values."""
    return {
        "number": "–" if value is None else formats.number(value),
        "grade": grade,
        "grade_css": grade.lower() if grade in {"A", "B", "C", "D"} else "",
        "trend": trend,
        "url": url,
        "spark": charts.spark(list(line)) if line else "",
        "large": large,
    }


@register.inclusion_tag("components/_delta.html")
def delta(value: formats.Number | None, unit: str = "", good: str = "up", places: int = 0) -> Values:
    """`{% delta -3 good="down" %}`: a difference with arrow and sign; `good` says which way is good, or "none"."""
    sign = 0 if value is None else formats.sign_of(value)
    favourable = {"up": sign, "down": -sign}.get(good, 0)
    return {
        "shown": _difference(value, unit, places),
        "icon": {1: "up", -1: "down"}.get(sign, "flat"),
        "tone": {1: "ok", -1: "late"}.get(favourable, "plain"),
    }


def _difference(value: formats.Number | None, unit: str, places: int) -> str:
    if value is None:
        return "–"
    return f"{'+' if value > 0 else ''}{formats.number(value, places)}{unit}"


@register.simple_tag
def amount(value: formats.Number | None, currency: str = "JPY", short: bool = False) -> SafeString:
    """`{% amount deal.amount deal.currency %}`; short: ¥1.2M, ¥120万, with the whole figure on hover."""
    whole = formats.amount(value, currency)
    if not short:
        return format_html('<span class="amount">{}</span>', whole)
    return format_html(
        '<span class="amount" title="{}">{}</span>', whole, formats.amount(value, currency, short=True)
    )


@register.simple_tag(takes_context=True)
def when(context: Context, moment: date | None, exact: bool = False) -> SafeString:
    """`{% when lead.created_at %}`: relative up to a week, then the date; always exact on hover."""
    if moment is None:
        return mark_safe("–")
    now, whole = now_of(context), formats.exact(moment)
    words = whole if exact or now is None else _relative(moment, now)
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), whole, words)


@register.simple_tag(takes_context=True)
def time_of_day(context: Context, moment: datetime) -> SafeString:
    """`{% time_of_day one.at %}`: 3 h ago, on earlier days 09:30, as a heading says the day; exact on hover."""
    now, whole = now_of(context), formats.exact(moment)
    is_today = now is not None and formats.local(moment).date() == formats.local(now).date()
    words = formats.relative(moment, now) if now and is_today else formats.clock_time(moment)
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), whole, words)


def _relative(moment: date, now: datetime) -> str:
    if isinstance(moment, datetime):
        return formats.relative(moment, now)
    return formats.relative_day(moment, formats.local(now).date())


@register.filter
def spell(value: timedelta | formats.Number | None) -> str:
    """`{{ seconds|spell }}`: a duration in words: 3h 20m."""
    return "–" if value is None else formats.duration(value)


@register.filter
def grouped(value: formats.Number | None, places: int = 0) -> str:
    """`{{ count|grouped }}`: a number with thousands marked."""
    return "–" if value is None else formats.number(value, places)


@register.filter
def percent(value: formats.Number | None, places: int = 0) -> str:
    """`{{ rate|percent:1 }}`: a share of one as per cent."""
    return formats.percent(value, places)


# People and companies ----------------------------------------------------------------------------------


@register.inclusion_tag("components/_person.html")
def person(
    who: Any,
    url: str = "",
    role: str = "",
    stacked: bool = False,
    avatar: bool = True,
    css: str = "",
    large: bool = False,
    row: bool = False,
) -> Values:
    """`{% person contact url=… role=contact.job_title %}`: anything with full_name or name, or a text.

    `row` makes the link the one that j, k and Enter use.
    """
    name = names.name_of(who) if who else _("nobody")
    marks = {"initials": names.initials(name), "tint": names.tint(name)} if avatar else {}
    return {
        "name": name,
        "url": url,
        "role": role,
        "stacked": stacked,
        "css": css,
        "large": large,
        "row": row,
        **marks,
    }


@register.inclusion_tag("components/_company.html")
def company(what: Any, url: str = "", whole: bool = False, css: str = "") -> Values:
    """`{% company account url=… %}`: shortened in the middle where room is short; `whole` never."""
    return {
        "name": names.company_name(names.name_of(what)) if what else None,
        "url": url,
        "whole": whole,
        "css": css,
    }


# Lists -------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/_table_head.html", takes_context=True)
def table_head(
    context: Context,
    columns: Iterable[tables.Column],
    default: str = "",
    pick: bool = False,
    form: str = "",
) -> Values:
    """`{% table_head columns default="-due" pick=True %}`: the <thead>; sort links keep the rest of the URL.

    `form` is the id of the form the boxes belong to, where the table does not stand in it.
    """
    heads = tables.heads(columns, links.query_of(context.get("request")), default)
    return {"heads": heads, "pick": pick, "form": form}


@register.inclusion_tag("components/_filter_bar.html", takes_context=True)
def filter_bar(
    context: Context, filters: Iterable[tables.Filter], search: str = "", words: str = ""
) -> Values:
    """`{% filter_bar filters search="q" words=_("Name, company, e-mail") %}`: chips whose state is the URL."""
    query = links.query_of(context.get("request"))
    kept = [
        (key, value) for key in query if key not in (search, links.CURSOR) for value in query.getlist(key)
    ]
    made = tables.chips(filters, query)
    filtered = any(chip.is_on for chip in made) or bool(search and query.get(search))
    cleared = links.changed(
        query, {**{key: None for chip in made for key in tables.keys(chip.filter)}, search: None}
    )
    return {
        "chips": made,
        "search": search,
        "words": words,
        "typed": query.get(search, "") if search else "",
        "kept": kept,
        "clear": cleared if filtered else "",
    }


@register.inclusion_tag("components/_column_menu.html", takes_context=True)
def column_menu(context: Context, columns: list[tables.Column]) -> Values:
    """`{% column_menu columns %}`: which optional columns to show; a plain GET form."""
    query = links.query_of(context.get("request"))
    kept = [(key, value) for key in query if key != tables.COLUMNS for value in query.getlist(key)]
    visible = {column.key for column in tables.shown(columns, query)}
    optional = [(column, column.key in visible) for column in columns if column.optional]
    return {"columns": optional, "kept": kept, "name": tables.COLUMNS}


@register.inclusion_tag("components/_export_link.html", takes_context=True)
def export_link(context: Context, url: str, small: bool = False) -> Values:
    """`{% export_link url %}`: the list as it is asked for as a CSV; in Japanese also for an Excel set to Shift JIS."""
    query = links.query_of(context.get("request"))
    japanese = links.changed(query, {downloads.KEY: downloads.JAPANESE}) if get_language() == "ja" else ""
    whole = links.changed(query, {})
    return {"url": url + whole, "japanese": japanese and url + japanese, "small": small}


@register.inclusion_tag("components/_pager.html")
def pager(
    next_url: str = "", previous_url: str = "", shown: int = 0, total: str | int | None = None
) -> Values:
    """`{% pager next_url previous_url shown=50 total="5,000+" %}`: cursor pages; the total may be a bound."""
    return {"next": next_url, "previous": previous_url, "shown": shown, "total": total}


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: Any) -> str:
    """`{% with_query stage="mql" %}`: the page's own URL query with these keys changed; empty drops one."""
    return links.changed(links.query_of(context.get("request")), changes)


@register.inclusion_tag("components/_timeline.html", takes_context=True)
def timeline(context: Context, entries: Iterable[Any]) -> Values:
    """`{% timeline entries %}`: Happening rows, newest first, grouped by day."""
    return {"days": happenings.by_day(entries, now_of(context)), "now": now_of(context)}


@register.inclusion_tag("components/_empty.html")
def empty(title: str, why: str = "", deed: str = "", url: str = "") -> Values:
    """`{% empty _("No leads here") why=… deed=_("Import leads") url=… %}`: why it is empty, and what to do."""
    return {"title": title, "why": why, "deed": deed, "url": url}


# Forms -------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/_field.html")
def field(bound: BoundField, hint: str = "", label: str = "") -> Values:
    """`{% field form.amount %}`: label, hint, control, error beside it; what was typed is kept."""
    described = [f"{bound.auto_id}_hint"] if hint or bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    attributes: Values = {"aria-describedby": " ".join(described)} if described else {}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    shape = getattr(bound.field.widget, "input_type", "")
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attributes),
        "label": label or bound.label,
        "hint": hint or bound.help_text,
        "is_optional": not (bound.field.required or getattr(bound.field, "is_conditional", False)),
        "is_check": shape == "checkbox" and not bound.widget_type.endswith("multiple"),
        "is_group": bound.field.widget.use_fieldset,
    }


@register.inclusion_tag("components/_options.html")
def options(bound: BoundField, notes: Mapping[str, str] | None = None) -> Values:
    """`{% options form.reason notes=consequences %}`: radio buttons, each with what follows from it."""
    said = notes or {}
    rows = [(choice, said.get(str(choice.data["value"]), "")) for choice in bound.subwidgets]
    return {"bound": bound, "rows": rows, "hint": bound.help_text}


@register.inclusion_tag("components/_segments.html")
def segments(bound: BoundField) -> Values:
    """`{% segments form.channel %}`: radio buttons side by side, for two to five short choices."""
    return {"bound": bound, "choices": list(bound.subwidgets)}


@register.inclusion_tag("components/_form_errors.html")
def form_errors(form: Any) -> Values:
    """`{% form_errors form %}`: what is wrong with the whole form, at its top."""
    return {"errors": form.non_field_errors()}


# Overlays and long work --------------------------------------------------------------------------------


@register.simple_block_tag(takes_context=True)
def dialog(context: Context, content: str, id: str, title: str, css: str = "") -> SafeString:  # noqa: A002
    """`{% dialog id="reject" title=_("Reject") %}…{% enddialog %}`: opened by `data-opens="reject"`."""
    values = {"id": id, "title": title, "css": css, "content": content}
    found = context.template.engine.get_template("components/_dialog.html")  # type: ignore[union-attr]
    return found.render(Context(values))


@register.inclusion_tag("components/_toast.html")
def toast(text: str, tone: str = "ok", undo_url: str = "") -> Values:
    """`{% toast message tone="late" %}`; with `undo_url` it carries an Undo button."""
    marks = {"ok": "check", "late": "breached", "warn": "at-risk"}
    return {"text": text, "tone": tone, "icon": marks.get(tone, "check"), "undo_url": undo_url}


@register.inclusion_tag("components/_progress.html")
def progress(label: str, done: int, total: int, cancel_url: str = "") -> Values:
    """`{% progress _("Importing leads") 120 2993 cancel_url=… %}`: what, how far, cancel; a total of 0 is unknown."""
    return {"label": label, "done": done, "total": total, "cancel_url": cancel_url}


@register.inclusion_tag("_includes/_words.html")
def script_words() -> Values:
    """`{% script_words %}`: once a page, in the frame."""
    return {"words": words.script_words()}


@register.inclusion_tag("components/_note.html")
def note(text: str, tone: str = "plain") -> Values:
    """`{% note _("Outside working hours.") "hold" %}`: a sentence that belongs to what it stands beside."""
    marks = {"ok": "answered", "warn": "at-risk", "late": "breached", "hold": "paused"}
    return {"text": text, "tone": tone, "icon": marks.get(tone, "help")}


@register.inclusion_tag("components/_picture.html")
def picture(drawn: charts.Picture) -> Values:
    """`{% picture chart %}`: a figure of charts.py with its table."""
    return {"picture": drawn, "template": f"components/_chart_{drawn.kind}.html"}
