"""Sign-in, step-up, enrolment, refusal and the person's own pages, rendered on the server."""

from assay.pages.app import create_pages
from assay.pages.settings import PagesSettings

__all__ = ["PagesSettings", "create_pages"]
