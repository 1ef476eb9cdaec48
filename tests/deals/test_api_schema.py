"""What the API's own description says about bodies and answers."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator


@pytest.fixture(scope="module")
def paths() -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)["paths"]  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("path", "method", "body"),
    [
        ("/api/v1/deals/", "post", "NewDealRequest"),
        ("/api/v1/deals/{id}/", "patch", "PatchedDealChangeRequest"),
        ("/api/v1/deals/{id}/lose/", "post", "LossRequest"),
        ("/api/v1/assets/", "post", "NewAssetRequest"),
        ("/api/v1/handoffs/", "post", "HandOverRequest"),
        ("/api/v1/handoffs/{id}/contact/", "post", "ContactMadeRequest"),
        ("/api/v1/handoffs/{id}/pause/", "post", "PausingRequest"),
        ("/api/v1/handoffs/{id}/rebase/", "post", "RebasingRequest"),
        ("/api/v1/handoffs/{id}/bant/", "post", "FindingsRequest"),
        ("/api/v1/activities/", "post", "ActivityInputRequest"),
    ],
)
def test_the_description_names_the_body_a_call_takes(paths: Any, path: str, method: str, body: str) -> None:
    content = paths[path][method]["requestBody"]["content"]["application/json"]
    assert content["schema"]["$ref"].endswith(f"/{body}")


def test_calls_are_described_in_words_for_callers(client):
    paths = client.get("/api/v1/schema/", headers={"Accept": "application/json"}).json()["paths"]
    told = {call.get("description", "") for calls in paths.values() for call in calls.values()}
    assert not [text for text in told if "views share" in text or "subclass" in text]
    assert any("nothing twice" in text or "counts once" in text for text in told)
