"""A Kerberos realm by MIT: a key distribution centre, and a server by the machine's GSSAPI library.

usage: negotiate.py http|https connection|request CERTIFICATE.pem KEY.pem FOLDER

`https` compares channel bindings with that of its certificate; `request` asks for a sign-in with every request, as IIS
does for Kerberos by default. The realm is CORP.EXAMPLE, its account `svc-rooms`, its service HTTP/localhost. The port of the key
distribution centre is the first line, that of the server the second.
"""

import os
import pathlib
import socket
import subprocess
import sys

import gssapi
import serving

scheme, lasting, certificate, key, folder = sys.argv[1:]
folder = pathlib.Path(folder)
PASSWORD = "Pässw0rd!"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


kdc_port = free_port()
(folder / "krb5.conf").write_text(
    f"""[libdefaults]
  default_realm = CORP.EXAMPLE
  dns_lookup_kdc = false
  dns_lookup_realm = false
  rdns = false
[realms]
  CORP.EXAMPLE = {{
    kdc = 127.0.0.1:{kdc_port}
  }}
[domain_realm]
  localhost = CORP.EXAMPLE
"""
)
(folder / "kdc.conf").write_text(
    f"""[kdcdefaults]
  kdc_listen = 127.0.0.1:{kdc_port}
  kdc_tcp_listen = 127.0.0.1:{kdc_port}
[realms]
  CORP.EXAMPLE = {{
    database_name = {folder}/principal
    key_stash_file = {folder}/stash
    acl_file = {folder}/acl
    default_principal_flags = +preauth
  }}
"""
)
os.environ.update(
    KRB5_CONFIG=str(folder / "krb5.conf"),
    KRB5_KDC_PROFILE=str(folder / "kdc.conf"),
    KRB5_KTNAME=str(folder / "keytab"),
    KRB5RCACHENAME="none:",
    PATH=os.environ["PATH"] + ":/usr/sbin",
)


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


run("kdb5_util", "create", "-s", "-r", "CORP.EXAMPLE", "-P", "master")
run("kadmin.local", "addprinc", "-pw", PASSWORD, "svc-rooms")
run("kadmin.local", "addprinc", "-pw", PASSWORD, "-pwexpire", "yesterday", "svc-expired")
run("kadmin.local", "addprinc", "-randkey", "HTTP/localhost")
run("kadmin.local", "ktadd", "-k", str(folder / "keytab"), "HTTP/localhost")
kdc = subprocess.Popen(["krb5kdc", "-n"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ready():
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", kdc_port)) == 0:
                return
        try:
            kdc.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        sys.exit("the key distribution centre ended")
    sys.exit("the key distribution centre does not answer")


bindings = None
if scheme == "https":
    bindings = gssapi.raw.ChannelBindings(application_data=serving.end_point(certificate))
service = gssapi.Credentials(usage="accept")


class Context:
    def __init__(self):
        self.server = gssapi.SecurityContext(creds=service, usage="accept", channel_bindings=bindings)

    complete = False
    user = "nobody"

    def step(self, token):
        token = self.server.step(token)
        if self.server.complete:
            self.complete, self.user = True, str(self.server.initiator_name)
        return token


ready()
print(kdc_port, flush=True)


def end_kdc():
    kdc.terminate()
    kdc.wait()


certified = (certificate, key) if scheme == "https" else None
serving.serve("Negotiate", Context, certified, each_request=lasting == "request", at_end=end_kdc)
