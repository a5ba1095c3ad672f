"""Every way to log in, by whole processes against a real login host."""

from __future__ import annotations


def test_client_credentials_log_in_at_the_orgs_own_domain(hard_org):
    outcome = hard_org.run(refresh_token=None, login_url=hard_org.instance_url)
    assert outcome.status == 0, outcome.log
    assert outcome.records("User")


def test_user_name_and_password_log_in_with_a_warning(hard_org):
    outcome = hard_org.run(
        client_id=None,
        client_secret=None,
        refresh_token=None,
        username="integration@acme.example",
        password="sandbox-password",
        security_token="sandboxSecurityToken",
    )
    assert outcome.status == 0, outcome.log
    assert outcome.records("User")
    assert outcome.log.count("Summer '27") == 1


def test_a_signed_assertion_logs_in(hard_org, tmp_path):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    outcome = hard_org.run(
        client_secret=None,
        refresh_token=None,
        username="integration@acme.example",
        private_key=pem.replace("\n", "\\n"),
    )
    assert outcome.status == 0, outcome.log
    assert outcome.records("User")


def test_a_rotated_refresh_token_serves_the_next_run(hard_org, tmp_path):
    path = tmp_path / "token"
    hard_org.arm({"fault": "rotate"})
    try:
        assert hard_org.run(refresh_token_path=str(path)).status == 0
        assert path.read_text()
        assert hard_org.run(refresh_token_path=str(path)).status == 0
        assert hard_org.run().status == 2
    finally:
        # The server is shared: later tests need the token that is valid now.
        env = hard_org.ready["env"]
        env["SALESFORCE_REFRESH_TOKEN"] = path.read_text()
        hard_org.settings["refresh_token"] = env["SALESFORCE_REFRESH_TOKEN"]
