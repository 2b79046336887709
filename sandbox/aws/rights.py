"""Who may call what: everybody everything, but for what has been denied."""

from dataclasses import dataclass

from sandbox.aws.query import RefusalError

READING = ("Describe", "List", "Get")


@dataclass(frozen=True)
class Denial:
    """`call` like 'BatchApplyUpdateAction'; `principal` is part of an ARN, such as 'user/reader', or None for all."""

    call: str
    principal: str | None = None


class Rights:
    def __init__(self) -> None:
        self.denials: list[Denial] = []

    def deny(self, call: str, principal: str | None = None) -> Denial:
        denial = Denial(call, principal)
        self.denials.append(denial)
        return denial

    def check(self, principal: str, call: str, service: str = "elasticache") -> None:
        """Before anything else is looked at, as AWS does it. The user `reader` may read and nothing more."""
        is_readers_limit = principal.endswith("user/reader") and not call.startswith(READING)
        if is_readers_limit or any(
            denial.call == call and (denial.principal or "") in principal for denial in self.denials
        ):
            action = f"{service}:{call}"
            message = (
                f"User: {principal} is not authorized to perform: {action} because no identity-based policy allows "
                f"the {action} action"
            )
            raise RefusalError(403, "AccessDenied", message)
