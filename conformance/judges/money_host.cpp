// The books of a Host: one case an order, and the first registration of a kind stands (QP-ADD-06, QP-ROLE-013).
#include <map>
#include <utility>

#include "conformance/judges/money.hpp"

namespace quickpay::conformance {

namespace {

class HostBooks final : public MoneyJudge {
 public:
  using MoneyJudge::MoneyJudge;

 private:
  void iut_answers(const Seen& seen) override {
    const Element* ref = at(seen.asked, "Body/OrderRef");
    if (seen.code != "QP-OK" || ref == nullptr) {
      return;
    }
    const std::string sender = text_at(seen.asked, "Head/Sender");
    const std::string broker = seen.message == "RegisterCommit" ? sender : text_at(seen.asked, "Body/Broker");
    const std::string group = broker + to_xml(*ref);
    const std::string number = text_at(seen.document, "Body/CaseNo");
    same(seen, "CaseNo of the case", cases_.try_emplace(group, number).first->second, number);
    const std::string outcome = text_at(seen.asked, "Body/Outcome") == "not-received" ? "no" : "yes";
    const std::string registration = group + std::string(seen.message) + sender + outcome;
    const std::string when = text_at(seen.document, "Body/RegisteredAt");
    same(seen, "RegisteredAt of the first registration", times_.try_emplace(registration, when).first->second, when);
  }

  std::map<std::string, std::string> cases_;
  std::map<std::string, std::string> times_;
};

}  // namespace

std::shared_ptr<MoneyJudge> make_host_books(std::shared_ptr<const Exchanges> exchanges) {
  return std::make_shared<HostBooks>(std::move(exchanges));
}

}  // namespace quickpay::conformance
