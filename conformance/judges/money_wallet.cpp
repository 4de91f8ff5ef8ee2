// The books of a Wallet: it inquires what was offered, brings what was endorsed, and registers what arrived
// (QP-SAFE-001, QP-MP-008, QP-MP-012).
#include <map>
#include <utility>
#include <vector>

#include "conformance/judges/money.hpp"
#include "conformance/peers/digest.hpp"

namespace quickpay::conformance {

namespace {

struct Purchase {
  Element order;
  std::vector<Element> endorsements;
  std::vector<std::string> deliveries;         ///< DeliveryIds that arrived
  bool goods_right = false;                    ///< what the order promised has arrived, or may have by a Location
  std::map<std::string, std::string> notices;  ///< Outcome → MsgId
};

class WalletBooks final : public MoneyJudge {
 public:
  using MoneyJudge::MoneyJudge;

 private:
  void iut_is_answered(const Seen& seen) override {
    if (seen.code != "QP-OK") {
      return;
    }
    if (seen.message == "GetOrder") {
      const Element* order = at(seen.document, "Body/Offer/Order");
      purchases_.try_emplace(key_of(*order), Purchase{*order, {}, {}, false, {}});
    } else if (seen.message == "InquiryPayment") {
      purchases_[key_of(*at(seen.asked, "Body/OrderRef"))].endorsements.push_back(
          *at(seen.document, "Body/Endorsement"));
    } else if (seen.message == "RequestOrderDelivery") {
      arrived(seen, purchases_[key_of(*at(seen.asked, "Body/Endorsement/OrderRef"))]);
    }
  }

  static void arrived(const Seen& seen, Purchase& purchase) {
    purchase.deliveries.push_back(text_at(seen.document, "Body/DeliveryId"));
    const Element* content = at(seen.document, "Body/Content");
    const std::string promised = text_at(purchase.order, "ContentHash");
    const auto goods = bytes_of_base64(text_at(seen.document, "Body/Content/Data"));
    purchase.goods_right =
        purchase.goods_right || content == nullptr || promised.empty() || (goods && sha256_of(*goods) == promised);
  }

  void iut_asks(const Seen& seen) override {
    if (seen.message == "GetOrder") {
      return;
    }
    const bool delivery = seen.message == "RequestOrderDelivery";
    const Element* ref = at(seen.document, delivery ? "Body/Endorsement/OrderRef" : "Body/OrderRef");
    const auto found = purchases_.find(key_of(*ref));
    if (found == purchases_.end()) {
      return;  // the machine's matter
    }
    Purchase& purchase = found->second;
    same(seen, "the order as it was offered", to_xml(order_ref_of(purchase.order)), to_xml(*ref));
    if (delivery) {
      brings(seen, purchase);
    } else if (seen.message == "RegisterOrder") {
      registers(seen, purchase);
    }
  }

  void brings(const Seen& seen, const Purchase& purchase) {
    const Element& brought = *at(seen.document, "Body/Endorsement");
    const bool given = std::count(purchase.endorsements.begin(), purchase.endorsements.end(), brought) != 0;
    if (!given) {
      violation(seen.world, seen.index, "the Endorsement as the Broker gave it", "another one");
    }
    const std::string secret = text_at(seen.document, "Body/BuyerSecret");
    if (!secret.empty()) {
      same(seen, "the pre-image of BuyerTag", text_at(purchase.order, "BuyerTag"), buyer_tag(secret));
    }
  }

  void registers(const Seen& seen, Purchase& purchase) {
    const std::string id = text_at(seen.document, "Body/EndorsementId");
    bool known = false;
    for (const Element& endorsement : purchase.endorsements) {
      known = known || text_at(endorsement, "EndorsementId") == id;
    }
    if (!known) {
      violation(seen.world, seen.index, "the EndorsementId of the order", id);
    }
    const std::string outcome = text_at(seen.document, "Body/Outcome");
    const std::string delivery = text_at(seen.document, "Body/DeliveryId");
    if (outcome != "not-received" && !purchase.goods_right) {
      violation(seen.world, seen.index, "no reception before the goods that were ordered", "received",
                Reason::forbidden_message);
    }
    if (!delivery.empty() && std::count(purchase.deliveries.begin(), purchase.deliveries.end(), delivery) == 0) {
      violation(seen.world, seen.index, "a DeliveryId that arrived", delivery);
    }
    const std::string& msg_id = msg_id_of(seen.index);
    const std::string kind = outcome == "not-received" ? outcome : "received";
    if (kind == "received") {
      same(seen, "one notice of reception, MsgId", purchase.notices.try_emplace(kind, msg_id).first->second, msg_id);
    }
  }

  std::map<std::string, Purchase> purchases_;
};

}  // namespace

std::shared_ptr<MoneyJudge> make_wallet_books(std::shared_ptr<const Exchanges> exchanges) {
  return std::make_shared<WalletBooks>(std::move(exchanges));
}

}  // namespace quickpay::conformance
