#include "tools/killtables/broken_ledger.hpp"

namespace quickpay::killtables {
namespace {

using View = std::string_view;
using Done = ledger::Result<void>;

class BrokenLedger final : public sim::MemoryLedger {
 public:
  explicit BrokenLedger(LedgerCall lost) : lost_(lost) {}

  Done flush() override { return lost_ == LedgerCall::flush ? Done{} : MemoryLedger::flush(); }
  Done put(const ledger::Record& record) override {
    return lost_ == LedgerCall::put ? Done{} : MemoryLedger::put(record);
  }
  Done put_answer(View path, View sender, View id, const ledger::StoredAnswer& answer) override {
    return lost_ == LedgerCall::put_answer ? Done{} : MemoryLedger::put_answer(path, sender, id, answer);
  }
  Done put_call(const ledger::Call& call) override {
    return lost_ == LedgerCall::put_call ? Done{} : MemoryLedger::put_call(call);
  }
  Done erase_call(View id) override { return lost_ == LedgerCall::erase_call ? Done{} : MemoryLedger::erase_call(id); }
  Done put_parked(const ledger::Parked& parked) override {
    return lost_ == LedgerCall::put_parked ? Done{} : MemoryLedger::put_parked(parked);
  }
  Done erase_parked(View machine, View key) override {
    return lost_ == LedgerCall::erase_parked ? Done{} : MemoryLedger::erase_parked(machine, key);
  }
  Done put_timer(const ledger::Timer& timer) override {
    return lost_ == LedgerCall::put_timer ? Done{} : MemoryLedger::put_timer(timer);
  }
  Done erase_timer(View machine, View key, View name) override {
    return lost_ == LedgerCall::erase_timer ? Done{} : MemoryLedger::erase_timer(machine, key, name);
  }

 private:
  LedgerCall lost_;
};

}  // namespace

View name_of(LedgerCall call) {
  static constexpr std::array<View, 10> kNames = {"none",       "flush",        "put",       "put_answer", "put_call",
                                                  "erase_call", "put_parked",   "erase_parked", "put_timer", "erase_timer"};
  return kNames[static_cast<std::size_t>(call)];
}

std::unique_ptr<ledger::Ledger> make_broken_ledger(LedgerCall call) { return std::make_unique<BrokenLedger>(call); }

}  // namespace quickpay::killtables
