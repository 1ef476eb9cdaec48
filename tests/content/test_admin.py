"""The content library in the admin."""

import pytest
from django.urls import reverse

from content.models import Asset

pytestmark = pytest.mark.django_db


def test_the_list_says_phases_in_words(cast, client):
    Asset.objects.create(slug="a", kind="article", title="A", phases=["comparison", "consideration"])
    client.force_login(cast.marketer)
    page = client.get(reverse("admin:content_asset_changelist")).content.decode()
    assert "Comparison · Consideration" in page
