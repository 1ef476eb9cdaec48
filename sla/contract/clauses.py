"""The clauses of a contract, in the order it is read aloud. Pure: `terms.contract_body` in, sentences out.

Every term of the body is said by some sentence: a test changes each and wants to see the words change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.components import formats
from crm.components.faces import Words
from leads.models import EventKind, RequiredField
from sla.contract import reasons, service
from sla.contract.phrases import Body, Clause, Names, Sentence, count, country, labels, listed, small
from sla.models import BantField

Said = Iterator[tuple[str, str]]
Write = Callable[[Body, Names], Said]


def clauses(body: Body, names: Names) -> list[Clause]:
    """The contract, numbered. A clause that has nothing to say is left out."""
    written = [(key, heading, _sentences(key, write(body, names))) for key, heading, write in _CLAUSES]
    kept = [(key, heading, sentences) for key, heading, sentences in written if sentences]
    return [
        Clause(key, _("%(number)d. %(heading)s") % {"number": number, "heading": heading}, sentences)
        for number, (key, heading, sentences) in enumerate(kept, start=1)
    ]


def _sentences(clause: str, said: Said) -> tuple[Sentence, ...]:
    return tuple(Sentence(f"{clause}.{key}", text) for key, text in said)


# -- who it is for, what an MQL is --------------------------------------------------------------------


def _scope(body: Body, names: Names) -> Said:
    said = _(
        "Marketing and sales settle in this agreement, “%(title)s”, how leads are handed over and what each side"
        " promises."
    )
    yield "title", said % {"title": body["title"]}
    if not body["segment"]:
        yield "leads", _("It holds for every lead that no other agreement is for.")
        return
    segment = names.segments.get(body["segment"], body["segment"])
    asked = list(_asked(body["audience"]))
    if asked:
        said = _("It holds for the leads of the segment “%(segment)s”: %(conditions)s.")
        yield "leads", said % {"segment": segment, "conditions": listed(asked)}
    else:
        yield "leads", _("It holds for the leads of the segment “%(segment)s”.") % {"segment": segment}


def _asked(audience: Body) -> Iterator[str]:
    """What a segment asks of a lead, condition by condition."""
    if audience["industries"]:
        yield _("industry %(industries)s") % {"industries": listed(audience["industries"], style="or")}
    if audience["countries"]:
        places = [country(code) for code in audience["countries"]]
        yield _("country %(countries)s") % {"countries": listed(places, style="or")}
    if audience["sources"]:
        yield _("source %(sources)s") % {"sources": listed(audience["sources"], style="or")}
    if audience["min_employees"] is not None:
        yield _("at least %(n)s employees") % {"n": count(audience["min_employees"])}
    if audience["max_employees"] is not None:
        yield _("at most %(n)s employees") % {"n": count(audience["max_employees"])}


def _mql(body: Body, _names: Names) -> Said:
    asked = body["definition"]
    said = _("A lead becomes an MQL when its score reaches %(points)s points.")
    yield "threshold", said % {"points": count(asked["threshold"])}
    if fields := small(labels(RequiredField, asked["required_fields"])):
        yield "required_fields", _("By then this has to be known: %(fields)s.") % {"fields": listed(fields)}
    else:
        yield "required_fields", _("No details have to be known.")
    if asked["minimum_grade"] == "D":
        yield "minimum_grade", _("Its fit may be of any grade.")
    else:
        yield "minimum_grade", _("Its fit is grade %(grade)s or better.") % {"grade": asked["minimum_grade"]}
    if kinds := small(labels(EventKind, asked["hand_raises"])):
        said = _("Where details and fit allow, this makes an MQL at once, whatever the score: %(kinds)s.")
        yield "hand_raises", said % {"kinds": listed(kinds, style="or")}
    else:
        yield "hand_raises", _("No behaviour makes an MQL at once.")
    if asked["consent_required"]:
        yield "consent_required", _("Only who has agreed to be contacted becomes an MQL.")
    else:
        yield "consent_required", _("Consent to be contacted is no condition.")


# -- what each side promises ----------------------------------------------------------------------------


def _marketing(body: Body, _names: Names) -> Said:
    said = _("Marketing hands over at least %(n)s MQLs a month.")
    yield "monthly_mqls", said % {"n": count(body["monthly_mqls"])}
    said = _("At least %(share)s of the leads that sales decides on are accepted.")
    yield "acceptance_rate", said % {"share": formats.percent(body["acceptance_rate"])}
    said = _("At least %(share)s of the leads handed over come with every detail an MQL needs.")
    yield "completeness", said % {"share": formats.percent(body["completeness"])}


def _sql(body: Body, _names: Names) -> Said:
    if fields := small(labels(BantField, body["sql_fields"])):
        said = _("Before a lead becomes an SQL, sales has found out and noted: %(fields)s.")
        yield "sql_fields", said % {"fields": listed(fields)}
    else:
        yield "sql_fields", _("Nothing more has to be found out before a lead becomes an SQL.")


def _validity(_body: Body, _names: Names) -> Said:
    yield (
        "frozen",
        _("A lead keeps the terms it was handed over under, whatever both sides agree on later."),
    )
    yield (
        "force",
        _(
            "This agreement takes force once two people, one for each side, have signed it, or on the later day they"
            " chose, and holds until the next version takes its place."
        ),
    )


def _note(body: Body, _names: Names) -> Said:
    for number, line in enumerate(line for line in body["note"].splitlines() if line.strip()):
        yield f"line-{number}", line.strip()


_CLAUSES: tuple[tuple[str, Words, Write], ...] = (
    ("scope", gettext_lazy("Purpose and leads"), _scope),
    ("mql", gettext_lazy("What an MQL is"), _mql),
    ("marketing", gettext_lazy("What marketing promises"), _marketing),
    ("response", gettext_lazy("What sales promises: first contact"), service.response),
    ("answer", gettext_lazy("What sales promises: an answer"), service.answer),
    ("expiry", gettext_lazy("When nobody answers"), service.expiry),
    ("routing", gettext_lazy("How leads are given out"), service.routing),
    ("pauses", gettext_lazy("Pauses"), service.pauses),
    ("time", gettext_lazy("How time is counted"), service.time),
    ("told", gettext_lazy("Who is told when"), service.told),
    ("sql", gettext_lazy("Before a lead becomes an SQL"), _sql),
    ("reasons", gettext_lazy("Why sales may reject, and what follows"), reasons.reasons),
    ("rounds", gettext_lazy("How often a lead comes"), reasons.rounds),
    ("validity", gettext_lazy("Validity"), _validity),
    ("note", gettext_lazy("Besides"), _note),
)
HEADINGS: dict[str, Words] = {key: heading for key, heading, _write in _CLAUSES}
