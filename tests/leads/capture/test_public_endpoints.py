"""Whatever a stranger sends to a public address is answered with 2xx, 3xx or 4xx, and what is stored can be shown."""

import json

import pytest

from leads.models import CaptureForm, FormSubmission, Lead, Site, Visit
from tests.support.forms import BROWSER, SITE, Person, make_form

pytestmark = pytest.mark.django_db
VISITOR = "0123456789abcdef" * 2
HOSTILE = {
    "nothing": "",
    "nul": "a\x00b",
    "right to left": "\u202eevil\u202c",
    "line ends": "a@b.example\r\nBcc: all@x.example",
    "half a character": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "huge": "x" * 30_000,
    "markup": "<script>alert(1)</script>\"'",
    "template": "{{ form }}{% now %}",
    "astral": "𠮷野家🍜",
    "number": "9" * 400,
    "sql": "'; DROP TABLE leads_lead; --",
}


@pytest.fixture
def form(cast):
    return make_form(fields="last_name company! employee_count stakeholder_role message", most_fields=8)


FIELDS = ("email", "last_name", "company", "employee_count", "stakeholder_role", "message")
HIDDEN = ("t", "k", "v", "next", "utm_source", "referrer", "landing_page", "agree", "homepage", "c")


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_answer_breaks_a_form(form, clock, value):
    said = {"email": "a@kaze.example", "company": "Kaze", "employee_count": "", "stakeholder_role": ""}
    statuses = {name: Person(clock).fill_in(**said | {name: value}).status_code for name in FIELDS}
    assert set(statuses.values()) <= {303, 422}, statuses


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_hidden_field_breaks_a_form(form, clock, value):
    person, said = Person(clock), {"email": "a@kaze.example", "company": "Kaze"}
    sent = {name: person.fill_in(**said, **{name: value}).status_code for name in HIDDEN}
    shown = {person.client.get("/f/paper/", {name: value}, headers=BROWSER).status_code for name in HIDDEN}
    assert set(sent.values()) <= {303, 422}, sent
    assert shown <= {200, 400}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x" * 10_000_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a%d=1" % n for n in range(3000)), "application/x-www-form-urlencoded", 400),
        (b"email=%ED%A0%80%00%FF", "application/x-www-form-urlencoded", 422),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 422),
        (b"broken", "multipart/form-data", 400),
        (b"email=a", "application/x-www-form-urlencoded; charset=utf-16", 400),
        (b'{"email": 1}', "application/json", 422),
        (b"", "text/plain; charset=nonsense", 422),
    ],
)
def test_no_body_breaks_a_form(form, client, clock, body, kind, status):
    assert client.generic("POST", "/f/paper/", body, kind, headers=BROWSER).status_code == status
    assert not Lead.objects.exists()


@pytest.mark.parametrize("value", ["%00", "%ED%A0%80", "x" * 3000, "..%2F..%2Fetc", "%E2%80%AE"])
def test_no_address_breaks_it(form, client, clock, value):
    addresses = ("/f/{}/", "/f/paper/get/{}/", "/f/paper/thanks/{}/", "/f/{}/not-me/")
    statuses = {client.get(one.format(value), headers=BROWSER).status_code for one in addresses}
    assert statuses <= {404, 405, 410}


def test_what_was_taken_in_can_be_shown(form, clock):
    """Invisible marks and line ends are gone before anything is stored."""
    Person(clock).fill_in(email="a@kaze.example", last_name="\u202eAoki\r\n\x07", company="Kaze\u200b")
    lead = Lead.objects.select_related("contact", "account").get()
    assert (lead.contact.last_name, lead.account.name) == ("Aoki", "Kaze")


@pytest.mark.parametrize("cookie", ["", "x", "a:b:c", "é", "x" * 3000])
def test_no_cookie_breaks_a_form(form, client, clock, cookie):
    client.cookies["baton_visitor"] = cookie
    assert client.get("/f/paper/", headers=BROWSER).status_code == 200


# -- the beacon -------------------------------------------------------------------------------------


@pytest.fixture
def site(cast):
    return Site.objects.create(code="www", name="Our site", origins=[SITE])


def tell(client, body, **headers):
    sent = {"Origin": SITE, **BROWSER, **headers}
    return client.post("/b/", body, content_type="text/plain", headers=sent)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"not json", 400),
        (b"\xff\xfe", 400),
        (b"[" * 2000, 400),
        (b'{"v": 1}', 400),
        (json.dumps({"v": VISITOR, "p": ["/"]}).encode(), 400),
        (json.dumps({"v": VISITOR, "p": "/" + "x" * 3000}).encode(), 400),
        (json.dumps({"v": VISITOR, "p": "/a\x00"}).encode(), 400),
        (json.dumps({"v": VISITOR, "p": "javascript:"}).encode(), 204),
        (json.dumps({"v": VISITOR, "p": "/", "a": "no-such-asset"}).encode(), 204),
        (json.dumps({"v": VISITOR, "p": "/", "k": "forged"}).encode(), 204),
        (b"x" * 5_000, 413),
        (b"x" * 10_000_000, 413),
    ],
)
def test_no_body_breaks_the_beacon(site, client, clock, body, status):
    assert tell(client, body).status_code == status


@pytest.mark.parametrize(
    "origin", ["", "null", "https://evil.example", SITE + ".evil.example", "\u00e9", "x" * 3000]
)
def test_other_sites_may_not_tell_us_anything(site, client, clock, origin):
    answer = tell(client, json.dumps({"v": VISITOR, "p": "/"}).encode(), Origin=origin)
    assert (answer.status_code, "Access-Control-Allow-Origin" in answer, Visit.objects.count()) == (
        403,
        False,
        0,
    )


def test_nobody_learns_from_an_answer_whether_a_form_was_held(form, clock):
    answers = [
        Person(clock).fill_in(email="a@kaze.example", company="K", homepage=trap) for trap in ("", "x")
    ]
    assert {(answer.status_code, len(answer["Location"])) for answer in answers} == {
        (303, len(answers[0]["Location"]))
    }
    assert FormSubmission.objects.filter(status="held").count() == CaptureForm.objects.count() == 1
