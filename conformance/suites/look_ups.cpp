#include "conformance/suites/look_ups.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/suites/odd_signatures.hpp"
#include "conformance/suites/regular.hpp"
#include "conformance/suites/shopper.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kFirstRetry = 2;  ///< seconds: backoff 1 s, 50 % jitter
constexpr std::int64_t kLater = 10;      ///< seconds, behind the retry that follows
constexpr std::int64_t kHour = 3600, kDay = 24 * kHour;
const std::string kQuestion = "LookupPlayer";

/// What brings the one under test to ask, and what it does once it knows who that is.
struct Asker {
  Who whom = &Cast::broker;
  std::function<bool(Session&)> asks;
  std::function<bool(Session&)> goes_on;
  const char* trust = "";  ///< what it sends to, or says of, somebody whom it knows alone
};

bool after_a_while(Session& session) {
  Shopper(session).calm();
  const bool moved = session.world().advance(kLater);
  session.world().settle();
  return moved;
}

/// A Wallet asks for the Vendor before anything is sent there.
Asker wallet_asker() {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  const auto asks = [call](Session& session) {
    *call = Shopper(session).begin_regular();
    return call->has_value();
  };
  const auto goes_on = [call](Session& session) { return after_a_while(session) && is_accepted(Shopper(session).finish(*call)); };
  return {&Cast::vendor, asks, goes_on, "<GetOrder"};
}

/// The `n`th question about that player.
std::optional<std::size_t> question(World& world, const std::string& id, std::size_t n, std::size_t from) {
  const auto fits = [&](const Entry& entry) {
    return entry.by_iut && entry.kind == EntryKind::request && entry.message == kQuestion &&
           entry.body.find("<Id>" + id + "</Id>") != std::string::npos;
  };
  return world.wait_fenced(from, fits, n);
}

/// The Host's answer to a question about that player came before this reply.
bool told_before(Session& session, const std::string& id, std::size_t from, const Reply& reply) {
  const auto asked = question(session.world(), id, 0, from);
  const auto& entries = session.transcript().entries();
  const auto answers = [&](const Entry& entry) { return entry.kind == EntryKind::response && entry.exchange == entries[*asked].exchange; };
  return asked && !reply.entries.empty() && std::any_of(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(reply.entries.back()), answers);
}

/// A Vendor asks for the Broker whose Commitment it is shown, or, since it may, for whom the offer is to be paid by: then it is perhaps
/// told in time.
Asker vendor_asker() {
  const auto asks = [](Session& session) {
    const std::size_t from = session.transcript().mark();
    RegularTrade trade(session);
    const auto ready = trade.ready();
    const Reply reply = ready ? session.world().send(trade.delivery(ready->offer, ready->commitment)) : Reply{};
    return reply.code == protocol::QP_E_BUSY || (reply.ok() && told_before(session, session.world().cast().broker, from, reply));
  };
  const auto goes_on = [](Session& session) { return after_a_while(session) && RegularTrade(session).buys(); };
  return {&Cast::broker, asks, goes_on, "<Receipt>"};
}

/// A Broker asks for the Vendor whose order is to be paid; the Wallet it knows by then.
Asker broker_asker() {
  const auto inquires = [](Session& session) {
    RegularTrade trade(session);
    return session.world().send(trade.inquiry(trade.order())).code;
  };
  const auto asks = [inquires](Session& session) {
    const bool of_the_wallet = inquires(session) == protocol::QP_E_BUSY;
    session.world().settle();
    return of_the_wallet && inquires(session) == protocol::QP_E_BUSY;
  };
  const auto goes_on = [](Session& session) { return after_a_while(session) && RegularTrade(session).pays(); };
  return {&Cast::vendor, asks, goes_on, "<Commitment>"};
}

Asker asker_of(std::string_view role) {
  return role == "wallet" ? wallet_asker() : role == "vendor" ? vendor_asker() : broker_asker();
}

// ---------------------------------------------------------------- entries that are none
struct Lie {
  std::string id;
  const char* title;
  std::string row;
  Signer change;  ///< of a right entry
  Arrange arrange = {};
  bool known = false;  ///< an entry was there before
};

Signer resigned(std::function<void(World&, Element&)> change) {
  return [change = std::move(change)](World& world, Element entry) {
    change(world, entry);
    return signed_by(world.plan(), world.cast().host, std::move(entry));
  };
}
Signer issued(std::int64_t at, std::int64_t until) {
  return resigned([=](World& world, Element& entry) {
    set_text(entry, "IssuedAt", world.now_text(at));
    set_text(entry, "ValidTo", world.now_text(until));
  });
}
Signer by(Who who) {
  return [who](World& world, Element entry) { return with_key(world.cast().*who)(world, std::move(entry)); };
}
void another_role(World&, Element& entry) { set_text(entry, "Role", text_at(entry, "Role") == "vendor" ? "broker" : "vendor"); }
void another_id(World& world, Element& entry) {
  set_text(entry, "Id", text_at(entry, "Role") == "vendor" ? world.cast().other_vendor : world.cast().other_broker);
}

