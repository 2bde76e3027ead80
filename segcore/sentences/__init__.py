"""What the system says, each sentence once: plain numbers and small tables in, plain text out.

Notebooks, reports and mails call the same functions; ``**`` marks what stands out.
"""
