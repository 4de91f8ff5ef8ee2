// The user of a reference Wallet who adds Paycards: answers the Broker's questions, and knows how it ended.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/reference_adapter/purchases.hpp"
#include "reference/paycard/linked.hpp"

namespace quickpay::conformance {

/// The Paycards that the fixtures let the user add: the reference Paycard, in this process, for the file that they name.
struct CardFiles {
  std::vector<roles::NewPaycardConfig> products;
  std::unique_ptr<paycard::LinkedCard> port;  ///< null: there are none
};
/// Reads `new_paycards` of the fixtures. The error names what is wrong.
tl::expected<CardFiles, std::string> card_files_of(const OrderedJson& fixtures);

class Additions {
 public:
  explicit Additions(const mutants::Manners& manners) : manners_(manners) {}

  /// The node that acts now; changes when the product restarts.
  void attach(daemon::Daemon* daemon) { daemon_ = daemon; }
  void on_event(const roles::UserEvent& event);

  /// Begins `add-paycard` with its arguments. The key under which it goes on, or the reason why it never began.
  tl::expected<std::string, std::string> begin(const OrderedJson& args);
  bool knows(const std::string& adding) const { return additions_.count(adding) != 0; }
  /// Nothing while it goes on.
  std::optional<PurchaseEnd> end_of(const std::string& adding) const;

 private:
  struct Addition {
    bool gives_up = false;                              ///< when the questions come
    std::map<std::string, std::string> answers;         ///< by prompt
    std::vector<std::pair<std::int64_t, std::string>> posed;  ///< number and prompt of the questions that came so far
    std::optional<PurchaseEnd> end;
  };
  void answer(const std::string& adding, Addition& addition);

  const mutants::Manners& manners_;
  daemon::Daemon* daemon_ = nullptr;
  std::map<std::string, Addition> additions_;
};

}  // namespace quickpay::conformance
