"""The live view: who is heard of, what has changed, and the streams that tell it."""
