"""ElastiCache: service updates, where they stand, and the caches that they are for. STS answers on the same port."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.aws import sts
from sandbox.aws.actions import CALLS, Actions
from sandbox.aws.listings import LISTINGS
from sandbox.aws.query import MOST_RECORDS, Form, RefusalError, listing_page, refusal_reply, result_reply
from sandbox.aws.rights import Rights
from sandbox.aws.signatures import Signatures
from sandbox.memory import Memory
from sandbox.truth import Truth
from sandbox.wire import Reply, Request
from sandbox.world import World

NAMESPACE = "http://elasticache.amazonaws.com/doc/2015-02-02/"
VERSION = "2015-02-02"
PAGING_FIELDS = frozenset({"Marker", "MaxRecords"})


@dataclass(frozen=True)
class PageSizes:
    """`most` caps every page, whatever is asked for. `actions` is a page of update actions unless asked for more."""

    most: int = MOST_RECORDS
    actions: int = 50

    @property
    def usual(self) -> Mapping[str, int]:
        return {"DescribeUpdateActions": self.actions}


class ElastiCache:
    name = "elasticache"

    def __init__(
        self, world: World, actions: Actions, signatures: Signatures, rights: Rights, page_sizes: PageSizes
    ) -> None:
        self._world = world
        self._actions = actions
        self._signatures = signatures
        self._rights = rights
        self._page_sizes = page_sizes
        self._memory = Memory()

    def call(self, request: Request) -> str:
        return Form.of(request.body).action or request.path

    def answer(self, request: Request) -> Reply:
        form = Form.of(request.body)
        namespace = sts.NAMESPACE if form.action in sts.ACTIONS else NAMESPACE
        try:
            if form.action in sts.ACTIONS:
                return sts.answer(request, form, self._signatures, self._world.truth.account)
            return self._answer(request, form)
        except RefusalError as refusal:
            return refusal_reply(refusal, namespace)

    def throttled(self, retry_after: str) -> Reply:  # noqa: ARG002 — AWS's Query protocol has no Retry-After
        return refusal_reply(RefusalError(400, "Throttling", "Rate exceeded"), NAMESPACE)

    def failed(self, status: int) -> Reply:
        code = {503: "ServiceUnavailable", 429: "TooManyRequestsException"}.get(status, "InternalFailure")
        return refusal_reply(RefusalError(status, code, "The request could not be served."), NAMESPACE)

    def unauthorized(self) -> Reply:
        message = "The security token included in the request is expired"
        return refusal_reply(RefusalError(403, "ExpiredToken", message), NAMESPACE)

    def _answer(self, request: Request, form: Form) -> Reply:
        key = self._signatures.check(request, "elasticache")
        truth = self._world.truth
        if form.text("Version") == VERSION and form.action in LISTINGS:
            self._rights.check(key.arn(truth.account), form.action)
            page = self._memory.of(truth, frozenset(form.fields.items()), lambda: self._page(truth, form))
            return result_reply(form.action, NAMESPACE, page)
        if form.text("Version") == VERSION and form.action in CALLS:
            self._rights.check(key.arn(truth.account), form.action)
            return result_reply(form.action, NAMESPACE, self._actions.answer(form))
        message = f"Could not find operation {form.action} for version {form.text('Version')}"
        raise RefusalError(400, "InvalidAction", message)

    def _page(self, truth: Truth, form: Form) -> str:
        filters = frozenset((name, text) for name, text in form.fields.items() if name not in PAGING_FIELDS)
        listing = self._memory.of(truth, ("listing", filters), lambda: LISTINGS[form.action](truth, form))
        usual = self._page_sizes.usual.get(form.action, MOST_RECORDS)
        return listing_page(listing, form, min(form.max_records(usual), self._page_sizes.most))
