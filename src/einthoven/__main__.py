"""`einthoven` and `python -m einthoven`."""

import os
import sys

_SAID = "Interrupted before anything was done.", "Give the same command again."


def main() -> None:
    """Runs the command line. It takes a moment to load, and an interruption meanwhile is told as a later one is."""
    if "OMP_WAIT_POLICY" not in os.environ:  # threads that spin long while they wait starve each other on busy cores
        os.environ.setdefault("GOMP_SPINCOUNT", "8000")
    try:
        from einthoven.cli.main import main as run
    except KeyboardInterrupt:
        message, mend = _SAID
        if "EINTHOVEN_FAULTS" in os.environ:  # `training.faults.FOLDER`, which may be what could not be imported
            pass  # one of several processes, all of which were ended: who started them tells why
        elif "--json" in sys.argv:
            print(f'{{"error": {{"kind": "interrupted", "message": "{message}", "mend": "{mend}"}}}}', flush=True)
        else:
            print(f"Error: {message}\n       {mend}", file=sys.stderr)
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
