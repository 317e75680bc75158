"""Which device has a lease: by its name, or by its name and a secret that it alone has."""

import hashlib

SEPARATOR = " "
"""In no device's name, so that no name reads like that of a device with a secret."""


def lease_name(device_id: str, secret: str | None) -> str:
    """What the lease keeps of a device: its name, with the SHA-256 over name and secret if it has one.

    Devices are the same when these are equal. Who knows the name alone is then another device.
    """
    if secret is None:
        return device_id
    return device_id + SEPARATOR + hashlib.sha256(f"{device_id}{SEPARATOR}{secret}".encode()).hexdigest()
