"""A picture of the project: what each command reads and leaves."""

from .flow import FLOW


def architecture(*reports: object) -> str:
    """A mermaid flowchart, which GitHub draws."""
    paths = dict.fromkeys(path for flow in FLOW.values() for side in flow for path in side)
    lines = [f'{_node(path)}[("{path}")]' for path in paths]
    lines += [f'{command}["{__package__.split(".")[0]} {command}"]' for command in FLOW]
    for command, (reads, leaves) in FLOW.items():
        lines.append(f"{' & '.join(map(_node, reads))} --> {command}")
        lines += [f"{command} --> {' & '.join(map(_node, leaves))}"] if leaves else []
    return "\n    ".join(["```mermaid\nflowchart LR", *lines]) + "\n```"


def _node(path: str) -> str:
    return path.replace("/", "_").replace(".", "_")
