"""Runs the examples of one lesson and writes down what each printed; started by run.py with the lessons' own Python.

Knows nothing of the tutor, of markdown or of what an example should print: only the standard library is imported.

    python -u lesson_worker.py TASK.json RESULT.jsonl

TASK.json: {"path": the lesson, "blocks": [{"section", "line", "code"}]}. RESULT.jsonl: for each block one line
{"line", "output", "error"}; error is the traceback, empty when the block ran.
"""

import json
import linecache
import os
import sys
import tempfile
import traceback
import types


def main(task_file: str, result_file: str) -> None:
    """Run the blocks in order; those of one section share a module, a new section gets a new one and a new folder."""
    with open(task_file, encoding="utf-8") as file:
        task = json.load(file)
    _show_source(task)
    section = module = None
    with open(result_file, "a", encoding="utf-8") as results:
        for block in task["blocks"]:
            if block["section"] != section:
                section, module = block["section"], types.ModuleType("__main__")
                os.chdir(tempfile.mkdtemp(dir=os.path.dirname(os.path.abspath(task_file))))
            output, error = run(block, task["path"], module)
            results.write(json.dumps({"line": block["line"], "output": output, "error": error}) + "\n")
            results.flush()


def _show_source(task: dict) -> None:
    """Make tracebacks and inspect.getsource read the lesson's code at the lesson's line numbers."""
    lines: list[str] = []
    for block in task["blocks"]:
        lines += ["\n"] * (block["line"] - 1 - len(lines)) + block["code"].splitlines(keepends=True)
    linecache.cache[task["path"]] = (sum(map(len, lines)), None, lines, task["path"])


def run(block: dict, path: str, module: types.ModuleType) -> tuple[str, str]:
    """Run one block; what Python and child processes print on standard output is caught at the file descriptor."""
    sys.modules["__main__"] = module
    sys.stdout.flush()
    kept = os.dup(1)
    error = ""
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 1)
        try:
            code = compile("\n" * (block["line"] - 1) + block["code"], path, "exec", dont_inherit=True)
            exec(code, module.__dict__)
        except SystemExit as stop:
            error = "" if stop.code in (None, 0) else f"SystemExit: {stop.code}"
        except Exception:  # noqa: BLE001  # whatever an example raises is its result
            error = _traceback(path)
        finally:
            sys.stdout.flush()
            os.dup2(kept, 1)
            os.close(kept)
        caught.seek(0)
        return caught.read().decode("utf-8", "replace"), error


def _traceback(path: str) -> str:
    kind, value, trace = sys.exc_info()
    frames = traceback.extract_tb(trace)
    own = next((i for i, frame in enumerate(frames) if frame.filename == path), 0)
    shown = traceback.StackSummary.from_list(frames[own:]).format() + traceback.format_exception_only(kind, value)
    return "".join(shown)


if __name__ == "__main__":
    main(*sys.argv[1:])
