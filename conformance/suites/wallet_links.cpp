// Purchases that begin with the document that a shop's page hands over, and what such a document can bring along.
#include <memory>

#include "conformance/peers/signing.hpp"
#include "conformance/suites/look_ups.hpp"
#include "conformance/suites/odd_signatures.hpp"
#include "conformance/suites/wallet_parts.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kHour = 3600, kDay = 24 * kHour;
constexpr std::int64_t kBackoff = 10;  ///< seconds, behind the first retry of a question
constexpr const char* kLinks = "links";
constexpr const char* kStapled = "stapled-entries";

using Made = std::function<std::string(World&)>;  ///< a link, as bytes

Element link(World& world) {
  return branch("PurchaseLink", {leaf("Host", world.cast().host), leaf("Vendor", world.cast().vendor), leaf("Kind", "micro"),
                                 leaf("Item", world.plan().items.front().item)});
}

std::string plain(World& world) { return to_xml(link(world)); }

Made changed(std::function<void(World&, Element&)> change) {
  return [change = std::move(change)](World& world) {
    Element root = link(world);
    change(world, root);
    return to_xml(root);
  };
}

Made cut(std::size_t bytes) {
  return [bytes](World& world) {
    const std::string whole = plain(world);
    return whole.substr(0, whole.size() - bytes);
  };
}

// ---------------------------------------------------------------- documents
void begins_with_link(Session& session) {
  Shopper shopper(session);
  const auto outcome = shopper.finish(shopper.begin_link(plain(session.world())));
  const auto asked = shopper.attempt("GetOrder", 0);
  const Element document = asked ? session.world().document(*asked) : Element{};
  const bool right = text_at(document, "Head/Receiver") == session.world().cast().vendor &&
                     text_at(document, "Body/Item") == session.world().plan().items.front().item;
  judge(session, "wallet.link.paid", is_accepted(outcome) && right, "the item that the link names, of its Vendor",
        is_accepted(outcome) ? "another item or Vendor" : outcome_text(outcome));
}

struct WrongLink {
  const char* id;
  const char* title;
  const char* mutation;
  Made make;
};

std::vector<WrongLink> wrong_links() {
  return {{"link.other-host", "A link into another system leads nowhere.", "PurchaseLink.Host:=other",
           changed([](World&, Element& root) { set_text(root, "Host", "H999"); })},
          {"link.cut", "Nor does what is no document.", "PurchaseLink:cut", cut(3)},
          {"link.unknown-element", "A page has no say in where a Vendor is.", "PurchaseLink.Endpoint:+",
           changed([](World& world, Element& root) {
             root.children.push_back(branch("Endpoint", {leaf("Addr", world.address_of(world.cast().other_vendor)), leaf("Port", "80")}));
           })},
          {"link.no-item", "A link without Item is none.", "PurchaseLink.Item:-",
           changed([](World&, Element& root) { root.children.pop_back(); })},
          {"link.kind", "Nor is one of a Kind that there is not.", "PurchaseLink.Kind:=unknown",
           changed([](World&, Element& root) { set_text(root, "Kind", "huge"); })},
          {"link.unknown-vendor-named", "A link may name a Vendor that no directory knows.", "PurchaseLink.Vendor:=unknown",
           changed([](World& world, Element& root) { set_text(root, "Vendor", world.cast().unknown_vendor); })}};
}

Negative leads_nowhere(const std::string& check, const WrongLink& wrong) {
  const auto result = std::make_shared<IutResult<Outcome>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.stimulus = [result, make = wrong.make](Session& s) {
    Shopper shopper(s);
    *result = shopper.finish(shopper.begin_link(make(s.world())));
    return true;
  };
  plan.reaction = [result](Session&) { return reaction_of(*result); };
  plan.forbidden = [](const Entry& entry) { return entry.kind == EntryKind::request; };
  plan.forbidden_text = "no message";
  plan.benign = [](Session& s) { return Shopper(s).buys(); };
  return plan;
}

