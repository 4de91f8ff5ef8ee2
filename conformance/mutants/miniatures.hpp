// Broken in every scenario alike: who says yes to everything, does nothing, refuses what follows, or comes too late.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "reference/roles/deviation.hpp"

namespace quickpay::conformance::mutants {

inline constexpr std::chrono::milliseconds kTooLate{7000};  ///< more than the runner waits for any answer

/// Answers QP-OK to what it has to refuse, with the results of the last request of that kind that was right.
class AcceptsEverything final : public roles::Deviation {
 public:
  /// `path`: of the one message meant; empty: of all.
  explicit AcceptsEverything(std::string path = {}) : path_(std::move(path)) {}
  bool rewrite_answer(std::string_view path, roles::Answer& answer) override;

 private:
  std::string path_;
  std::map<std::string, std::string, std::less<>> last_;  ///< Body of the last QP-OK by path; as many as messages
};

/// Does nothing of what it acknowledges.
class OnlySaysSo final : public roles::Deviation {
 public:
  void override_effects(const statemachines::MachineTable& table, std::string_view row,
                        std::vector<statemachines::EffectId>& effects) override;
};

/// Takes longer for every message than anybody waits, and serves nobody meanwhile.
class ReactsTooLate final : public roles::Deviation {
 public:
  bool rewrite_answer(std::string_view path, roles::Answer& answer) override;
  bool rewrite_outgoing(roles::OutgoingCall& call) override;
};

/// Lets the first message of a purchase or of the mail pass and refuses all that follow.
class RefusesWhatFollows final : public roles::Deviation {
 public:
  bool rewrite_answer(std::string_view path, roles::Answer& answer) override;
};

}  // namespace quickpay::conformance::mutants
