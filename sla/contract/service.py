"""What sales promises, how time is counted, and who hears of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.components import formats
from crm.components.faces import Words
from sla.contract.phrases import Body, Names, country, days, listed, open_hours, span
from sla.models import AfterExpiry, Clock, ResponseCounts, Routing, Told

Said = Iterator[tuple[str, str]]


def response(body: Body, _names: Names) -> Said:
    said = _("Sales makes the first contact within %(time)s of the handoff.")
    yield "response_hours", said % {"time": span(body["response_hours"], body)}
    yield "counts", _what_counts(body)
    yield (
        "evidence",
        _(
            "Only calls, mails, meetings and messages that were logged count; bounces and automatic replies do not."
        ),
    )


def _what_counts(body: Body) -> str:
    if body["response_counts"] == ResponseCounts.REACHED:
        return _("Only having reached the person counts as a response.")
    attempts, channels = body["attempts"], body["channels"]
    if attempts == 1:
        return _("Having reached the person counts as a response, and so does an attempt.")
    if channels == 1:
        said = _("Having reached the person counts as a response, and so do %(attempts)d attempts.")
    else:
        said = _(
            "Having reached the person counts as a response, and so do %(attempts)d attempts on %(channels)d different"
            " channels."
        )
    return said % {"attempts": attempts, "channels": channels}


def answer(body: Body, _names: Names) -> Said:
    said = _("Within %(time)s of the handoff sales accepts the lead, or rejects it with a reason.")
    yield "accept_hours", said % {"time": span(body["accept_hours"], body)}
    said = _("Within %(time)s of the handoff sales tells marketing what became of it.")
    yield "feedback_hours", said % {"time": span(body["feedback_hours"], body)}


def expiry(body: Body, _names: Names) -> Said:
    said = _("A lead that has had neither a contact nor an answer %(time)s after the handoff is taken back.")
    yield "expire_hours", said % {"time": span(body["expire_hours"], body)}
    if body["after_expiry"] == AfterExpiry.QUEUE:
        yield "after_expiry", _("It then waits in the open queue for whoever claims it first.")
    else:
        yield "after_expiry", _("It then goes to the next person.")


def routing(body: Body, _names: Names) -> Said:
    if body["routing"] == Routing.QUEUE:
        yield (
            "routing",
            _(
                "A lead goes to the owner of its account; every other waits in the open queue for whoever claims it"
                " first."
            ),
        )
        return
    yield (
        "routing",
        _(
            "A lead goes to the owner of its account; otherwise, in the team whose territory it lies in, to whoever has"
            " the smallest share of their capacity in use."
        ),
    )
    yield (
        "passed_over",
        _("Whoever is away, full, at their daily limit, or has had this lead before is passed over."),
    )


def pauses(body: Body, _names: Names) -> Said:
    allowed = body["max_pauses"]
    if not allowed:
        yield "max_pauses", _("Only a manager may stop the clock of a handoff.")
    else:
        said = ngettext(
            "For a reason that is noted, a rep may stop the clock of a handoff once.",
            "For a reason that is noted, a rep may stop the clock of a handoff %(count)d times.",
            allowed,
        )
        yield "max_pauses", said % {"count": allowed}
    yield "pause_days", _("A pause lasts at most %(days)s.") % {"days": days(body["pause_days"])}


def time(body: Body, _names: Names) -> Said:
    hours = body["hours"]
    if not body["business_hours"]:
        yield "business_hours", _("Every hour counts, day and night, on holidays too.")
        return
    if hours["always_open"]:
        said = _("Time counts by the calendar “%(calendar)s”: every hour, day and night.")
        yield "business_hours", said % {"calendar": body["calendar"]}
        return
    said = _("Time counts by the calendar “%(calendar)s”: %(hours)s (%(zone)s).")
    values = {"calendar": body["calendar"], "hours": open_hours(hours["windows"]), "zone": hours["time_zone"]}
    yield "business_hours", said % values
    yield from _closed(body)


def _closed(body: Body) -> Said:
    if code := body["hours"]["holiday_country"]:
        said = _("Public holidays (%(country)s) and days on which the company is closed do not count.")
        yield "holidays", said % {"country": country(code)}
    else:
        yield "holidays", _("Days on which the company is closed do not count; public holidays do.")
    yield "team", _("Where the owner's team has a calendar of its own, that one counts.")
    if body["leave_stops_clock"]:
        yield "leave_stops_clock", _("Days off of the owner do not count.")
    else:
        yield "leave_stops_clock", _("Days off of the owner count like any other.")


# -- who is told when -----------------------------------------------------------------------------------

PEOPLE: dict[str, Words] = {
    Told.OWNER: gettext_lazy("the owner"),
    Told.MANAGER: gettext_lazy("the managers of the team"),
    Told.MARKETING: gettext_lazy("marketing"),
}
BEFORE: dict[str, Words] = {
    Clock.RESPONSE: gettext_lazy(
        "After %(percent)s of the time for the first contact, word goes to %(people)s."
    ),
    Clock.ACCEPTANCE: gettext_lazy(
        "After %(percent)s of the time to accept or reject, word goes to %(people)s."
    ),
    Clock.FEEDBACK: gettext_lazy("After %(percent)s of the time for the feedback, word goes to %(people)s."),
}
BREACH: dict[str, Words] = {
    Clock.RESPONSE: gettext_lazy("When the time for the first contact is up, word goes to %(people)s."),
    Clock.ACCEPTANCE: gettext_lazy("When the time to accept or reject is up, word goes to %(people)s."),
    Clock.FEEDBACK: gettext_lazy("When the time for the feedback is up, word goes to %(people)s."),
}


def told(body: Body, _names: Names) -> Said:
    order = [str(each) for each in Clock]
    for step in sorted(body["steps"], key=lambda step: (order.index(step["clock"]), step["percent"])):
        said = (BREACH if step["percent"] == 100 else BEFORE)[step["clock"]]
        people = listed(PEOPLE[who] for who in Told.values if who in step["tells"]) or _("no one")
        values = {"percent": formats.percent(step["percent"] / 100), "people": people}
        yield f"{step['clock']}-{step['percent']}", str(said) % values
    yield (
        "once",
        _("Each of these is told once; where a lead has no owner, word goes to the managers in their place."),
    )
