"""Serve the pages with the scripted tutor, to look at them: python -m tests.serve_scripted [port] [pace]."""

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")


def main() -> None:
    import uvicorn

    from tests.scripted_tutor import ScriptedTutor
    from tutor.curriculum import load
    from tutor.settings import Settings, shipped_curricula
    from tutor.store import open_store
    from ui.app import create_app

    port = int(sys.argv[1]) if len(sys.argv) > 1 else 7999
    pace = float(sys.argv[2]) if len(sys.argv) > 2 else 0.03
    data = Path(tempfile.mkdtemp())
    tutor = ScriptedTutor(open_store(f"sqlite:///{data / 't.sqlite3'}"), load([shipped_curricula()]), pace)
    uvicorn.run(create_app(tutor, Settings(data=data)), host="127.0.0.1", port=port, log_level="warning")  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
