"""Why sales may reject a lead, and what follows from each reason. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sla.contract.phrases import Body, Names, days, joined, times
from sla.models import Disposition

Said = Iterator[tuple[str, str]]


def reasons(body: Body, names: Names) -> Said:
    yield "catalogue", _("Sales rejects a lead for one of these reasons, and for no other.")
    is_fresh = any(rule["fresh_behaviour_only"] for rule in body["reasons"].values())
    if is_fresh:
        yield (
            "fresh",
            _(
                "Unless it says otherwise below, only what a lead does after its rejection counts towards the next MQL."
            ),
        )
    else:
        yield "fresh", _("What a lead did before its rejection counts towards the next MQL as well.")
    for code in names.in_order(body["reasons"]):
        name = names.reasons.get(code, code)
        said = _("“%(reason)s”: %(consequence)s") % {
            "reason": name,
            "consequence": joined(_consequence(body["reasons"][code], names, is_fresh)),
        }
        yield code, said


def _consequence(rule: Body, names: Names, is_fresh: bool) -> Iterator[str]:
    """What follows, sentence by sentence."""
    disposition = rule["disposition"]
    if disposition == Disposition.DISQUALIFY:
        yield _("The lead is closed and not nurtured any more.")
    elif disposition == Disposition.RECYCLE:
        yield _back(rule)
    else:
        yield _mended(disposition)
    if disposition != Disposition.DISQUALIFY:
        yield from _on_its_way(rule, names, is_fresh)
    yield from _asked(rule)


def _back(rule: Body) -> str:
    if not rule["wait_days"]:
        return _("The lead goes back to nurture and may come again at any time.")
    said = _("The lead goes back to nurture and does not come again within %(days)s.")
    return said % {"days": days(rule["wait_days"])}


def _mended(disposition: str) -> str:
    if disposition == Disposition.MERGE:
        return _("Marketing merges the lead with its other record.")
    return _("Marketing completes the data and offers the lead again.")


def _on_its_way(rule: Body, names: Names, is_fresh: bool) -> Iterator[str]:
    if code := rule["programme"]:
        yield _("It enters the programme “%(programme)s”.") % {"programme": names.programmes.get(code, code)}
    if is_fresh and not rule["fresh_behaviour_only"]:
        yield _("What it did before counts as well.")
    if rule["max_times"]:
        said = ngettext(
            "After %(count)d rejection for this reason it is closed.",
            "After %(count)d rejections for this reason it is closed.",
            rule["max_times"],
        )
        yield said % {"count": rule["max_times"]}


def _asked(rule: Body) -> Iterator[str]:
    if rule["comment_required"]:
        yield _("Sales says why in a comment.")
    if rule["asks_date"]:
        yield _("Sales asks for a day before which the lead does not want to hear from us.")


def rounds(body: Body, _names: Names) -> Said:
    said = _("A lead that is rejected when it has been handed over %(times)s is closed, whatever the reason.")
    yield "max_rounds", said % {"times": times(body["max_rounds"])}
