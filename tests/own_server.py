"""A Jupyter server of its own for a test: no token, no browser, a home that nobody else uses."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

HOMES = "HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"


def listens(port):
    """Whether something answers there."""
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    """Return a port that nothing listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def jupyter_server(application, folder, *arguments, **environment):
    """Start ``python -m application`` in a folder, and yield its address while it runs."""
    port = free_port()
    command = [sys.executable, "-m", *application.split(), "--no-browser", f"--port={port}"]
    command += ["--allow-root", "--IdentityProvider.token=", *arguments]
    with subprocess.Popen(
        command,
        cwd=folder,  # nbgrader's pages show the course that they are started in
        env=os.environ | dict.fromkeys(HOMES, str(folder / "home")) | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        while not listens(port):
            assert server.poll() is None, f"{application} did not start"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        server.terminate()
