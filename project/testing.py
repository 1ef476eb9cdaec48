"""How ./run test calls pytest."""

from collections.abc import Sequence

# Few tests at a time go to a process: the last ones are then shared by both, and neither waits long for the other.
SPREAD = ["-n", "2", "--maxschedchunk", "4"]


def with_defaults(arguments: Sequence[str]) -> list[str]:
    """Two processes, unless the caller says how many or names single tests."""
    chosen = any(
        argument.startswith(("-n", "--numprocesses", "--dist", "--pdb", "--collect-only"))
        for argument in arguments
    )
    single = any("::" in argument for argument in arguments)
    return [*arguments] if chosen or single else [*SPREAD, *arguments]
