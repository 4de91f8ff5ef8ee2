#include "conformance/judges/entries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/leaf.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kValidMs = (protocol::T_dir_default + protocol::T_dir_stale_default) * 1000;
constexpr std::string_view kWholeAddress = "32";  // sessions have addresses of IPv4 alone

/// All elements of that name, as they are written; in any order they say the same.
std::string all_of(const Element& entry, std::string_view name) {
  std::multiset<std::string> found;
  for (const Element& one : entry.children) {
    if (one.name == name) {
      found.insert(to_xml(one));
    }
  }
  std::string text;
  for (const std::string& one : found) {
    text += one;
  }
  return text;
}

/// A currency may be listed with its exponent.
Element without_exponents(Element entry) {
  for (Element& one : entry.children) {
    std::erase_if(one.children, [](const Element& each) { return each.name == "Exponent"; });
  }
  return entry;
}

/// Likewise of elements that are not in an entry.
std::string written(std::vector<Element> elements, std::string_view name) {
  return all_of(branch("Entry", std::move(elements)), name);
}

/// What a Wallet's entry may hold.
bool of_a_wallet(const Element& one) {
  static const std::set<std::string_view> kAllowed = {"Role", "Id", "State", "Key", "Net", "IssuedAt", "ValidTo", "Sig"};
  return kAllowed.count(one.name) != 0;
}

}  // namespace

std::size_t room_for_keys() { return codec::field_named(msg::kEntryType, "Key")->max; }

std::vector<Element> listed_keys(const WorldPlan& plan, const std::string& player) {
  std::vector<Element> keys;
  for (const SigningKeyPlan& key : plan.signing_keys) {
    if (key.player != player || !key.listed) {
      continue;
    }
    std::vector<Element> fields = {leaf("KeyId", sha256_of(key.spki)), leaf("PubKey", base64_of(key.spki)), leaf("Usage", key.usage),
                                   leaf("NotBefore", key.not_before), leaf("NotAfter", key.not_after)};
    if (!key.withdrawn_from.empty()) {
      fields.push_back(leaf("WithdrawnFrom", key.withdrawn_from));
    }
    keys.push_back(branch("Key", std::move(fields)));
  }
  return keys;
}

std::vector<Element> listed_places(const WorldPlan& plan, const std::string& player) {
  const PlayerPlan* known = plan.player(player);
  if (known == nullptr || known->address.empty()) {
    return {};
  }
  if (known->role == "wallet") {
    return {branch("Net", {leaf("Addr", known->address), leaf("Prefix", std::string(kWholeAddress))})};
  }
  std::vector<Element> places;
  std::vector<Address> all = {{known->address, known->port}};
  all.insert(all.end(), known->more_places.begin(), known->more_places.end());
  for (const Address& place : all) {
    places.push_back(branch("Endpoint", {leaf("Addr", place.address), leaf("Port", std::to_string(place.port))}));
  }
  return places;
}

std::vector<Element> listed_terms(const PlayerPlan& player) {
  std::vector<Element> told;
  for (const std::string& source : player.sources) {
    told.push_back(leaf("SourceAddr", source));
  }
  for (const std::string& code : player.terms.currencies) {
    told.push_back(branch("Currency", {leaf("Code", code), leaf("Active", "yes")}));
  }
  if (player.terms.commission_bp) {
    told.push_back(leaf("CommissionBp", std::to_string(*player.terms.commission_bp)));
  }
  for (const auto& [product, version] : player.terms.oldest_paycards) {
    told.push_back(branch("MinPaycard", {leaf("Product", product), leaf("Version", version)}));
  }
  return told;
}

