"""STS: who one is, and temporary credentials for an assumed role, which ElastiCache then honours until they expire."""

from datetime import UTC, datetime

from sandbox.aws.query import Form, RefusalError, result_reply
from sandbox.aws.signatures import AccessKey, Signatures
from sandbox.wire import Reply, Request

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
ACTIONS = frozenset({"AssumeRole", "GetCallerIdentity"})


def answer(request: Request, form: Form, signatures: Signatures, account: str) -> Reply:
    key = signatures.check(request, "sts")
    result = _caller(key, account) if form.action == "GetCallerIdentity" else _assumed(form, signatures, account)
    return result_reply(form.action, NAMESPACE, result)


def _caller(key: AccessKey, account: str) -> str:
    """Nobody can be denied this."""
    return f"<Arn>{key.arn(account)}</Arn><UserId>{key.id}</UserId><Account>{account}</Account>"


def _assumed(form: Form, signatures: Signatures, account: str) -> str:
    role, session = form.text("RoleArn") or "", form.text("RoleSessionName") or ""
    if not role.startswith("arn:aws:iam::") or not session:
        raise RefusalError(400, "ValidationError", f"RoleArn is '{role}' and RoleSessionName is '{session}'")
    name = f"assumed-role/{role.rpartition('/')[2]}/{session}"
    key = signatures.temporary_key(int(form.text("DurationSeconds") or 3600), name)
    expiration = datetime.fromtimestamp(key.expires_at or 0, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f"<Credentials><AccessKeyId>{key.id}</AccessKeyId><SecretAccessKey>{key.secret}</SecretAccessKey>"
        f"<SessionToken>{key.session_token}</SessionToken><Expiration>{expiration}</Expiration></Credentials>"
        f"<AssumedRoleUser><AssumedRoleId>AROASANDBOX:{session}</AssumedRoleId><Arn>{key.arn(account)}</Arn>"
        f"</AssumedRoleUser>"
    )
