// What an onlooker knows about the orders of a session, and which predicates of the machines follow from it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/judges/machine_monitor.hpp"
#include "conformance/peers/world.hpp"

namespace quickpay::conformance {

/// What passed on the wire about one order.
struct OrderFactsSeen {
  Element order;                        ///< of the offer; without name: not seen
  std::string buyer_tag;                ///< asked for in GetOrder
  std::vector<Element> inquiries;       ///< documents of InquiryPayment
  std::vector<Element> endorsements;    ///< from answers to them
  std::vector<std::int64_t> check_bys;  ///< of these, milliseconds
  bool inquiry_open = false;            ///< an inquiry has no answer yet
};

/// Bits of a request that arrives at a Vendor, Broker or Host.
KnownBits bits_of_request(const statemachines::MachineTable& table, std::string_view message, const Element& request,
                          const OrderFactsSeen& seen);

/// Bits of an answer that arrives at a Wallet. `asked`: the request it belongs to.
KnownBits bits_of_answer(const statemachines::MachineTable& table, const World& world, std::string_view message,
                         const Element& asked, const Element& answer, const OrderFactsSeen& seen, bool order_id_known);

/// An offer passes every check that GetOrder demands of a Wallet.
bool offer_is_right(const World& world, const Element& asked, const Element& answer, bool order_id_known);

}  // namespace quickpay::conformance
