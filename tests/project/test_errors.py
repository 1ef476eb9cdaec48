"""What no view could take is answered as a problem to a program, and as a page to a person."""

import pytest

PROBLEM = "application/problem+json"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/nowhere/", "/leads/?q=%00"])
def test_a_person_gets_a_page(client, address):
    answer = client.get(address)
    assert answer.status_code in (400, 404)
    assert "text/html" in answer["Content-Type"]


@pytest.mark.django_db
def test_who_is_logged_in_can_search_from_the_page_that_is_not_there(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("sato"))
    assert 'action="/search/"' in client.get("/nowhere/").content.decode()


@pytest.mark.django_db
def test_nobody_else_is_offered_a_search(client):
    assert 'action="/search/"' not in client.get("/nowhere/").content.decode()


@pytest.mark.django_db
def test_a_program_gets_a_problem(client):
    answer = client.get("/api/v1/nowhere/")
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert answer.json()["status"] == 404


def test_a_fault_of_ours_is_a_problem_to_a_program(rf):
    from project import errors

    answer = errors.failed(rf.get("/api/v1/leads/"))
    assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)


@pytest.mark.django_db
def test_a_refusal_no_page_expected_is_told_in_its_own_words(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("root", role="admin"))
    answer = client.get("/reports/scoring/")
    assert answer.status_code == 409
    assert "No scoring model is active." in answer.content.decode()