std::vector<Lie> lies() {
  std::vector<Lie> all = {
      {"altered", "What was changed after it was signed is no entry.", "Entry.ValidTo",
       [](World& world, Element entry) {
         set_text(entry, "ValidTo", world.now_text(30 * kDay));
         return entry;
       }},
      {"other-host", "Nor is what another Host has signed.", "Entry.Sig stranger", with_key("stranger")},
      {"brokers-key", "Nor what a Broker has.", "Entry.Sig Broker", by(&Cast::other_broker)},
      {"vendors-key", "Nor what a Vendor has.", "Entry.Sig Vendor", by(&Cast::other_vendor)},
      {"wrong-purpose", "Nor what the Host has signed for something else.", "Entry.Sig purpose",
       [](World& world, Element entry) {
         const SigningKeyPlan* key = signing_key(world.plan(), world.cast().host);
         return key == nullptr ? std::move(entry) : signed_with(*key->key, std::move(entry), "host-approval");
       }},
      {"other-id", "The entry of another player answers another question.", "Entry.Id", resigned(another_id)},
      {"other-role", "So does that of another role.", "Entry.Role", resigned(another_role)},
      {"over", "An entry whose ValidTo has passed says nothing any more.", "Entry.ValidTo past", issued(-10 * kDay, -2 * kDay)},
      {"older", "An entry that is older than the one that is there says nothing new.", "Entry.IssuedAt",
       issued(-protocol::T_dir_default - kDay, 5 * kDay), {}, true}};
  for (const OddSignature& odd : all_odd_signatures(&Cast::host)) {
    all.push_back({odd.id, odd.title, "Entry.Sig " + odd.id, odd.sign, odd.arrange});
  }
  return all;
}

// ---------------------------------------------------------------- how it is played
std::function<bool(const Element&)> asks_for(std::string id) {
  return [id = std::move(id)](const Element& request) { return text_at(request, "Body/Id") == id; };
}

bool lied_to(Session& session, const Asker& asker, const Lie& lie, std::size_t& from) {
  World& world = session.world();
  const std::string id = world.cast().*asker.whom;
  const auto edit = [&world, change = lie.change](Element& answer) {
    if (Element* entry = at(answer, "Body/Entry")) *entry = change(world, *entry);
  };
  world.peer(world.cast().host)->script(Rule{kQuestion, asks_for(id), -1, edit_answer(lie.id, edit, true)});
  from = session.transcript().mark();
  return asker.asks(session) && Shopper(session).delivered(from, lie.id).has_value();
}

/// What is not believed is asked for again.
Reaction asked_again(Session& session, const std::string& id, std::size_t from) {
  static_cast<void>(session.iut().fence());  // so that the backoff has begun when time moves
  (void)session.world().advance(kFirstRetry);
  const auto first = question(session.world(), id, 0, from), again = question(session.world(), id, 1, from);
  Reaction reaction;
  reaction.kind = again ? Reaction::Kind::refused : session.iut().alive() ? Reaction::Kind::accepted : Reaction::Kind::crashed;
  reaction.detail = again ? "asked again" : "no further question";
  if (first && again) reaction.entries = {*first, *again};
  return reaction;
}

Negative not_believed(Session& session, const std::string& check, const Lie& lie) {
  const auto asker = std::make_shared<Asker>(asker_of(session.world().plan().role));
  const auto from = std::make_shared<std::size_t>(0);
  Negative plan;
  plan.check = check;
  plan.reach = [lie](Session& s) {
    const Asker before = asker_of(s.world().plan().role);
    return !lie.known || (before.asks(s) && before.goes_on(s) && s.world().advance(protocol::T_dir_default + kHour));
  };
  plan.stimulus = [asker, lie, from](Session& s) { return lied_to(s, *asker, lie, *from); };
  plan.reaction = [asker, from](Session& s) { return asked_again(s, s.world().cast().*(asker->whom), *from); };
  plan.forbidden = [asker, known = lie.known](const Entry& entry) {
    return !known && entry.by_iut && entry.body.find(asker->trust) != std::string::npos;
  };
  plan.forbidden_text = "nothing for, or about, who is not known";
  plan.benign = [asker](Session& s) { return asker->goes_on(s); };
  return plan;
}

void known_then(Session& session, const std::string& check) {
  const Asker asker = asker_of(session.world().plan().role);
  const std::size_t from = session.transcript().mark();
  const bool asked = asker.asks(session);
  const bool on = asked && asker.goes_on(session);
  const bool questioned = question(session.world(), session.world().cast().*asker.whom, 0, from).has_value();
  judge(session, check, on && questioned, "a question to the Host, and then what was asked for",
        !asked ? "it did not wait for an entry" : !questioned ? "no question" : "nothing went on");
}

Arrange beginning_with_the_host(Arrange arrange) {
  return [arrange = std::move(arrange)](WorldPlan& plan) {
    begin_with_the_host(plan);
    if (arrange) arrange(plan);
  };
}

}  // namespace

void begin_with_the_host(WorldPlan& plan) {
  plan.looks_up = true;
  complete_signing_keys(plan);
  complete_tickets(plan);
}

void add_look_ups(Suite& suite) {
  const std::vector<std::string> why = {"QP-ADD-18", "QP-ROLE-010"};
  suite.belongs_to("regular", false);
  suite.positive({.id = "look-up.first",
                  .title = "Who begins with the Host's entry alone asks the Host for whom it meets.",
                  .subject = "LookupPlayer asked",
                  .requirements = {"QP-ROLE-010", "QP-ADD-18"},
                  .feature = "look-ups"},
                 [check = suite.name("look-up.first")](Session& session) { known_then(session, check); }, beginning_with_the_host({}));
  for (const Lie& lie : lies()) {
    const std::string id = "look-up." + lie.id;
    suite.negative({.id = id,
                    .title = lie.title,
                    .subject = lie.row,
                    .requirements = why,
                    .mutation = "LookupPlayerResponse:" + lie.id,
                    .twin = "look-up.first",
                    .level_e = false,
                    .feature = "look-ups"},
                   [check = suite.name(id), lie](Session& session) { return not_believed(session, check, lie); },
                   beginning_with_the_host(lie.arrange));
  }
}

}  // namespace quickpay::conformance
