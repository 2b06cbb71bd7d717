"""A small OpenID Connect provider for tests: it signs in whoever it is told to, with tokens signed by RS256."""

import base64
import json
import secrets
import threading
import time
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlparse

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "voc-test", "a client secret of the test"


class Provider:
    """The provider, at `address`; `tokens` counts how often it gave one out."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "test", "use": "sig"})
        self.codes = {}
        self.tokens = 0
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.get(self)

            def do_POST(self):
                provider.post(self)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("localhost", 0), Handler)
        self.address = f"http://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def secrets(self, app=""):
        """Return a secrets file for an app that signs in here."""
        return (
            '[auth]\nredirect_uri = "http://localhost:{port}/oauth2callback"\n'
            f'cookie_secret = "{secrets.token_hex(32)}"\nclient_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
            f'server_metadata_url = "{self.address}/.well-known/openid-configuration"\n{app}'
        )

    def get(self, request):
        place = urlparse(request.path)
        asked = {name: values[0] for name, values in parse_qs(place.query).items()}
        if place.path == "/.well-known/openid-configuration":
            self.answer(
                request,
                {
                    "issuer": self.address,
                    "authorization_endpoint": f"{self.address}/authorize",
                    "token_endpoint": f"{self.address}/token",
                    "jwks_uri": f"{self.address}/keys",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "code_challenge_methods_supported": ["S256"],
                },
            )
        elif place.path == "/keys":
            self.answer(request, {"keys": [self.key.as_dict(private=False)]})
        elif place.path == "/authorize" and "email" in asked:
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            back = urlencode({"code": code, "state": asked["state"]})
            request.send_response(302)
            request.send_header("Location", f"{asked['redirect_uri']}?{back}")
            request.end_headers()
        elif place.path == "/authorize":
            hidden = "".join(f'<input type=hidden name="{k}" value="{escape(v)}">' for k, v in asked.items())
            form = f"<form>{hidden}<label>Email <input name=email></label><button>Go on</button></form>"
            self.answer(request, f"<h1>Provider</h1>{form}")
        else:
            request.send_error(404)

    def post(self, request):
        sent = parse_qs(request.rfile.read(int(request.headers["Content-Length"])).decode())
        asked = self.codes.pop(sent.get("code", [""])[0], None)
        given = base64.b64decode(request.headers.get("Authorization", "Basic ").split()[-1] or b"").decode()
        if request.path != "/token" or asked is None or given.partition(":")[0] != CLIENT:
            request.send_error(400)
            return
        self.tokens += 1
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "sub": asked["email"], "email": asked["email"]}
        claims |= {"email_verified": True, "iat": now, "exp": now + 600, "nonce": asked["nonce"]}
        token = jwt.encode({"alg": "RS256", "kid": "test"}, claims, self.key)
        self.answer(request, {"access_token": "none", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def answer(self, request, content):
        is_page = isinstance(content, str)
        data = content.encode() if is_page else json.dumps(content).encode()
        request.send_response(200)
        request.send_header("Content-Type", "text/html" if is_page else "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)
