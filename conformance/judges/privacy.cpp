#include "conformance/judges/privacy.hpp"

#include <fmt/format.h>

#include <utility>

namespace quickpay::conformance {

namespace {

bool holds(const Entry& entry, const std::string& canary) {
  if (entry.body.find(canary) != std::string::npos || entry.path.find(canary) != std::string::npos) {
    return true;
  }
  for (const auto& [name, value] : entry.headers) {
    if (name.find(canary) != std::string::npos || value.find(canary) != std::string::npos) {
      return true;
    }
  }
  return false;
}

/// The text as it stands in a document.
std::string escaped(const std::string& text) {
  const std::string xml = to_xml(leaf("A", text));
  const std::size_t begin = xml.find('>') + 1;
  return xml.substr(begin, xml.rfind("</") - begin);
}

}  // namespace

PrivacyJudge::PrivacyJudge(std::shared_ptr<const Exchanges> exchanges)
    : Judge("privacy"), exchanges_(std::move(exchanges)) {}

void PrivacyJudge::forbid(World& world, std::size_t index, const Entry& entry, const std::string& canary,
                          const char* what) {
  if (!canary.empty() && holds(entry, canary)) {
    violation(world, index, fmt::format("no {} in a message to a {}", what, role_of(entry.to)), canary,
              Reason::forbidden_message);
  }
}

void PrivacyJudge::on_entry(World& world, std::size_t index) {
  const Entry entry = world.session().transcript().entries()[index];
  if (entry.kind != EntryKind::request && entry.kind != EntryKind::response) {
    return;
  }
  const Facts& facts = exchanges_->of(index);
  for (const char* path : {"Body/BuyerSecret", "Body/Offer/Salt"}) {
    const std::string secret = text_at(facts.document, path);
    if (!secret.empty()) {
      secrets_.insert(secret);
    }
  }
  if (!entry.by_iut) {
    return;
  }
  judged();
  if (role_of(entry.to) == "vendor") {
    to_vendor(world, index, entry, facts);
  } else if (role_of(entry.to) == "broker" || role_of(entry.to) == "host") {
    to_others(world, index, entry);
  }
}

void PrivacyJudge::to_vendor(World& world, std::size_t index, const Entry& entry, const Facts& facts) {
  for (const std::string& wallet : {world.cast().wallet, world.cast().other_wallet}) {
    if (wallet != entry.from || world.is_iut(wallet)) {
      forbid(world, index, entry, wallet, "WalletId");
      forbid(world, index, entry, wallet.substr(wallet.empty() ? 0 : 1), "WalletId");
    }
  }
  for (const char* header : {"Cookie", "From", "Authorization", "Referer"}) {
    HttpMessage message;
    message.headers = entry.headers;
    if (!message.header(header).empty()) {
      violation(world, index, "no header that recurs", header, Reason::forbidden_message);
    }
  }
  if (world.plan().role != "wallet") {
    return;
  }
  if (at(facts.document, "Body/Paycard") != nullptr) {
    violation(world, index, "no Paycard in a message to a vendor", "Paycard", Reason::forbidden_message);
  }
  const std::string tag = text_at(facts.document, "Body/BuyerTag");
  if (!tag.empty() && tags_.try_emplace(tag, entry.msg_id).first->second != entry.msg_id) {
    violation(world, index, "a fresh BuyerTag for every order", tag);
  }
  const std::string secret = text_at(facts.document, "Body/BuyerSecret");
  if (!secret.empty() && tags_.try_emplace(secret, entry.order).first->second != entry.order) {
    violation(world, index, "a fresh BuyerSecret for every order", secret);
  }
}

void PrivacyJudge::to_others(World& world, std::size_t index, const Entry& entry) {
  for (const ItemPlan& item : world.plan().items) {
    forbid(world, index, entry, escaped(item.text), "ItemText");
  }
  for (const std::string& secret : secrets_) {
    forbid(world, index, entry, secret, "secret of Wallet and Vendor");
  }
}

}  // namespace quickpay::conformance
