"""The draft of a mail: names filled in, in the writer's language."""

from django.utils import translation

from desk import letters
from sla.models import Handoff

READ = {"read": [{"title": "TCO guide", "title_ja": "TCOガイド"}]}


def test_it_greets_by_name_thanks_for_what_they_read_and_is_signed(cast):
    row = cast.handoff(last_name="Onodera", first_name="Kentaro")
    row.brief = READ
    draft = letters.draft(row, by=cast.rep)
    assert draft.subject == "About “TCO guide”"
    assert draft.body.startswith("Dear Kentaro Onodera,\n\nthank you for your interest in “TCO guide”.")
    assert draft.body.endswith(str(cast.rep))


def test_in_japanese_it_is_a_japanese_letter(cast):
    row = cast.handoff(last_name="小野寺", first_name="健太郎", company="東西商事株式会社")
    row.brief = READ
    with translation.override("ja"):
        draft = letters.draft(row, by=cast.rep)
    assert draft.subject == "「TCOガイド」について"
    assert draft.body.startswith("東西商事株式会社\n小野寺 健太郎 様\n\nお世話になっております。")


def test_without_a_name_or_a_title_it_is_still_a_letter(cast):
    row = cast.handoff(last_name="", first_name="")
    draft = letters.draft(row, by=cast.rep)
    assert draft.subject == "Your interest in our service"
    assert draft.body.startswith("Hello,\n\nthank you for your interest.")


def test_what_people_wrote_is_text_and_never_a_template(cast):
    row = Handoff.objects.get(pk=cast.handoff(last_name="{{ secret }}%(x)s", first_name="").pk)
    row.brief = {"read": [{"title": "50 % off {% now %}"}]}
    draft = letters.draft(row, by=cast.rep)
    assert "{{ secret }}%(x)s" in draft.body
    assert draft.subject == "About “50 % off {% now %}”"


def test_a_very_long_title_still_fits_the_subject(cast):
    row = cast.handoff()
    row.brief = {"read": [{"title": "x" * 400}]}
    assert len(letters.draft(row, by=cast.rep).subject) == 150
