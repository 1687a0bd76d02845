"""Authentication contexts: what an app may ask for by a number, and what people call it."""

import re
from typing import Final

from assay.values import Stored

ID: Final = re.compile(r"c[1-9][0-9]?")


class AuthenticationContext(Stored, frozen=True, kw_only=True):
    """Graph's authenticationContextClassReference; `is_available`: apps may be told of it."""

    id: str
    display_name: str
    description: str = ""
    is_available: bool = False
