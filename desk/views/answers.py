"""How a page answers a deed, under the name the desk's views know it by."""

from crm.pages import came_from, explain, go, is_htmx, own_path, person

__all__ = ["came_from", "explain", "go", "is_htmx", "own_path", "person"]
