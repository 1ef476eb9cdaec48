"""What the OpenAPI description says beyond drf-spectacular's own reading: the body of a call is not its answer."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

from drf_spectacular.openapi import AutoSchema

BODIES = {"create": "input_class", "partial_update": "patch_class"}


class Schema(AutoSchema):
    """Takes the body from `input_class` and `patch_class`; a deed names its own by `extend_schema`."""

    def get_description(self) -> str:
        """What the view says about itself; what its base classes say is meant for programmers."""
        method = getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)
        own = [getattr(method, "__doc__", None), type(self.view).__dict__.get("__doc__")]
        return "\n\n".join(cleandoc(text) for text in own if text)

    def get_request_serializer(self) -> Any:
        named = BODIES.get(getattr(self.view, "action", ""))
        return (
            getattr(self.view, named)()
            if named and hasattr(self.view, named)
            else super().get_request_serializer()
        )
