#include "conformance/mutants/fault_keys.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "conformance/mutants/rewrite.hpp"
#include "reference/roles/node.hpp"
#include "statemachines/step/effects.hpp"

namespace quickpay::conformance::mutants {

namespace {

using roles::Deviation;

bool is(std::string_view path, std::string_view end) {
  return path.size() > end.size() && path.substr(path.size() - end.size()) == end;
}

/// Which key a change is signed with: the last KeyId of the request, behind that of the proof.
std::string_view signer_of(std::string_view body) {
  const std::size_t proof_end = body.find("</Key>");
  return proof_end == std::string_view::npos ? std::string_view{} : text_of(body.substr(proof_end), "KeyId");
}

/// A key that was taken back by a message still vouches for the next one.
class RollsOverByWithdrawnKeys final : public Deviation {
 public:
  void see_request(std::string_view path, std::string_view body) override {
    if (is(path, "/withdraw-key")) withdrawn_.insert(std::string(text_of(body, "KeyId")));
    by_withdrawn_ = is(path, "/publish-key") && withdrawn_.count(std::string(signer_of(body))) != 0;
  }
  bool override_predicate(std::string_view machine, std::string_view predicate, bool value) override {
    const bool about = machine == "host.keys" && (predicate == "signer_good" || predicate == "change_signed");
    return value || (about && by_withdrawn_);
  }

 private:
  std::set<std::string> withdrawn_;  // of one session of a test
  bool by_withdrawn_ = false;
};

/// The first From stays, however early a later one is.
class KeepsTheFirstWithdrawal final : public Deviation {
 public:
  void see_request(std::string_view path, std::string_view body) override {
    again_ = is(path, "/withdraw-key") && !withdrawn_.insert(std::string(text_of(body, "KeyId"))).second;
  }
  void override_effects(const statemachines::MachineTable& table, std::string_view,
                        std::vector<statemachines::EffectId>& effects) override {
    const auto keep = effect_id(table, "perform withdraw-key");
    if (keep && again_) std::erase(effects, *keep);
  }

 private:
  std::set<std::string> withdrawn_;
  bool again_ = false;
};

/// Entries say the From of the last withdrawal, and nothing of keys that were withdrawn before.
class ShowsTheLastFrom final : public Deviation {
 public:
  void see_request(std::string_view path, std::string_view body) override {
    if (is(path, "/withdraw-key")) from_ = std::string(text_of(body, "From"));
  }
  bool rewrite_answer(std::string_view path, roles::Answer& answer) override {
    if (is(path, "/lookup-player") && !from_.empty()) {
      answer.body = with_element(std::move(answer.body), "WithdrawnFrom", "<WithdrawnFrom>" + from_ + "</WithdrawnFrom>");
    }
    return true;
  }

 private:
  std::string from_;
};

bool of_player(std::string_view machine) {
  return machine == "broker.keys" || machine == "vendor.keys" || machine == "wallet.keys";
}

/// The ReplyKey and the Nonce of its first question are those of all.
class AsksUnderOneKey final : public Deviation {
 public:
  void override_effects(const statemachines::MachineTable& table, std::string_view,
                        std::vector<statemachines::EffectId>& effects) override {
    const auto choose = effect_id(table, "perform choose-reply-key"), forget = effect_id(table, "perform forget-reply-key");
    if (!of_player(table.id) || !choose || !forget) return;
    std::erase(effects, *forget);
    if (std::find(effects.begin(), effects.end(), *choose) == effects.end()) return;
    if (chosen_) std::erase(effects, *choose);
    chosen_ = true;
  }

 private:
  bool chosen_ = false;
};

}  // namespace

std::unique_ptr<Deviation> keys_deviation(std::string_view id) {
  if (id == "asks-under-one-key") return std::make_unique<AsksUnderOneKey>();
  if (id == "rolls-over-by-withdrawn-keys") return std::make_unique<RollsOverByWithdrawnKeys>();
  if (id == "keeps-the-first-withdrawal") return std::make_unique<KeepsTheFirstWithdrawal>();
  if (id == "shows-the-last-withdrawal") return std::make_unique<ShowsTheLastFrom>();
  return nullptr;
}

}  // namespace quickpay::conformance::mutants
