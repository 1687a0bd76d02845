"""What the operating system said behind a request that failed."""


def os_error_of(error: BaseException) -> OSError | None:
    """The first OSError among the causes of an HTTP library's error; None where there is none."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None
