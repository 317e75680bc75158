"""The generator of what each candidate does once or in a rhythm: a process of its own on uvloop and httptools.

It imports nothing of the service. It reads a plan from a file, opens its connections, prints `ready`, waits for the
moment (seconds since the epoch) on its standard input, and prints what happened as one line of JSON.
"""
