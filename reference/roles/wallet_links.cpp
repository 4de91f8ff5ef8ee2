#include "reference/roles/wallet_links.hpp"

#include "reference/roles/fields.hpp"

namespace quickpay::roles {

bool WalletLinks::wait(std::string_view machine, const std::string& key, const UserInput& input) {
  const Directory& directory = stage_.facts.directory;
  if (!directory.asks_about(input.vendor)) return false;
  if (stage_.store.list(kLinkMachine, "", kMaxLinksWaiting).size() == kMaxLinksWaiting) return false;
  ledger::Record link{std::string(kLinkMachine), key, "WAITING", {}, {}};
  link.fields = {{"machine", std::string(machine)}, {"vendor", input.vendor}, {"item", input.item}};
  set_number(link, "quantity", input.quantity);
  stage_.store.put(link);
  return true;
}

std::vector<WaitingLink> WalletLinks::take(std::string_view vendor) {
  std::vector<WaitingLink> taken;
  for (const ledger::Record& link : stage_.store.list(kLinkMachine, "", kMaxLinksWaiting)) {
    if (field(link, "vendor") != vendor) continue;
    UserInput input;
    input.vendor = vendor;
    input.item = field(link, "item");
    input.quantity = number(link, "quantity").value_or(1);
    taken.push_back({std::string(field(link, "machine")), link.key, std::move(input)});
    stage_.store.erase(kLinkMachine, link.key);
  }
  return taken;
}

bool WalletLinks::drop(std::string_view key) {
  if (!stage_.store.find(kLinkMachine, key)) return false;
  stage_.store.erase(kLinkMachine, key);
  return true;
}

void WalletLinks::want_vendors() {
  for (const ledger::Record& link : stage_.store.list(kLinkMachine, "", kMaxLinksWaiting)) {
    stage_.facts.directory.asks_about(field(link, "vendor"));
  }
}

}  // namespace quickpay::roles
