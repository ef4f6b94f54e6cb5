"""What a person sees and what another system calls: pages, the Ask page, the server.

Knows nothing of Chroma or of SQL.
"""
