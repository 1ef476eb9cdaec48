"""The words that scripts need, in the reader's language; the frame carries them as data attributes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from crm.components import formats
from crm.components.faces import CLOCK


def script_words() -> dict[str, str]:
    durations = {name: _(pattern) for name, pattern in formats.DURATIONS.items()}
    states = {state: str(face.label) for state, face in CLOCK.items()}
    return durations | states | _sentences()


def _sentences() -> dict[str, str]:
    return {
        "over": _(formats.OVER),
        "turned": _("The clock of %(name)s: %(state)s."),
        "failed": _("That did not work. Nothing was changed; please try again."),
        "offline": _("No connection. What you typed is still here."),
        "forbidden": _("You may not do this. Ask the person who leads your team."),
        "gone": _("This is no longer here. Reload the page to see what changed."),
        "pages": _("Go to"),
        "deeds": _("Do on this page"),
        "nothing": _("Nothing found. Try fewer or other words."),
        "found": _("%(n)s results"),
        "picked": _("%(n)s selected"),
    }
