"""What a tutor knows and does: curriculum, chain, citations, sessions, store.

Knows nothing of Gradio, HTTP or Chroma.
"""

__version__ = "0.1.0"
