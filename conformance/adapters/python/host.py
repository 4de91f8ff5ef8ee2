#!/usr/bin/env python3
"""The adapter of the Python Host: QPAP/1 on stdin and stdout, the product in a process of its own."""
from quickpay.serving import Adapter

HELLO = {"impl": {"name": "QuickPay Python Host", "version": "1.0"}, "roles": ["host"], "profiles": ["F", "H"],
         "protocols": ["micropayment", "communication", "settlement", "regular", "revoke", "administration",
                       "registration", "keys"], "clock": "virtual",
         "fence": True, "max_sessions": 1, "observes": ["cases", "verdicts", "state"]}

Adapter(HELLO, {"suspend": lambda args: ("suspend", {}), "resume": lambda args: ("resume", {})}).run()
