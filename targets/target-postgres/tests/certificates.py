"""Certificates for a test: good ones, and those that must not be trusted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


class Authority:
    """Signs certificates; trusted by whoever is given its own."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate, _ = self._sign(name, self._key, is_authority=True, days=9)

    def issue(self, name: str, *, days: int = 9) -> tuple[bytes, bytes]:
        """Give a certificate and its key; negative days: it has expired."""
        return self._sign(name, ec.generate_private_key(ec.SECP256R1()), days=days)

    def _sign(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        *,
        days: int,
        is_authority: bool = False,
    ) -> tuple[bytes, bytes]:
        end = datetime.now(UTC) + days * _DAY
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(self._name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(end - 20 * _DAY)
            .not_valid_after(end)
            .add_extension(
                x509.BasicConstraints(ca=is_authority, path_length=None), critical=True
            )
        )
        if not is_authority:
            names = x509.SubjectAlternativeName([x509.DNSName(name)])
            builder = builder.add_extension(names, critical=False)
        signed = builder.sign(self._key, hashes.SHA256())
        return (
            signed.public_bytes(serialization.Encoding.PEM),
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )
