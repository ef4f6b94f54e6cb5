"""What is answered when something goes wrong: a page for people, JSON for programs.

Knows nothing of what may go wrong where; an error brings its own sentence.
"""

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from tutor.errors import Forbidden, NotFound, SignInNeeded, StoreError, TutorError
from ui.frame import page
from ui.sign_in import login_address
from ui.texts import text

STATUS = {NotFound: 404, Forbidden: 403, StoreError: 503}


def add_refusals(app: FastAPI) -> None:
    """Answer our own errors, a missing sign-in, those of the protocol and the unexpected ones."""

    @app.exception_handler(TutorError)
    def told(request: Request, error: TutorError) -> Response:
        request.state.refusal = error.code
        status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)
        return _answer(request, status, str(error))

    @app.exception_handler(SignInNeeded)
    def nobody(request: Request, error: SignInNeeded) -> Response:
        state = request.app.state
        opens = request.method == "GET" and "text/html" in request.headers.get("accept", "")
        if state.closed and state.signs_in and opens and not request.query_params.get("panel"):
            return RedirectResponse(login_address(request), 303)
        request.state.refusal = error.code
        return _answer(request, 401, text("error.closed") if state.closed else str(error))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        missing = error.status_code in {404, 405}
        return _answer(request, error.status_code, text("error.missing") if missing else text("error.title"))

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        # Starlette logs it with its traceback after this answer.
        return _answer(request, 500, text("error.internal"))


def _answer(request: Request, status: int, message: str) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"error": message}, status)
    root = request.scope.get("root_path", "")
    html = page("error.html", title=text("error.title"), message=message, base=f"{root}/", itself=request.url.path)
    return HTMLResponse(html, status)
