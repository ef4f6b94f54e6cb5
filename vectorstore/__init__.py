"""Section documents in, passages out: splitting, embedding, indexing and search.

Knows nothing of learners, quizzes, settings or pages; takes LangChain Documents and plain arguments.
"""
