"""A Gradio chat as the guide to Blocks shows it, nothing set: python -m benchmarks.untuned_gradio PORT TOKENS PAUSE.

Knows nothing of lessons or questions.
"""

import sys
import time
from collections.abc import Iterator
from typing import Any


def main() -> None:
    """Serve a chat that says so many tokens with so many seconds between them."""
    port, tokens, pause = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    import gradio as gr

    def chat(message: str, history: list[Any]) -> Iterator[list[Any]]:
        said = ""
        for number in range(tokens):
            time.sleep(pause)
            said += f"word{number} "
            yield [*history, {"role": "user", "content": message}, {"role": "assistant", "content": said}]

    with gr.Blocks() as page:
        chatbot = gr.Chatbot()
        message = gr.Textbox()
        message.submit(chat, [message, chatbot], [chatbot])
    page.launch(server_name="127.0.0.1", server_port=port, quiet=True)


if __name__ == "__main__":
    main()
