"""A page on Python's standard library that loads again when its file changes, told so by server-sent events."""

import http.server
import os
import time

PAGE = "page.html"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/changes":
            return self.changes()
        with open(PAGE, "rb") as file:
            body = file.read()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def changes(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        before = os.stat(PAGE).st_mtime_ns
        while True:
            time.sleep(0.02)
            now = os.stat(PAGE).st_mtime_ns
            self.wfile.write(b"data: changed\n\n" if now != before else b":\n\n")
            self.wfile.flush()
            before = now


http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Handler).serve_forever()
