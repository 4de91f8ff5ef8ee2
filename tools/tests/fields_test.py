"""No message of a payment has a place for a person, a login or an account: the fields that can hold free text are these and no others.

usage: fields_test.py [unittest arguments]; reads the intermediate form of the specification.
"""
import copy
import json
import pathlib
import sys
import unittest

IR = json.loads(pathlib.Path("spec/quickpay-1.0/generated/ir.json").read_text())
PROTOCOL = "micropayment"
FREE = {"Text", "Word", "Url", "B64"}             # types that bound what is written only by its length
BUYERS = {"WalletId", "PaycardId", "RoleId"}      # types that name who buys
#: Everything else that a payment carries is a number, a time, a code, a digest or an identifier that somebody drew.
KNOWN = {
    "GetOrder.Item", "GetOrder.Offer.ItemText", "ConfirmOrder.ItemText",                     # what is bought
    "GetOrder.VendorName", "ConfirmOrder.VendorName",                                        # who sells it
    "GetOrder.VendorState", "RequestOrderDelivery.VendorState",                              # the Vendor's, given back to it
    "InquiryPayment.PaycardToken", "InquiryPayment.PaycardAnswer",                           # between a Paycard and its Broker
    "RequestOrderDelivery.Content.Data", "RequestOrderDelivery.Content.MediaType", "RequestOrderDelivery.Location.Url",  # the goods
}


def leaves(ir, fields, path):
    """(path, type) of each leaf below these fields."""
    structs = {struct["id"]: struct["fields"] for struct in ir["structs"]}
    for field in fields:
        here = f"{path}.{field['id']}"
        if field["max"] == 0:  # of the general head, and absent here
            continue
        if field.get("is_struct"):
            yield from leaves(ir, structs[field["type"]], here)
        else:
            yield here, field["type"]


def of(ir, message, side):
    return leaves(ir, message[side]["body"], message["id"])


def payment(ir):
    return [message for message in ir["messages"] if message["protocol"] == PROTOCOL]


def free(ir):
    """Fields of a payment's messages that can hold free text; extensions and the text of an error stand in every message."""
    return {path for message in payment(ir) for side in ("request", "response") for path, kind in of(ir, message, side)
            if kind in FREE and ".Ext." not in path and ".Status." not in path}


def names_of_buyers(ir):
    """Fields of requests to Vendors that name a player, but for that which names the Vendor itself."""
    heads = {struct["id"]: struct["fields"] for struct in ir["structs"]}
    for message in payment(ir):
        if message["from"] == ["wallet"] and message["to"] == "vendor":
            yield from (path for path, kind in leaves(ir, heads[message["request"]["head"]], message["id"] + ".Head")
                        if kind in BUYERS and not path.endswith(".Receiver"))
            yield from (path for path, kind in of(ir, message, "request") if kind in BUYERS)


def with_field(message, field):
    """The specification with one more field in the request of a message."""
    ir = copy.deepcopy(IR)
    next(one for one in ir["messages"] if one["id"] == message)["request"]["body"].append(field)
    return ir


class Fields(unittest.TestCase):
    # QP-ANON-005, QP-ANON-011, QP-ANON-012, QP-ANON-015, QP-GEN-011, QP-SEC-011
    def test_a_payment_has_no_place_for_a_person_a_login_or_an_account(self):
        self.assertEqual(free(IR), KNOWN)

    # QP-ANON-003, QP-ANON-012
    def test_no_message_to_a_vendor_names_the_buyer(self):
        self.assertGreaterEqual(len([m for m in payment(IR) if m["from"] == ["wallet"] and m["to"] == "vendor"]), 2)
        self.assertEqual(list(names_of_buyers(IR)), [])

    def test_a_place_for_a_login_is_found(self):
        ir = with_field("InquiryPayment", {"id": "Password", "type": "Word", "min": 0, "max": 1, "max_bytes": 32})
        self.assertEqual(free(ir) - KNOWN, {"InquiryPayment.Password"})

    def test_a_buyer_that_is_named_is_found(self):
        ir = with_field("GetOrder", {"id": "Buyer", "type": "WalletId", "min": 0, "max": 1})
        self.assertEqual(list(names_of_buyers(ir)), ["GetOrder.Buyer"])


if __name__ == "__main__":
    unittest.main()
