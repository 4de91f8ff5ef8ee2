// The books of a Vendor: offers, checks, deliveries and notices (QP-ADD-03, QP-SAFE-004, QP-ADD-28).
#include <map>
#include <utility>

#include "conformance/judges/money.hpp"

namespace quickpay::conformance {

namespace {

struct Sale {
  Element ref;            ///< of the offer
  std::string commit_id;  ///< of the answer to CheckCommit
  std::string delivery_id;
  std::string delivered_at;
  std::string notice;  ///< MsgId of RegisterDelivery
};

class VendorBooks final : public MoneyJudge {
 public:
  using MoneyJudge::MoneyJudge;

 private:
  void iut_answers(const Seen& seen) override {
    if (seen.code != "QP-OK") {
      return;
    }
    if (seen.message == "GetOrder") {
      const Element* order = at(seen.document, "Body/Offer/Order");
      if (order != nullptr) {
        sales_[key_of(*order)].ref = order_ref_of(*order);
      }
    } else if (seen.message == "RequestOrderDelivery") {
      delivered(seen);
    }
  }

  void delivered(const Seen& seen) {
    const Element* ref = at(seen.asked, "Body/Endorsement/OrderRef");
    if (ref == nullptr) {
      return;
    }
    Sale& sale = sales_[key_of(*ref)];
    const std::string id = text_at(seen.document, "Body/DeliveryId");
    const std::string when = text_at(seen.document, "Body/DeliveredAt");
    if (sale.delivery_id.empty()) {
      sale.delivery_id = id;
      sale.delivered_at = when;
    }
    same(seen, "DeliveryId", sale.delivery_id, id);
    same(seen, "DeliveredAt", sale.delivered_at, when);
  }

  /// The first word of this run on a sale of another one has to be believed.
  static void learn(const Seen& seen, const Element& ref, Sale& sale) {
    if (sale.ref.name.empty()) {
      sale.ref = ref;
    }
    if (sale.commit_id.empty()) {
      sale.commit_id = text_at(seen.document, "Body/CommitId");
    }
  }

  void iut_is_answered(const Seen& seen) override {
    if (seen.message == "CheckCommit" && seen.code == "QP-OK") {
      if (const Element* ref = at(seen.asked, "Body/OrderRef")) {
        sales_[key_of(*ref)].commit_id = text_at(seen.document, "Body/CommitId");
      }
    }
  }

  void iut_asks(const Seen& seen) override {
    const Element* ref = at(seen.document, "Body/OrderRef");
    if (ref == nullptr) {
      return;
    }
    Sale& sale = sales_[key_of(*ref)];
    if (seen.unknown) {
      learn(seen, *ref, sale);
    }
    same(seen, "its own copy of the order", sale.ref.name.empty() ? std::string() : to_xml(sale.ref), to_xml(*ref));
    if (seen.message != "RegisterDelivery") {
      return;
    }
    same(seen, "CommitId", sale.commit_id, text_at(seen.document, "Body/CommitId"));
    if (sale.notice.empty()) {
      sale.notice = msg_id_of(seen.index);
    }
    same(seen, "one notice an order, MsgId", sale.notice, msg_id_of(seen.index));
    if (sale.delivery_id.empty()) {  // the notice may overtake the goods
      sale.delivery_id = text_at(seen.document, "Body/DeliveryId");
      sale.delivered_at = text_at(seen.document, "Body/DeliveredAt");
    }
    same(seen, "DeliveryId", sale.delivery_id, text_at(seen.document, "Body/DeliveryId"));
    same(seen, "DeliveredAt", sale.delivered_at, text_at(seen.document, "Body/DeliveredAt"));
  }

  std::map<std::string, Sale> sales_;
};

}  // namespace

std::shared_ptr<MoneyJudge> make_vendor_books(std::shared_ptr<const Exchanges> exchanges) {
  return std::make_shared<VendorBooks>(std::move(exchanges));
}

}  // namespace quickpay::conformance