// ---------------------------------------------------------------- entries in them
/// What the Host would say of the Vendor, with the place of whoever `at` names.
Element entry(World& world, Who at, std::int64_t issued_s = 0) {
  const PlayerPlan* place = world.plan().player(world.cast().*at);
  const std::int64_t longest = protocol::T_dir_default + protocol::T_dir_stale_default;
  return branch("Entry", {leaf("Role", "vendor"), leaf("Id", world.cast().vendor), leaf("State", "live"),
                          branch("Endpoint", {leaf("Addr", place->address), leaf("Port", std::to_string(place->port))}),
                          leaf("IssuedAt", world.now_text(issued_s)), leaf("ValidTo", world.now_text(issued_s + longest))});
}

Element signed_entry(World& world, Element entry) { return signed_by(world.plan(), world.cast().host, std::move(entry)); }

Made with_entry(std::function<Element(World&)> make) {
  return changed([make = std::move(make)](World& world, Element& root) { root.children.push_back(make(world)); });
}

/// A purchase in which the Wallet may have to ask the Host first, now and once more after a backoff.
IutResult<Outcome> patiently(Session& session, const IutResult<CallId>& call) {
  session.world().settle();
  (void)session.world().advance(kBackoff);
  session.world().settle();
  return Shopper(session).finish(call);
}

bool buys_of(Session& session, const std::string& vendor) {
  Shopper shopper(session);
  shopper.calm();
  return is_accepted(patiently(session, shopper.begin("yes", vendor)));
}

/// The Wallet knows its Broker from a purchase elsewhere, and the Vendor from the link alone.
void needs_no_host(Session& session) {
  World& world = session.world();
  Shopper shopper(session);
  if (!buys_of(session, world.cast().other_vendor)) {
    return unreached(session, "a purchase at another Vendor");
  }
  shopper.host()->set_down(true);
  const Made made = with_entry([](World& w) { return signed_entry(w, entry(w, &Cast::vendor)); });
  const auto outcome = patiently(session, shopper.begin_link(made(world)));
  judge(session, "wallet.link.stapled", is_accepted(outcome), "the purchase, though the Host is away", outcome_text(outcome));
}

struct WrongEntry {
  const char* id;
  const char* title;
  const char* mutation;
  std::function<Element(World&)> make;
  bool known = false;  ///< the Wallet has an entry of the Vendor before
};

/// All of them lead to another Vendor's server.
std::vector<WrongEntry> wrong_entries() {
  const auto away = [](std::int64_t issued_s) {
    return [issued_s](World& world) { return signed_entry(world, entry(world, &Cast::other_vendor, issued_s)); };
  };
  return {{"link.stapled-altered", "An entry that was changed after it was signed is no entry.", "PurchaseLink.Entry.Endpoint:=other",
           [](World& world) {
             Element made = signed_entry(world, entry(world, &Cast::vendor));
             const PlayerPlan* other = world.plan().player(world.cast().other_vendor);
             set_text(made, "Endpoint/Addr", other->address);
             set_text(made, "Endpoint/Port", std::to_string(other->port));
             return made;
           }},
          {"link.stapled-vendors-key", "Nor is what a Vendor signed of itself.", "PurchaseLink.Entry.Sig:=Vendor",
           [](World& world) { return signed_by(world.plan(), world.cast().vendor, entry(world, &Cast::other_vendor)); }},
          {"link.stapled-stranger", "Nor what another Host signed.", "PurchaseLink.Entry.Sig:=stranger",
           [](World& world) { return with_key("stranger")(world, entry(world, &Cast::other_vendor)); }},
          {"link.stapled-other-vendor", "Nor the entry of another Vendor.", "PurchaseLink.Entry.Id:=other",
           [](World& world) {
             Element made = entry(world, &Cast::other_vendor);
             set_text(made, "Id", world.cast().other_vendor);
             return signed_entry(world, std::move(made));
           }},
          {"link.stapled-over", "An entry whose ValidTo has passed says nothing any more.", "PurchaseLink.Entry.ValidTo:=past", away(-10 * kDay)},
          {"link.stapled-aged", "An entry in a link is as old as it is, and asked for again.", "PurchaseLink.Entry.IssuedAt:=past",
           away(-2 * kDay)},
          {"link.stapled-older", "An entry that is older than the one that is there says nothing new.", "PurchaseLink.Entry.IssuedAt:=older",
           away(-kHour), true}};
}

