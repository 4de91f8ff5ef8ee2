#!/usr/bin/env python3
"""The adapter of the Python Broker: QPAP/1 on stdin and stdout, the product in a process of its own."""
from quickpay.serving import Adapter
from quickpay.user import BROKER, KEYS

HELLO = {"impl": {"name": "QuickPay Python Broker", "version": "1.0"}, "roles": ["broker"], "profiles": ["F", "H"],
         "protocols": ["micropayment", "settlement", "regular", "revoke", "paycard", "registration", "keys"], "clock": "virtual", "fence": True,
         "max_sessions": 1,
         "observes": ["orders", "balance", "book", "state"], "features": {"look-ups": True}}

Adapter(HELLO, {"block-paycard": lambda args: ("block", {"paycard": args["paycard"],
                                                         "blocked": args.get("blocked", True)}),
                "suspend": lambda args: ("suspend", {}), "resume": lambda args: ("resume", {})}, {**KEYS, **BROKER}).run()