std::vector<Difference> differences(const WorldPlan& plan, const Element& entry) {
  std::vector<Difference> found;
  const auto compare = [&](const char* what, const std::string& expected, const std::string& got) {
    if (expected != got) {
      found.push_back({what, expected, got});
    }
  };
  const std::string id = text_at(entry, "Id");
  compare("keys", written(listed_keys(plan, id), "Key"), all_of(entry, "Key"));
  const PlayerPlan* player = plan.player(id);
  if (player == nullptr) {
    return found;  // the Host itself
  }
  compare("State", player->removed ? "removed" : player->suspended ? "suspended" : "live", text_at(entry, "State"));
  compare("Name", player->role == "wallet" ? std::string() : player->name, text_at(entry, "Name"));
  const char* place = player->role == "wallet" ? "Net" : "Endpoint";
  compare(place, written(listed_places(plan, id), place), all_of(entry, place));
  for (const char* told : {"SourceAddr", "Currency", "CommissionBp", "MinPaycard"}) {
    compare(told, written(listed_terms(*player), told), all_of(without_exponents(entry), told));
  }
  return found;
}

void EntriesJudge::on_entry(World& world, std::size_t index) {
  const Entry& entry = world.session().transcript().entries()[index];
  if (entry.kind != EntryKind::response || !entry.by_iut) {
    return;
  }
  const Facts& facts = exchanges_->of(index);
  if (facts.http || !facts.read.valid() || !facts.request || protocol_of(facts.message) != "administration") {
    return;
  }
  judged();
  const Facts& asked = exchanges_->of(*facts.request);
  const Element* given = at(facts.document, "Body/Entry");
  if (given == nullptr || !asked.breach.empty()) {
    return;
  }
  const Given seen{world, index, asked.document, *given};
  about_who_was_asked(seen);
  for (const Difference& one : differences(world.plan(), *given)) {
    same(seen, one.what.c_str(), one.expected, one.got);
  }
  if (!asked.repeat) {  // a repeated answer is as old as the first
    in_time(seen);
  }
  if (!signature_right(world.plan(), world.cast().host, *given)) {
    violation(world, index, "a signature of the Host, purpose directory", "another one");
  }
}

void EntriesJudge::same(const Given& given, const char* what, const std::string& expected, const std::string& got) {
  if (expected != got) {
    violation(given.world, given.index, fmt::format("{} {}", what, expected.empty() ? "absent" : expected),
              got.empty() ? "absent" : got);
  }
}

void EntriesJudge::about_who_was_asked(const Given& given) {
  same(given, "Role", text_at(given.asked, "Body/Role"), text_at(given.entry, "Role"));
  if (const std::string id = text_at(given.asked, "Body/Id"); !id.empty()) {
    same(given, "Id", id, text_at(given.entry, "Id"));
  } else {
    Element place = *at(given.asked, "Body/Endpoint");
    const std::string all = all_of(given.entry, "Endpoint");
    if (all.find(to_xml(place)) == std::string::npos) {
      same(given, "Endpoint", to_xml(place), all);
    }
  }
  if (text_at(given.asked, "Body/Role") != "wallet") {
    return;
  }
  const PlayerPlan* wallet = given.world.plan().player(text_at(given.entry, "Id"));
  if (wallet == nullptr || wallet->ticket.empty() || wallet->ticket != text_at(given.asked, "Body/Ticket")) {
    violation(given.world, given.index, "nothing of a Wallet without its ticket", text_at(given.entry, "Id"), Reason::forbidden_message);
  }
  for (const Element& one : given.entry.children) {
    if (!of_a_wallet(one)) {
      violation(given.world, given.index, "State, keys and addresses of a Wallet", one.name, Reason::forbidden_message);
    }
  }
}

void EntriesJudge::in_time(const Given& given) {
  const std::int64_t issued = time_of(text_at(given.entry, "IssuedAt"));
  const std::int64_t valid = time_of(text_at(given.entry, "ValidTo"));
  if (issued > given.world.now_ms()) {
    violation(given.world, given.index, "IssuedAt not after now", text_at(given.entry, "IssuedAt"));
  }
  if (valid - issued != kValidMs) {
    violation(given.world, given.index, fmt::format("ValidTo {} s after IssuedAt", kValidMs / 1000), text_at(given.entry, "ValidTo"));
  }
  std::string& last = issued_[text_at(given.entry, "Id")];
  if (!last.empty() && issued < time_of(last)) {
    violation(given.world, given.index, "IssuedAt not before that of the entry before, " + last, text_at(given.entry, "IssuedAt"));
  }
  last = text_at(given.entry, "IssuedAt");
}

}  // namespace quickpay::conformance
