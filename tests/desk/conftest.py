"""What every test of a page needs: somebody at the desk."""

import pytest


@pytest.fixture
def desk(client, cast, clock):
    def log_in(person):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in
