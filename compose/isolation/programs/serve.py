"""Answers every request with the name of the environment it runs in, and leaves a mark in its volume."""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAME = os.environ["LOCALENV_ENVIRONMENT"]


class Teller(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"I am {NAME}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


Path("/data/mark").write_text(f"I am {NAME}\n")
ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1])), Teller).serve_forever()
