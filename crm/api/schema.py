"""What the OpenAPI description says beyond drf-spectacular's own reading: the body of a call is not its answer."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema

BODIES = {"create": "input_class", "partial_update": "patch_class"}


class Schema(AutoSchema):
    """Takes the body from `input_class` and `patch_class`; a deed names its own by `extend_schema`."""

    def get_request_serializer(self) -> Any:
        named = BODIES.get(getattr(self.view, "action", ""))
        return (
            getattr(self.view, named)()
            if named and hasattr(self.view, named)
            else super().get_request_serializer()
        )
