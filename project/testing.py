"""How ./run test calls pytest."""

from collections.abc import Sequence

PROCESSES = "2"


def with_defaults(arguments: Sequence[str]) -> list[str]:
    """Two processes, unless the caller says how many or names single tests."""
    chosen = any(
        argument.startswith(("-n", "--numprocesses", "--dist", "--pdb", "--collect-only"))
        for argument in arguments
    )
    single = any("::" in argument for argument in arguments)
    return [*arguments] if chosen or single else ["-n", PROCESSES, *arguments]
