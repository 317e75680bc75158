"""The parts of a run, a file each: what they yield are figures."""
