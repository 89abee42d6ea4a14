"""Runs app.py and starts it again whenever a .py file of this folder changes."""

import os
import signal
import subprocess
import sys
import time

IGNORED = {"__pycache__", "node_modules", "venv", ".venv", ".git"}


def files():
    """The time of the last change of each Python file."""
    found = {}
    for folder, folders, names in os.walk("."):
        folders[:] = [name for name in folders if name not in IGNORED]
        for name in names:
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                try:
                    found[path] = os.stat(path).st_mtime_ns
                except FileNotFoundError:
                    pass
    return found


def start():
    return subprocess.Popen([sys.executable, "-u", "app.py"])


def stop(app):
    app.terminate()
    try:
        app.wait(timeout=3)
    except subprocess.TimeoutExpired:
        app.kill()
        app.wait()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    before = files()
    app = start()
    try:
        while True:
            time.sleep(0.4)
            now = files()
            if now != before:
                before = now
                print("Changed, starting again", flush=True)
                stop(app)
                app = start()
    except KeyboardInterrupt:
        pass
    finally:
        stop(app)


if __name__ == "__main__":
    main()
