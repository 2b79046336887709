"""Files for WEB_CONFIG_FILE, and the certificates that they name."""

import ssl
from collections.abc import Callable
from pathlib import Path

import trustme

HASH = "$2b$04$gfgF8cP6C5Li8ErBUv47DOO64gcvmBFajznT.nSWOKKntzpk62hZa"  # of "right"


def written(folder: Path, text: str) -> Path:
    file = folder / "web.yml"
    file.write_text(text)
    return file


def issue(authority: trustme.CA, folder: Path) -> bytes:
    certificate = authority.issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    return ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode())


def presented(server_context: ssl.SSLContext) -> bytes | None:
    """The certificate that a client of this server sees, without a network between them."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname = False
    client_context.verify_mode = ssl.CERT_NONE
    client = client_context.wrap_bio(to_client, to_server)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    steps: list[Callable[[], None]] = [client.do_handshake, server.do_handshake]
    while steps:
        step = steps.pop(0)
        try:
            step()
        except ssl.SSLWantReadError:
            steps.append(step)
    return client.getpeercert(binary_form=True)


TLS = "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"
USERS = f"basic_auth_users:\n  prometheus: {HASH}\n"
CA = "  client_ca_file: ca.pem\n"