bool is_offer_asked(const Entry& entry) { return entry.by_iut && entry.kind == EntryKind::request && entry.message == "GetOrder"; }

/// What was left aside is no word about the purchase, which goes right: the Vendor's own server is asked.
Reaction left_aside(Session& session, const IutResult<Outcome>& outcome, std::size_t from) {
  const auto& entries = session.transcript().entries();
  Reaction reaction = reaction_of(outcome);
  for (std::size_t i = from; i < entries.size(); ++i) {
    if (is_offer_asked(entries[i]) && entries[i].to == session.world().cast().vendor) {
      reaction.entries.push_back(i);
    }
  }
  if (reaction.kind == Reaction::Kind::accepted || reaction.kind == Reaction::Kind::refused) {
    const bool right = reaction.kind == Reaction::Kind::accepted && !reaction.entries.empty();
    reaction.kind = right ? Reaction::Kind::refused : Reaction::Kind::accepted;
    reaction.code.clear();
    reaction.self_reported = false;
    reaction.detail = right ? "bought where the Host says that the Vendor is" : "not bought there: " + outcome_text(outcome);
  }
  return reaction;
}

Negative leads_there_all_the_same(const std::string& check, const WrongEntry& wrong) {
  const auto result = std::make_shared<IutResult<Outcome>>(tl::unexpected(IutError{}));
  const auto from = std::make_shared<std::size_t>(0);
  Negative plan;
  plan.check = check;
  plan.reach = [known = wrong.known](Session& s) { return !known || buys_of(s, s.world().cast().vendor); };
  plan.stimulus = [result, from, make = with_entry(wrong.make)](Session& s) {
    *from = s.transcript().mark();
    *result = patiently(s, Shopper(s).begin_link(make(s.world())));
    return true;
  };
  plan.reaction = [result, from](Session& s) { return left_aside(s, *result, *from); };
  plan.forbidden = [](const Entry& entry) {
    return is_offer_asked(entry) && entry.body.find("<Receiver>" + entry.to + "</Receiver>") == std::string::npos;
  };
  plan.forbidden_text = "no GetOrder at another server";
  plan.benign = [](Session& s) { return buys_of(s, s.world().cast().vendor); };
  return plan;
}

}  // namespace

void add_wallet_links(Suite& suite) {
  suite.positive({.id = "link.paid",
                  .title = "A purchase begins with the link of a shop's page.",
                  .subject = "W1 PurchaseLink",
                  .requirements = {"QP-TECH-003", "QP-ADD-14"},
                  .level_e = false,
                  .feature = kLinks},
                 begins_with_link);
  for (const WrongLink& wrong : wrong_links()) {
    suite.negative({.id = wrong.id,
                    .title = wrong.title,
                    .subject = "PurchaseLink",
                    .requirements = {"QP-TECH-003", "QP-ADD-14"},
                    .mutation = wrong.mutation,
                    .twin = "link.paid",
                    .level_e = false,
                    .feature = kLinks},
                   [check = suite.name(wrong.id), wrong](Session&) { return leads_nowhere(check, wrong); });
  }
  suite.positive({.id = "link.stapled",
                  .title = "With the Vendor's entry in the link the Host is not needed.",
                  .subject = "PurchaseLink.Entry",
                  .requirements = {"QP-ROLE-010", "QP-ADD-14"},
                  .level_e = false,
                  .feature = kStapled,
                  .parts = {Part::other_vendor}},
                 needs_no_host, begin_with_the_host);
  for (const WrongEntry& wrong : wrong_entries()) {
    suite.negative({.id = wrong.id,
                    .title = wrong.title,
                    .subject = "PurchaseLink.Entry",
                    .requirements = {"QP-ROLE-010", "QP-ADD-14"},
                    .mutation = wrong.mutation,
                    .twin = "link.stapled",
                    .level_e = false,
                    .feature = kStapled,
                    .parts = {Part::other_vendor}},
                   [check = suite.name(wrong.id), wrong](Session&) { return leads_there_all_the_same(check, wrong); },
                   begin_with_the_host);
  }
}

}  // namespace quickpay::conformance
