"""Signs in at a server with pyspnego, an implementation of NTLM and SPNEGO that is not ours.

usage: ntlm.py URL CERTIFICATE.pem ntlm|negotiate bound|misbound|unbound USER PASSWORD BODY.xml

Prints the status of every reply, all on one connection; the last request carries no credentials.
"""

import base64
import hashlib
import http.client
import ssl
import sys
import urllib.parse

import spnego
from spnego.channel_bindings import GssChannelBindings


def main(url, certificate, protocol, binding, user, password, body):
    url = urllib.parse.urlsplit(url)
    context = ssl.create_default_context(cafile=certificate)
    connection = http.client.HTTPSConnection(url.hostname, url.port, context=context, timeout=30)
    with open(body, "rb") as file:
        body = file.read()

    def post(authorization=None, body=b""):
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        if authorization:
            headers["Authorization"] = authorization
        connection.request("POST", url.path, body, headers)
        reply = connection.getresponse()
        reply.read()
        print(reply.status)
        return reply

    post()
    der = connection.sock.getpeercert(binary_form=True)
    if binding == "misbound":
        der += b"x"
    end_point = b"tls-server-end-point:" + hashlib.sha256(der).digest()
    bindings = None if binding == "unbound" else GssChannelBindings(application_data=end_point)
    scheme = {"ntlm": "NTLM", "negotiate": "Negotiate"}[protocol]
    client = spnego.client(
        user,
        password,
        hostname=url.hostname,
        service="HTTP",
        protocol=protocol,
        channel_bindings=bindings,
        options=spnego.NegotiateOptions.use_ntlm if protocol == "ntlm" else spnego.NegotiateOptions.use_negotiate,
    )
    reply = post(f"{scheme} {base64.b64encode(client.step()).decode()}")
    token = client.step(base64.b64decode(challenge(reply, scheme)))
    reply = post(f"{scheme} {base64.b64encode(token).decode()}", body)
    if reply.status == 200 and protocol == "negotiate":
        # It throws when the server's signature over the mechanisms is wrong.
        client.step(base64.b64decode(challenge(reply, scheme)))
        assert client.complete, "the server's last token completes the negotiation"
    post(None, body)


def challenge(reply, scheme):
    for value in reply.headers.get_all("WWW-Authenticate", []):
        name, _, token = value.partition(" ")
        if name == scheme and token:
            return token
    sys.exit(f"no {scheme} challenge in {reply.headers.items()}")


main(*sys.argv[1:])
