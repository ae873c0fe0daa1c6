import subprocess
import sys

import pytest


@pytest.mark.parametrize("room", ["metrics", "collection"])
def test_importing_the_room_loads_nothing_heavy(room):
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}; import einthoven.{room}; "
        "print([m for m in ('lance', 'pyarrow', 'pandas', 'scipy', 'torch') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
