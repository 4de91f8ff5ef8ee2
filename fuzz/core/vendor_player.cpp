// A Vendor under a script: orders, deliveries, a Broker that says yes, no, or nothing.
#include "fuzz/core/player.hpp"
#include "fuzz/core/when.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/reader.hpp"
#include "reference/codec/writer.hpp"
#include "reference/crypto/hash.hpp"

namespace quickpay::fuzz {
namespace {

namespace micro = msg::micro;

const std::string kBuyerSecret(32, '7');
constexpr std::int64_t kSettleMs = protocol::T_settle_default * kSecond;

roles::NodeConfig config() {
  roles::NodeConfig made;
  made.role = "vendor";
  made.protocols = {"micropayment"};
  made.id = "V1001";
  made.currencies = {"USD"};
  made.items = {{"item-0", "Zero", 100, "USD", "text/plain", "goods 0", true, {}},
                {"item-1", "One", 200, "USD", "text/plain", "goods 1", false, "http://127.0.3.1/goods"},
                {"item-2", "Two", 900, "USD", "text/plain", "goods 2", false, {}}};
  made.brokers_accepted = {"B7"};
  made.receipt_from = 800;
  return made;
}

class VendorPlayer : public Player {
 public:
  explicit VendorPlayer(const Sabotage& sabotage) : Player(config(), make_vendor_oracle, sabotage) {}

 private:
  /// a: the item. b: two bits name a Broker or none, 8 the last question again.
  void first(const Operation& operation) override {
    micro::GetOrder asked;
    asked.head = head("", "V1001");
    asked.body.item = "item-" + std::to_string(operation.a % 4);
    if (operation.b % 4 == 1) asked.body.broker = "B7";
    if (operation.b % 4 == 2) asked.body.broker = "B8";
    const msg::Buyer buyer{kBuyerSecret};
    asked.body.buyer_tag = crypto::digest("buyer", "Buyer", msg::kBuyerType, &buyer);
    request(micro::kGetOrderMessage, &asked, "127.0.4.1", (operation.b & 8) != 0);
  }

  /// a: the order. b: 1 another amount, 2 a wrong BuyerSecret, 4 none, 8 another Broker, 16 the last request again.
  /// c: two bits make the EndorsementId.
  void second(const Operation& operation) override {
    micro::RequestOrderDelivery wanted;
    wanted.head = head("", "V1001");
    msg::OrderRef ref{msg::Kind::micro, "V1001", "no-order", 100, "USD", "2026-11-22T12:15:00Z", std::string(64, 'd')};
    if (!orders_.empty()) ref = orders_[operation.a % orders_.size()];
    if ((operation.b & 1) != 0) ref.amount += 1;
    wanted.body.endorsement = {(operation.b & 8) != 0 ? "B8" : "B7", std::string(32, "0123"[operation.c % 4]), ref,
                               "2026-11-22T12:00:01Z", "2026-11-22T12:02:01Z"};
    if ((operation.b & 4) == 0) wanted.body.buyer_secret = (operation.b & 2) != 0 ? std::string(32, '8') : kBuyerSecret;
    request(micro::kRequestOrderDeliveryMessage, &wanted, "127.0.4.1", (operation.b & 16) != 0);
  }

  void toggle(const Operation& operation) override {
    const bool off = (operation.b & 1) != 0;
    switch (operation.a % 3) {
      case 0:
        return directory_.hide("B7", off);
      case 1:
        return put_player("B7", "broker", "127.0.2.1", !off);
      case 2:
        return off ? directory_.remove("B7") : put_player("B7", "broker", "127.0.2.1", true);
    }
  }

  std::string ok_body(const roles::OutgoingCall& call) override {
    return call.message == "CheckCommit" ? committed(call) : registered(call);
  }

  std::string committed(const roles::OutgoingCall& call) {
    micro::CheckCommitResponse answer;
    answer.head = answer_head(call);
    answer.body.status.code = std::string(protocol::QP_OK);
    answer.body.commit_id = id();
    answer.body.committed_at = spell(clock_.now);
    answer.body.settle_by = spell(clock_.now + kSettleMs);
    return codec::write_document(*micro::kCheckCommitMessage.response, &answer);
  }

  std::string registered(const roles::OutgoingCall& call) {
    micro::RegisterDeliveryResponse answer;
    answer.head = answer_head(call);
    answer.body.status.code = std::string(protocol::QP_OK);
    answer.body.case_no = std::string("1");
    answer.body.registered_at = spell(clock_.now);
    return codec::write_document(*micro::kRegisterDeliveryMessage.response, &answer);
  }

  void saw(const roles::Answer& answer) override {
    const auto read = codec::read<micro::GetOrderResponse>(answer.body, *micro::kGetOrderMessage.response);
    if (!read || !read->body.offer) return;
    const msg::Order& made = read->body.offer->order;
    if (orders_.size() == kMaxRemembered) orders_.erase(orders_.begin());
    orders_.push_back({made.kind, made.vendor, made.order_id, made.amount, made.currency, made.expires,
                       crypto::digest("order", "Order", msg::kOrderType, &made)});
  }

  std::vector<msg::OrderRef> orders_;
};

}  // namespace

std::unique_ptr<Player> make_vendor(const Sabotage& sabotage) { return std::make_unique<VendorPlayer>(sabotage); }

}  // namespace quickpay::fuzz
