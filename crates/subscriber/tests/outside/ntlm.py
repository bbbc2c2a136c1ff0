"""An NTLM server by pyspnego, an implementation that is not ours.

usage: ntlm.py bound|misbound|unbound CERTIFICATE.pem KEY.pem

`bound` demands the channel binding of its certificate, `misbound` that of another, as behind a load balancer that ends
TLS, and `unbound` none. NTLM_USER_FILE names the accounts (`DOMAIN:user:password`).
"""

import sys

import serving
import spnego
from spnego.channel_bindings import GssChannelBindings

binding, certificate, key = sys.argv[1:]
end_point = serving.end_point(certificate) + (b"x" if binding == "misbound" else b"")
bindings = None if binding == "unbound" else GssChannelBindings(application_data=end_point)


class Context:
    def __init__(self):
        self.server = spnego.server(
            protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm, channel_bindings=bindings
        )

    def step(self, token):
        return self.server.step(token)

    complete = property(lambda self: self.server.complete)
    user = property(lambda self: self.server.client_principal)


serving.serve("NTLM", Context, (certificate, key))
