"""The parts of Assay that policies can name: apps with fixed ids."""

from typing import Final

from assay.values import AppId
from assay.values.text import _

SIGN_IN: Final = AppId("a55a0000-0000-4000-8000-000000000001")
OWN_PAGES: Final = AppId("a55a0000-0000-4000-8000-000000000002")
CONSOLE: Final = AppId("a55a0000-0000-4000-8000-000000000003")
API: Final = AppId("a55a0000-0000-4000-8000-000000000004")

NAMED_TARGETS: Final = {
    SIGN_IN: _("Sign-in"),
    OWN_PAGES: _("Own pages"),
    CONSOLE: _("Console"),
    API: "API",
}
