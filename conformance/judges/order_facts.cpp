#include "conformance/judges/order_facts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/peers/digest.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kLongestOrderMs = 24LL * 3600 * 1000;

bool matches_order(const Element& request, const OrderFactsSeen& seen) {
  const Element* ref = at(request, "Body/Endorsement/OrderRef");
  const std::string secret = text_at(request, "Body/BuyerSecret");
  return ref != nullptr && *ref == order_ref_of(seen.order) &&
         (secret.empty() || buyer_tag(secret) == text_at(seen.order, "BuyerTag"));
}

bool any_inquiry_has(const OrderFactsSeen& seen, const Element& ref) {
  return std::any_of(seen.inquiries.begin(), seen.inquiries.end(), [&](const Element& inquiry) {
    const Element* asked = at(inquiry, "Body/OrderRef");
    return asked != nullptr && *asked == ref;
  });
}

/// Certain only where one inquiry and one endorsement are all there is.
void terms(const statemachines::MachineTable& table, const Element& request, const OrderFactsSeen& seen,
           KnownBits& bits) {
  const Element* ref = at(request, "Body/OrderRef");
  const std::string id = text_at(request, "Body/EndorsementId");
  if (ref == nullptr) {
    return;
  }
  if (!any_inquiry_has(seen, *ref)) {
    bits.set(table, "terms_equal", false);
    return;
  }
  const auto endorsed = [&](const Element& endorsement) { return text_at(endorsement, "EndorsementId") == id; };
  const bool known = std::any_of(seen.endorsements.begin(), seen.endorsements.end(), endorsed);
  if (!known && !seen.inquiry_open) {
    bits.set(table, "terms_equal", false);
  } else if (known && seen.inquiries.size() == 1 && seen.endorsements.size() == 1) {
    bits.set(table, "terms_equal", true);
  }
}

void same_content(const statemachines::MachineTable& table, const Element& request, const OrderFactsSeen& seen,
                  KnownBits& bits) {
  const auto content = [](const Element& inquiry) {
    Element all =
        branch("content", {leaf("w", text_at(inquiry, "Head/Sender")), leaf("p", text_at(inquiry, "Body/Paycard"))});
    if (const Element* ref = at(inquiry, "Body/OrderRef")) {
      all.children.push_back(*ref);
    }
    return all;
  };
  const Element mine = content(request);
  const bool all_equal = std::all_of(seen.inquiries.begin(), seen.inquiries.end(),
                                     [&](const Element& other) { return content(other) == mine; });
  if (all_equal) {
    bits.set(table, "same_content", true);
  }
}

bool location_is_allowed(const World& world, const std::string& url, const std::string& vendor) {
  const PlayerPlan* player = world.plan().player(vendor);
  if (player == nullptr) {
    return false;
  }
  const std::string authority = fmt::format("http://{}:{}", player->address, player->port);
  return url.rfind(authority, 0) == 0 &&
         (url.size() == authority.size() || url[authority.size()] == '/' || url[authority.size()] == '?');
}

}  // namespace

KnownBits bits_of_request(const statemachines::MachineTable& table, std::string_view message, const Element& request,
                          const OrderFactsSeen& seen) {
  KnownBits bits;
  if (message == "RequestOrderDelivery" && !seen.order.name.empty()) {
    bits.set(table, "order_matches", matches_order(request, seen));
  } else if (message == "CheckCommit") {
    bits.set(table, "sender_is_vendor", text_at(request, "Head/Sender") == text_at(request, "Body/OrderRef/Vendor"));
    terms(table, request, seen, bits);
  } else if (message == "InquiryPayment") {
    same_content(table, request, seen, bits);
  } else if (message == "RegisterDelivery") {
    bits.set(table, "sender_is_vendor", text_at(request, "Head/Sender") == text_at(request, "Body/OrderRef/Vendor"));
  }
  return bits;
}

bool offer_is_right(const World& world, const Element& asked, const Element& answer, bool order_id_known) {
  const Element* offer = at(answer, "Body/Offer");
  if (offer == nullptr || order_id_known) {
    return false;
  }
  const auto order = [&](const char* field) { return text_at(*offer, std::string("Order/") + field); };
  const std::int64_t life = time_of(order("Expires")) - time_of(order("Created"));
  const auto& currencies = world.plan().currencies;
  return order("Kind") == text_at(asked, "Body/Kind") && order("BuyerTag") == text_at(asked, "Body/BuyerTag") &&
         order("Vendor") == text_at(asked, "Head/Receiver") &&
         order("ItemHash") == item_hash(text_at(*offer, "Salt"), text_at(*offer, "ItemText")) && life > 0 &&
         life <= kLongestOrderMs && std::count(currencies.begin(), currencies.end(), order("Currency")) != 0;
}

KnownBits bits_of_answer(const statemachines::MachineTable& table, const World& world, std::string_view message,
                         const Element& asked, const Element& answer, const OrderFactsSeen& seen, bool order_id_known) {
  KnownBits bits;
  if (message == "GetOrder") {
    bits.set(table, "offer_right", offer_is_right(world, asked, answer, order_id_known));
  } else if (message == "InquiryPayment") {
    const Element* ref = at(answer, "Body/Endorsement/OrderRef");
    const Element* mine = at(asked, "Body/OrderRef");
    bits.set(table, "endorsement_right",
             ref != nullptr && mine != nullptr && *ref == *mine &&
                 text_at(answer, "Body/Endorsement/Broker") == text_at(asked, "Head/Receiver"));
  } else if (message == "RequestOrderDelivery") {
    const bool inline_goods = at(answer, "Body/Content") != nullptr;
    bits.set(table, "content_inline", inline_goods);
    const std::string promised = text_at(seen.order, "ContentHash");
    const auto goods = bytes_of_base64(text_at(answer, "Body/Content/Data"));
    if (inline_goods && !seen.order.name.empty()) {
      bits.set(table, "goods_right", promised.empty() || (goods && sha256_of(*goods) == promised));
    } else if (!inline_goods) {
      bits.set(table, "location_allowed",
               location_is_allowed(world, text_at(answer, "Body/Location/Url"), text_at(asked, "Head/Receiver")));
    }
  }
  return bits;
}

}  // namespace quickpay::conformance
