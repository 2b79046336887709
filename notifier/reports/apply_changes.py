"""One line for each change while a window is carried through."""

from datetime import datetime, tzinfo

from fleet.printable import visible
from notifier.apply.task import Phase, Task
from notifier.apply.words import named

_WORDS = {
    Phase.PLANNED: "waits for its turn",
    Phase.UNSETTLED: "asked AWS to start it",
    Phase.UNDER_WAY: "under way",
}


def change_text(task: Task, at: datetime, zone: tzinfo) -> str:
    """Such as `09:12:31  cf-... org/space/cache: under way (in-progress), 1/2 nodes`."""
    word = _WORDS.get(task.phase, task.phase.value)
    if task.phase is Phase.UNDER_WAY and task.stop_is_asked:
        word = "stopping"
    reason = f" {task.reason.value}" if task.reason else ""
    said = f" ({task.aws_says})" if task.aws_says and task.aws_says != task.phase.value else ""
    nodes = f", {task.nodes_updated}/{task.subject.nodes} nodes" if task.nodes_updated is not None else ""
    return visible(f"{at.astimezone(zone):%H:%M:%S}  {named(task.subject)}: {word}{reason}{said}{nodes}")


def trouble_text(trouble: str, at: datetime, zone: tzinfo) -> str:
    return visible(f"{at.astimezone(zone):%H:%M:%S}  AWS's listing is missing, and is asked for again: {trouble}")
