"""An authority that issues certificates, by Debian's openssl command: for tests with TLS."""

import subprocess

_NEW_KEY = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")
HERE = "DNS:localhost,IP:127.0.0.1"


class Authority:
    """`path`: its own certificate, which is self-signed, and `key`; in PEM, as all of them."""

    def __init__(self, folder, name="authority"):
        self._folder = folder
        self.path, self.key = str(folder / f"{name}.pem"), str(folder / f"{name}.key")
        _openssl(*_NEW_KEY, "-x509", "-days", "2", "-subj", f"/CN={name}",
                 "-addext", f"subjectAltName={HERE}", "-keyout", self.key, "-out", self.path)

    def issue(self, name, names=HERE, days=1):
        """(chain file, key file) of a certificate. `days` -1: it has expired."""
        chain, key, asked = (str(self._folder / f"{name}.{end}") for end in ("pem", "key", "csr"))
        _openssl(*_NEW_KEY, "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}",
                 "-keyout", key, "-out", asked)
        _openssl("x509", "-req", "-in", asked, "-CA", self.path, "-CAkey", self.key,
                 "-copy_extensions", "copyall", "-days", str(days), "-out", chain)
        return chain, key


def encrypt_key(key, path):
    """The same key, behind a passphrase."""
    _openssl("pkey", "-in", key, "-aes256", "-passout", "pass:x", "-out", str(path))
    return str(path)


def _openssl(*arguments):
    subprocess.run(["/usr/bin/openssl", *arguments], check=True, capture_output=True)
