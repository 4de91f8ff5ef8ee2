// The judge of entries: an honest Host passes, and each way in which an entry can be wrong is seen.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "conformance/judges/entries.hpp"
#include "conformance/judges/tests/tape.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"

namespace quickpay::conformance::tests {
namespace {

/// A Host that is asked for a Vendor or a Wallet and gives what a test says.
struct Desk {
  Tape tape{"host", "administration"};
  const Cast& cast = tape.cast();
  const WorldPlan& plan = tape.world().plan();

  Element right(const std::string& id, const std::string& issued = "2026-11-22T12:00:00Z",
                const std::string& valid = "2026-11-30T12:00:00Z") {
    const bool wallet = role_of(id) == "wallet";
    Element entry = branch("Entry", {leaf("Role", std::string(role_of(id))), leaf("Id", id), leaf("State", "live")});
    const auto add = [&](const std::vector<Element>& elements) {
      entry.children.insert(entry.children.end(), elements.begin(), elements.end());
    };
    if (!wallet) {
      entry.children.push_back(leaf("Name", plan.player(id)->name));
      add(listed_places(plan, id));
    }
    add(listed_keys(plan, id));
    if (wallet) add(listed_places(plan, id));
    entry.children.push_back(leaf("IssuedAt", issued));
    entry.children.push_back(leaf("ValidTo", valid));
    return entry;
  }
  Element signed_entry(Element entry) { return signed_by(plan, cast.host, std::move(entry)); }

