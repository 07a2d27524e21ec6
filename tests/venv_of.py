"""Python packages that a test needs, in a virtual environment under $PINTEMPO_VAR (default: var/ of the
source tree).

    venv_of.enter("schemathesis", "4.32.5")

runs the program again inside of it. Prints a skip and exits 77 when the package index cannot be reached.
"""

import os
import subprocess
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))


def enter(package, version):
    home = os.path.join(os.environ.get("PINTEMPO_VAR", os.path.join(TOP, "var")), f"{package}-{version}")
    python = os.path.join(home, "bin", "python")
    if os.path.realpath(sys.prefix) == os.path.realpath(home):
        return
    stamp = os.path.join(home, "installed")
    if not os.path.exists(stamp):
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        got = subprocess.run([python, "-m", "pip", "-q", "install", f"{package}=={version}"])
        if got.returncode != 0:
            print(f"1..0 # SKIP {package} cannot be installed (no package index?)")
            sys.exit(77)
        open(stamp, "w").close()
    os.execv(python, [python] + sys.argv)
