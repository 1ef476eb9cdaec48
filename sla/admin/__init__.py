"""Marketing's desk: feedback and data tasks to work through, agreements and their catalogues to keep up."""

from sla.admin import agreements, catalogues, data_tasks, feedback

__all__ = ["agreements", "catalogues", "data_tasks", "feedback"]