  void gives(const std::string& id, Element entry, std::string ticket = {}) {
    std::vector<Element> body = {leaf("Role", std::string(role_of(id))), leaf("Id", id)};
    if (role_of(id) == "wallet") body.push_back(leaf("Ticket", ticket.empty() ? plan.player(id)->ticket : ticket));
    const auto exchange =
        tape.request(cast.broker, cast.host, request_of("LookupPlayer", tape.head(cast.broker, cast.host), std::move(body)));
    tape.response(exchange, tape.answer(exchange, "QP-OK", {std::move(entry)}));
  }
  Verdict verdict() { return tape.verdicts().at("entries"); }
};

TEST(EntriesJudge, LetsAnHonestHostPass) {
  Desk desk;
  desk.gives(desk.cast.vendor, desk.signed_entry(desk.right(desk.cast.vendor)));
  desk.gives(desk.cast.wallet, desk.signed_entry(desk.right(desk.cast.wallet)));
  EXPECT_EQ(desk.verdict(), Verdict::pass) << desk.tape.finding("entries");
}

// QP-ROLE-009, QP-ADD-18
TEST(EntriesJudge, SeesWhatIsWrong) {
  using Change = std::function<void(Desk&, Element&)>;
  const std::pair<const char*, Change> wrongs[] = {
      {"another player", [](Desk& d, Element& e) { set_text(e, "Id", d.cast.other_vendor); }},
      {"another role", [](Desk&, Element& e) { set_text(e, "Role", "broker"); }},
      {"removed", [](Desk&, Element& e) { set_text(e, "State", "removed"); }},
      {"another name", [](Desk&, Element& e) { set_text(e, "Name", "Elsewhere"); }},
      {"another place", [](Desk&, Element& e) { set_text(e, "Endpoint/Port", "9"); }},
      {"another key", [](Desk&, Element& e) { set_text(e, "Key/KeyId", std::string(64, 'a')); }},
      {"no key", [](Desk&, Element& e) { std::erase_if(e.children, [](const Element& one) { return one.name == "Key"; }); }},
      {"from tomorrow", [](Desk&, Element& e) { set_text(e, "IssuedAt", "2026-11-23T12:00:00Z"), set_text(e, "ValidTo", "2026-12-01T12:00:00Z"); }},
      {"for too long", [](Desk&, Element& e) { set_text(e, "ValidTo", "2026-12-30T12:00:00Z"); }}};
  for (const auto& [name, change] : wrongs) {
    Desk desk;
    Element entry = desk.right(desk.cast.vendor);
    change(desk, entry);
    desk.gives(desk.cast.vendor, desk.signed_entry(std::move(entry)));
    EXPECT_EQ(desk.verdict(), Verdict::fail) << name;
  }
}

/// What the directory knows of a Broker's terms, and what an entry says of them.
struct Terms : Desk {
  Terms() {
    PlayerPlan broker = *plan.player(cast.other_broker);
    broker.suspended = true;
    broker.sources = {"127.0.6.8", "127.0.6.9"};
    broker.terms = {{"USD"}, 120, {{"card", "1.2"}}};
    tape.world().enrol(std::move(broker));
  }
  Element said() {
    Element entry = right(cast.other_broker);
    set_text(entry, "State", "suspended");
    const auto place = std::find_if(entry.children.begin(), entry.children.end(), [](const Element& one) { return one.name == "Endpoint"; });
    entry.children.insert(place + 1, {leaf("SourceAddr", "127.0.6.9"), leaf("SourceAddr", "127.0.6.8")});
    entry.children.insert(entry.children.end() - 2, {branch("Currency", {leaf("Code", "USD"), leaf("Exponent", "2"), leaf("Active", "yes")}),
                                                     leaf("CommissionBp", "120"),
                                                     branch("MinPaycard", {leaf("Product", "card"), leaf("Version", "1.2")})});
    return entry;
  }
  Verdict of(Element entry) {
    gives(cast.other_broker, signed_entry(std::move(entry)));
    return verdict();
  }
};

// QP-ROLE-009, QP-ADM-006, QP-ROLE-019
TEST(EntriesJudge, SeesOnWhichTermsABrokerPays) {
  EXPECT_EQ(Terms().of(Terms().said()), Verdict::pass);
  using Change = std::function<void(Element&)>;
  const auto without = [](const char* name) {
    return [name](Element& e) { std::erase_if(e.children, [name](const Element& one) { return one.name == name; }); };
  };
  const std::pair<const char*, Change> wrongs[] = {
      {"live", [](Element& e) { set_text(e, "State", "live"); }},
      {"no sources", without("SourceAddr")},
      {"no currency", without("Currency")},
      {"no commission", without("CommissionBp")},
      {"no oldest Paycard", without("MinPaycard")},
      {"another source", [](Element& e) { set_text(e, "SourceAddr", "127.0.6.7"); }},
      {"another currency", [](Element& e) { set_text(e, "Currency/Code", "EUR"); }},
      {"a currency that is not active", [](Element& e) { set_text(e, "Currency/Active", "no"); }},
      {"another commission", [](Element& e) { set_text(e, "CommissionBp", "121"); }},
      {"an older Paycard", [](Element& e) { set_text(e, "MinPaycard/Version", "1.1"); }}};
  for (const auto& [name, change] : wrongs) {
    Element entry = Terms().said();
    change(entry);
    EXPECT_EQ(Terms().of(std::move(entry)), Verdict::fail) << name;
  }
}

// QP-ADD-18
TEST(EntriesJudge, SeesWhoSigned) {
  Desk changed;
  Element entry = changed.signed_entry(changed.right(changed.cast.vendor));
  set_text(entry, "Sig/Value", "AAAA");
  changed.gives(changed.cast.vendor, std::move(entry));
  EXPECT_EQ(changed.verdict(), Verdict::fail);
  Desk vendor;
  vendor.gives(vendor.cast.vendor, signed_by(vendor.plan, vendor.cast.vendor, vendor.right(vendor.cast.vendor)));
  EXPECT_EQ(vendor.verdict(), Verdict::fail) << "signed by the Vendor";
  Desk purpose;
  const crypto::RsaPrivateKey& key = *signing_key(purpose.plan, purpose.cast.host)->key;
  purpose.gives(purpose.cast.vendor, signed_with(key, purpose.right(purpose.cast.vendor), "host-case"));
  EXPECT_EQ(purpose.verdict(), Verdict::fail) << "signed for another purpose";
}

// QP-ANON-012
TEST(EntriesJudge, SeesAWalletThatIsShownWithoutItsTicket) {
  Desk desk;
  desk.gives(desk.cast.wallet, desk.signed_entry(desk.right(desk.cast.wallet)), std::string(32, '0'));
  EXPECT_EQ(desk.verdict(), Verdict::fail);
}

// QP-ANON-011
TEST(EntriesJudge, SeesWhatIsTooMuchOfAWallet) {
  for (const Element& more : {leaf("Name", "somebody"), leaf("Protocol", "micro")}) {
    Desk desk;
    Element entry = desk.right(desk.cast.wallet);
    entry.children.insert(entry.children.begin() + 3, more);
    desk.gives(desk.cast.wallet, desk.signed_entry(std::move(entry)));
    EXPECT_EQ(desk.verdict(), Verdict::fail) << more.name;
  }
}

// QP-ROLE-009
TEST(EntriesJudge, SeesEntriesThatGoBack) {
  Desk desk;
  desk.gives(desk.cast.vendor, desk.signed_entry(desk.right(desk.cast.vendor)));
  desk.gives(desk.cast.vendor, desk.signed_entry(desk.right(desk.cast.vendor, "2026-11-22T11:59:59Z", "2026-11-30T11:59:59Z")));
  EXPECT_EQ(desk.verdict(), Verdict::fail);
}

}  // namespace
}  // namespace quickpay::conformance::tests
