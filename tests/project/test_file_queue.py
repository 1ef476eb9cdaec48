"""The queue of one machine: a message is taken whole, in its turn, and by nobody before it is written."""

from __future__ import annotations

from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.transport import filesystem

from project import file_queue

BODY = {"body": "x" * 10_000}


def channel_of(transport: Any, folder: Path) -> Any:
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
    }
    return Connection(transport=transport, transport_options=options).channel()


def ready_while_writing(transport: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a worker would take at the moment when the text of a message is made."""
    module = file_queue if transport is file_queue.Transport else filesystem
    seen: list[str] = []
    real = module.dumps

    def looking(payload: object) -> str:
        seen.extend(path.name for path in folder.glob("*.msg"))
        return str(real(payload))

    monkeypatch.setattr(module, "dumps", looking)
    channel_of(transport, folder)._put("celery", BODY)
    return seen


def test_nobody_sees_a_message_that_is_still_being_written(tmp_path, monkeypatch):
    assert ready_while_writing(file_queue.Transport, tmp_path, monkeypatch) == []


def test_with_kombus_own_they_would(tmp_path, monkeypatch):
    assert len(ready_while_writing(filesystem.Transport, tmp_path, monkeypatch)) == 1


def test_a_message_is_taken_once_and_by_its_own_queue(tmp_path):
    channel = channel_of(file_queue.Transport, tmp_path)
    channel._put("celery", BODY)
    with pytest.raises(Empty):
        channel._get("webhooks")
    assert channel._get("celery") == BODY
    with pytest.raises(Empty):
        channel._get("celery")
    assert not list(tmp_path.glob("*.unfinished"))
