#!/usr/bin/env python3
"""The adapter of the Python Vendor: QPAP/1 on stdin and stdout, the product in a process of its own.

usage: vendor.py [--inline]      --inline: goods are always sent inside the message, wherever an item could be fetched
"""
import sys

from quickpay.serving import Adapter
from quickpay.user import KEYS, VENDOR

INLINE = "--inline" in sys.argv[1:]
HELLO = {"impl": {"name": "QuickPay Python Vendor", "version": "1.0"}, "roles": ["vendor"], "profiles": ["F", "H"],
         "protocols": ["micropayment", "settlement", "regular", "revoke", "registration", "keys"], "clock": "virtual", "fence": True,
         "max_sessions": 1, "observes": ["orders", "claims", "state"], "features": {"location": not INLINE, "look-ups": True}}

Adapter(HELLO, {"settle-with-broker": lambda args: ("run-batches", {}),
                "withdraw": lambda args: ("withdraw", {"order": args["order"]}),
                "revoke": lambda args: ("revoke", {"order": args["order"], "reason": args.get("reason", "other")}),
                "contest": lambda args: ("contest", {"order": args["order"]})},
        {**KEYS, **VENDOR}, {"inline": INLINE}).run()
