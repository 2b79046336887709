"""STS: temporary credentials for an assumed role, which ElastiCache then honours until they expire."""

from datetime import UTC, datetime

from sandbox.aws.query import Form, RefusalError, result_reply
from sandbox.aws.signatures import Signatures
from sandbox.credentials import AWS_ACCOUNT
from sandbox.wire import Reply, Request

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
ACTION = "AssumeRole"


def answer(request: Request, form: Form, signatures: Signatures) -> Reply:
    signatures.check(request, "sts")
    role, session = form.text("RoleArn") or "", form.text("RoleSessionName") or ""
    if not role.startswith("arn:aws:iam::") or not session:
        raise RefusalError(400, "ValidationError", f"RoleArn is '{role}' and RoleSessionName is '{session}'")
    key = signatures.temporary_key(int(form.text("DurationSeconds") or 3600))
    expiration = datetime.fromtimestamp(key.expires_at or 0, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assumed = f"arn:aws:sts::{AWS_ACCOUNT}:assumed-role/{role.rpartition('/')[2]}/{session}"
    return result_reply(
        ACTION,
        NAMESPACE,
        f"<Credentials><AccessKeyId>{key.id}</AccessKeyId><SecretAccessKey>{key.secret}</SecretAccessKey>"
        f"<SessionToken>{key.session_token}</SessionToken><Expiration>{expiration}</Expiration></Credentials>"
        f"<AssumedRoleUser><AssumedRoleId>AROASANDBOX:{session}</AssumedRoleId><Arn>{assumed}</Arn></AssumedRoleUser>",
    )
