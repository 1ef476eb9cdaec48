"""A page sent twice at the same instant counts once."""

import pytest

from leads.capture import asking, submissions
from leads.capture.submissions import Sent
from leads.models import BehaviourEvent, FormSubmission, Lead
from tests.support.cast import gather
from tests.support.forms import make_form
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def send(at):
    gather(at)
    form = make_form()

    def sending(nonce):
        ticket = asking.ticket_without_page(form, nonce, ("email",), at=at)
        sent = Sent(answers={"email": "a@kaze.example"}, ticket=ticket, is_from_page=False)
        return lambda: submissions.submit(form, sent, at=at)

    return sending


def test_one_page_sent_twice_is_one_post(send):
    assert at_once(send("one"), send("one")) == 2
    assert (FormSubmission.objects.count(), BehaviourEvent.objects.count()) == (1, 1)


def test_two_pages_are_two_posts_of_one_lead(send):
    """The negative control: without the same number both would count."""
    assert at_once(send("one"), send("two")) == 2
    assert (FormSubmission.objects.count(), BehaviourEvent.objects.count(), Lead.objects.count()) == (2, 2, 1)
