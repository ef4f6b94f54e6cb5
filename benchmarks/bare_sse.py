"""A bare FastAPI event stream, the least that a chat's server can do: python -m benchmarks.bare_sse PORT TOKENS PAUSE.

Knows nothing of lessons or questions.
"""

import asyncio
import sys
from collections.abc import AsyncIterator


def main() -> None:
    """Serve /chat: one status, then so many tokens with so many seconds between them."""
    port, tokens, pause = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    import uvicorn
    from fastapi import FastAPI
    from fastapi.responses import StreamingResponse

    app = FastAPI()

    async def answer() -> AsyncIterator[str]:
        yield "event: status\ndata: thinking\n\n"
        for number in range(tokens):
            await asyncio.sleep(pause)
            yield f"event: token\ndata: word{number} \n\n"

    @app.get("/chat")
    async def chat(question: str) -> StreamingResponse:
        return StreamingResponse(answer(), media_type="text/event-stream")

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    main()
