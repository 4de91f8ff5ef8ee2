// A Broker under a script: inquiries, checks, and what goes wrong around them.
#include "fuzz/core/player.hpp"
#include "fuzz/core/when.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/reader.hpp"
#include "reference/codec/writer.hpp"
#include "reference/paycard/paycard.hpp"

namespace quickpay::fuzz {
namespace {

namespace micro = msg::micro;

const std::string kSecret = "a secret";

roles::NodeConfig config() {
  roles::NodeConfig made;
  made.role = "broker";
  made.protocols = {"micropayment"};
  made.id = "B7";
  made.currencies = {"USD", "EUR"};
  made.accounts = {{"one", 500, 0, "USD"}, {"two", 500, 0, "EUR"}};
  made.bindings = {{"W" + std::string(32, '1'), "P1", "one", kSecret},
                   {"W" + std::string(32, '2'), "P2", "two", kSecret}};
  made.decline_above = 400;
  made.max_open = 3;
  return made;
}

class BrokerPlayer : public Player {
 public:
  explicit BrokerPlayer(const Sabotage& sabotage) : Player(config(), make_broker_oracle, sabotage) {}

 private:
  /// a: two bits name the order, the next three what is odd about it. Wallet 1 pays in USD, Wallet 2 in EUR.
  static msg::OrderRef ref(const Operation& operation) {
    const unsigned number = operation.a % 4, odd = operation.a / 4 % 8;
    const bool other = (operation.b & 1) != 0;
    msg::OrderRef made{msg::Kind::micro,
                       "V1001",
                       "order-" + std::to_string(number),
                       100 + 60 * number,
                       other ? "EUR" : "USD",
                       "2026-11-22T12:15:00Z",
                       std::string(64, 'd')};
    if (odd == 2) made.currency = "JPY";
    if (odd == 3) made.vendor = "V9999";
    if (odd == 4) made.amount = 450;
    if (odd == 5) made.vendor = "V1002";
    if (odd == 6) made.currency = other ? "USD" : "EUR";
    if (odd == 7) made.amount += 1;
    return made;
  }

  /// b: 1 the other Wallet, 2 a wrong token, 4 the other's Paycard, 8 the last inquiry again. c: 1 from another
  /// address.
  void first(const Operation& operation) override {
    const bool other = (operation.b & 1) != 0;
    micro::InquiryPayment inquiry;
    inquiry.head = head("W" + std::string(32, other ? '2' : '1'), "B7");
    inquiry.body.paycard = ((operation.b & 4) != 0) != other ? "P2" : "P1";
    inquiry.body.order_ref = ref(operation);
    const msg::Token token{*inquiry.head.sender, inquiry.body.paycard, inquiry.head.msg_id, inquiry.body.order_ref};
    inquiry.body.paycard_token = paycard::make_token((operation.b & 2) != 0 ? "wrong" : kSecret, token);
    const std::string address = other != ((operation.c & 1) != 0) ? "127.0.4.2" : "127.0.4.1";
    request(micro::kInquiryPaymentMessage, &inquiry, address, (operation.b & 8) != 0);
  }

  /// b: 1 the other Vendor asks, 2 about the order that a names, 4 the last check again. c: of which Endorsement.
  void second(const Operation& operation) override {
    const bool other = (operation.b & 1) != 0;
    micro::CheckCommit check;
    check.head = head(other ? "V1002" : "V1001", "B7");
    const std::size_t which = operation.c % (endorsements_.size() + 1);
    const bool known = which < endorsements_.size();
    check.body.endorsement_id = known ? endorsements_[which].endorsement_id : id();
    check.body.order_ref = known && (operation.b & 2) == 0 ? endorsements_[which].order_ref : ref(operation);
    request(micro::kCheckCommitMessage, &check, other ? "127.0.3.2" : "127.0.3.1", (operation.b & 4) != 0);
  }

  void toggle(const Operation& operation) override {
    const bool off = (operation.b & 1) != 0;
    switch (operation.a % 5) {
      case 0:
        return directory_.hide("V1001", off);
      case 1:
        return put_player("V1001", "vendor", "127.0.3.1", !off);
      case 2:
        oracle_->block("P1", off);
        static_cast<void>(node_->block_paycard("P1", off));
        return;
      case 3:
        return directory_.hide("W" + std::string(32, '1'), off);
      case 4:
        return off ? directory_.remove("V1001") : put_player("V1001", "vendor", "127.0.3.1", true);
    }
  }

  std::string ok_body(const roles::OutgoingCall& call) override {
    micro::RegisterCommitResponse answer;
    answer.head = answer_head(call);
    answer.body.status.code = std::string(protocol::QP_OK);
    answer.body.case_no = std::string("1");
    answer.body.registered_at = spell(clock_.now);
    return codec::write_document(*micro::kRegisterCommitMessage.response, &answer);
  }

  void saw(const roles::Answer& answer) override {
    const auto read = codec::read<micro::InquiryPaymentResponse>(answer.body, *micro::kInquiryPaymentMessage.response);
    if (!read || !read->body.endorsement) return;
    if (endorsements_.size() == kMaxRemembered) endorsements_.erase(endorsements_.begin());
    endorsements_.push_back(*read->body.endorsement);
  }

  std::vector<msg::Endorsement> endorsements_;
};

}  // namespace

std::unique_ptr<Player> make_broker(const Sabotage& sabotage) { return std::make_unique<BrokerPlayer>(sabotage); }

}  // namespace quickpay::fuzz
