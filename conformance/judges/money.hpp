// Judge (c): what was endorsed, committed, delivered and registered agrees, on the wire and where the implementation
// can be looked into.
#pragma once

#include <memory>
#include <string_view>

#include "conformance/judges/exchanges.hpp"
#include "conformance/judges/judge.hpp"

namespace quickpay::conformance {

/// Hands each valid message of the implementation, and each answer to it that counts, to the books of one role.
class MoneyJudge : public Judge {
 public:
  explicit MoneyJudge(std::shared_ptr<const Exchanges> exchanges);
  void on_entry(World& world, std::size_t entry) final;

 protected:
  struct Seen {
    World& world;
    std::size_t index;
    const Element& document;
    const Element& asked;  ///< answers: the request
    std::string_view message;
    std::string_view code;  ///< answers
    bool repeat = false;    ///< answer to a repeated request
    bool unknown = false;   ///< about an order of another run: only what is said of it in this one can be compared
  };
  virtual void iut_asks(const Seen&) {}         ///< a request of the implementation, first time or retry
  virtual void iut_answers(const Seen&) {}      ///< an answer of the implementation
  virtual void iut_is_answered(const Seen&) {}  ///< an answer that counts arrives at the implementation
  /// Emits a violation unless the two are equal.
  void same(const Seen& seen, std::string_view what, const std::string& expected, const std::string& got);
  static std::string key_of(const Element& ref);
  /// The MsgId of a request of the implementation; of one that was written anew that of the first.
  const std::string& msg_id_of(std::size_t entry) const { return exchanges_->of(entry).original; }

 private:
  std::shared_ptr<const Exchanges> exchanges_;
};

std::shared_ptr<MoneyJudge> make_money_judge(std::shared_ptr<const Exchanges> exchanges, std::string_view role);

// One a role; each in a file of its own.
std::shared_ptr<MoneyJudge> make_broker_books(std::shared_ptr<const Exchanges> exchanges);
std::shared_ptr<MoneyJudge> make_vendor_books(std::shared_ptr<const Exchanges> exchanges);
std::shared_ptr<MoneyJudge> make_wallet_books(std::shared_ptr<const Exchanges> exchanges);
std::shared_ptr<MoneyJudge> make_host_books(std::shared_ptr<const Exchanges> exchanges);

}  // namespace quickpay::conformance
