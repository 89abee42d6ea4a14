"""A small web app on Python's standard library: an address for each function."""

import html
import json
import os
import sys
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = int(os.environ.get("PORT", "8000"))


def home():
    return page(
        "Hello, Python",
        "Change <code>app.py</code> and save: the server restarts. Then load this page again.",
    )


def time():
    answer = {"time": datetime.now(timezone.utc).isoformat(), "python": sys.version.split()[0]}
    return "application/json; charset=utf-8", json.dumps(answer, indent=2)


# Every address of this app and what answers it. Add your own.
ROUTES = {"/": home, "/api/time": time}


def page(title, text):
    return "text/html; charset=utf-8", f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
  :root {{ color-scheme: light dark; font: 17px/1.6 system-ui, sans-serif }}
  body {{ margin: 0; min-height: 100vh; display: grid; place-items: center }}
  main {{ max-width: 30rem; padding: 2rem; text-align: center }}
  h1 {{ font-size: 2.6rem; line-height: 1.1; letter-spacing: -.03em; margin: 0 }}
  code {{ padding: .1em .35em; border-radius: .3em; background: #3776ab33 }}
  a {{ color: #3776ab }}
</style>
<main>
  <h1>{title}</h1>
  <p>{text}</p>
  <p><a href="/api/time">/api/time</a> answers with JSON.</p>
</main>
</html>
"""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.split("?")[0]
        route = ROUTES.get(path)
        kind, text = route() if route else page("Not found", f"There is nothing at <code>{html.escape(path)}</code>.")
        body = text.encode()
        self.send_response(200 if route else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    print(f"Listening on http://localhost:{PORT}")
    ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
