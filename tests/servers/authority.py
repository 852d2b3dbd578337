"""A certificate authority for tests, and certificates that are wrong in each of the usual ways."""

import datetime
import ssl
from pathlib import Path

import trustme


class Authority:
    """Signs for localhost; its `ca_file` is what an account's `ca_file` names."""

    def __init__(self, directory: Path) -> None:
        self._ca = trustme.CA()
        self._directory = directory
        self.ca_file = directory / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.ca_file))
        self.ca_file.chmod(0o644)

    def files(self, *names: str) -> tuple[Path, Path]:
        """(certificate chain, private key) for these names."""
        certificate = self._ca.issue_cert(*(names or ("localhost", "127.0.0.1")))
        chain, key = self._directory / "server.pem", self._directory / "server.key"
        chain.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
        certificate.private_key_pem.write_to_path(str(key))
        key.chmod(0o644)
        return chain, key

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """A server's TLS context; `expired`: with a certificate that ended yesterday."""
        days = -1 if expired else 100
        end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
        certificate = self._ca.issue_cert(*(names or ("localhost", "127.0.0.1")), not_after=end)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context
