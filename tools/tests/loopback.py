"""Addresses for the players of a test."""
import os


def own_network() -> str:
    """Addresses that no other run of this test on the machine uses: 127.x.y."""
    pid = os.getpid()
    return f"127.{100 + pid // 250 % 100}.{1 + pid % 250}."
