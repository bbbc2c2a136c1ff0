"""A server that asks for a sign-in as IIS does: once for every connection.

A judge says what it makes of the token in each request. Its port is the first line that is printed; it ends with its
standard input.
"""

import base64
import hashlib
import http.server
import os
import ssl
import sys
import threading


def end_point(certificate):
    """The channel binding of a certificate by SHA-256 (RFC 5929 section 4.1)."""
    with open(certificate) as file:
        der = ssl.PEM_cert_to_DER_cert(file.read())
    return b"tls-server-end-point:" + hashlib.sha256(der).digest()


def serve(scheme, new_context, certified=None, each_request=False, at_end=lambda: None):
    """Serves until standard input ends, over TLS where there are a certificate and a key. A context's `step` takes a token and gives the next; `complete` and `user` are
    what came of it. An exception refuses."""
    refused = 0
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        context = None

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            name, _, token = self.headers.get("Authorization", "").partition(" ")
            if name == scheme:
                self.sign_in(base64.b64decode(token))
            elif self.context and self.context.complete and not each_request:
                self.answer(200)
            else:
                self.answer(401, scheme)

        def sign_in(self, token):
            nonlocal refused
            if self.context is None or self.context.complete:
                self.context = new_context()
            try:
                token = self.context.step(token)
            except Exception as error:  # whatever the library calls it, it is a refusal
                print(f"{type(error).__name__}: {error}", file=sys.stderr)
                self.context = None
                with lock:
                    refused += 1
                self.answer(401, scheme)
                return
            said = f"{scheme} {base64.b64encode(token).decode()}" if token else None
            self.answer(200 if self.context.complete else 401, said)

        def answer(self, status, challenge=None):
            complete = self.context is not None and self.context.complete
            body = b"<answer/>"
            self.send_response(status)
            if challenge:
                self.send_header("WWW-Authenticate", challenge)
            self.send_header("X-Refused", str(refused))
            self.send_header("X-User", self.context.user if complete else "nobody")
            self.send_header("X-Connection", str(self.client_address[1]))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def get_request(self):
            stream, address = super().get_request()
            if tls:
                stream = tls.wrap_socket(stream, server_side=True, do_handshake_on_connect=False)
            return stream, address

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certified else None
    if tls:
        tls.load_cert_chain(*certified)
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    at_end()
    os._exit(0)
