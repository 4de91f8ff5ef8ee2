#include "conformance/suites/shopper.hpp"

#include <fmt/format.h>

namespace quickpay::conformance {

namespace {
constexpr std::int64_t kPurchaseMs = 8000;
}

IutResult<CallId> Shopper::begin(const char* operation, const std::string& confirm, const std::string& vendor, std::size_t item) {
  world_.user_may("open-link");
  if (confirm == "yes") {
    world_.user_may("confirm");
  }
  const std::string from = vendor.empty() ? world_.cast().vendor : vendor;
  return session_.iut().begin(operation,
                              {{"vendor", from}, {"item", fmt::format("article-{}", item + 1)}, {"confirm", confirm}},
                              kPurchaseMs);
}

IutResult<CallId> Shopper::begin(const std::string& confirm, const std::string& vendor, std::size_t item) {
  return begin("pay-micro", confirm, vendor, item);
}

IutResult<CallId> Shopper::begin_link(const std::string& link) {
  world_.user_may("open-link");
  world_.user_may("confirm");
  return session_.iut().begin("pay-micro", {{"link", link}, {"confirm", "yes"}}, kPurchaseMs);
}

IutResult<CallId> Shopper::begin_regular(const std::string& confirm) { return begin("pay-regular", confirm, {}, 0); }

IutResult<Outcome> Shopper::finish(const IutResult<CallId>& call) {
  if (!call) {
    return tl::unexpected(call.error());
  }
  return session_.iut().finish(*call);
}

IutResult<Outcome> Shopper::buy(const std::string& confirm, const std::string& vendor, std::size_t item) {
  return finish(begin(confirm, vendor, item));
}

IutResult<CallId> Shopper::begin_again(const std::string& ref) {
  world_.user_may("try-again");
  return session_.iut().begin("try-again", {{"ref", ref}}, kPurchaseMs);
}

IutResult<Outcome> Shopper::try_again(const std::string& ref) { return finish(begin_again(ref)); }

IutResult<Outcome> Shopper::activate(const std::string& paycard) {
  return session_.iut().act("activate-paycard", {{"paycard", paycard}});
}

void Shopper::calm() {
  for (const PlayerPlan& player : world_.plan().players) {
    if (Peer* peer = world_.peer(player.id)) {
      peer->set_down(false);
      peer->clear_script();
      peer->release();
    }
  }
}

bool Shopper::buys() {
  calm();
  return is_accepted(buy());
}

bool Shopper::buys_regular() {
  calm();
  return is_accepted(buy_regular());
}

std::optional<std::size_t> Shopper::delivered(std::size_t from, const std::string& label) {
  return world_.wait_fenced(from, [&](const Entry& entry) {
    return entry.mutation == label || (entry.kind == EntryKind::failure && entry.summary == label);
  });
}

std::optional<std::size_t> Shopper::attempt(std::string_view message, std::size_t n, std::size_t from) {
  const auto fits = [&](const Entry& entry) { return entry.by_iut && entry.kind == EntryKind::request && entry.message == message; };
  return world_.wait_fenced(from, fits, n);
}

std::string Shopper::again(std::string_view message, std::size_t first) {
  const auto second = attempt(message, 1);
  const auto& entries = session_.transcript().entries();
  return !second ? "no second attempt" : entries[*second].body == entries[first].body ? kSameBytes : "other bytes";
}

std::string outcome_text(const IutResult<Outcome>& outcome) {
  if (!outcome) {
    return outcome.error().what.empty() ? std::string("no reply") : outcome.error().what;
  }
  switch (outcome->kind) {
    case OutcomeKind::accepted:
      return "accepted";
    case OutcomeKind::pending:
      return "pending";
    case OutcomeKind::rejected:
      break;
  }
  return "rejected: " + std::string(name_of(outcome->reason.value_or(RejectReason::unspecified)));
}

bool is_accepted(const IutResult<Outcome>& outcome) { return outcome && outcome->kind == OutcomeKind::accepted; }
bool is_rejected(const IutResult<Outcome>& outcome) { return outcome && outcome->kind == OutcomeKind::rejected; }

}  // namespace quickpay::conformance
