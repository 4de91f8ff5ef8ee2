// The Host's mail: who gets which message, for how long, and that nothing else depends on it.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "conformance/suites/correspondent.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/host_parts.hpp"
#include "conformance/suites/slug.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

using Found = Correspondent::Found;

std::string words_of(Found found) {
  return found == Found::yes ? "the message" : found == Found::no ? "not the message" : "no QP-OK";
}

/// The letter is registered; its number, or the scenario ends.
std::string posted(Session& session, const Letter& letter) {
  std::string number = Correspondent(session).post(letter);
  if (number.empty()) {
    unreached(session, "a message that is taken");
  }
  return number;
}

void judge_found(Session& session, const std::string& check, const std::string& reader, const std::string& number,
                 Found expected = Found::yes) {
  const Found found = Correspondent(session).finds(reader, number);
  judge(session, check, found == expected, words_of(expected), words_of(found), {},
        expected == Found::yes ? Reason::wrong_message : Reason::forbidden_message);
}

void first_posting(Session& session, const std::string& check, std::int64_t expires_in) {
  Correspondent mail(session);
  Letter letter = mail.letter();
  if (expires_in > 0) {
    letter.expires_at = session.world().now_text(expires_in);
  }
  judge_ok(session, check, session.world().send(mail.posting(letter)));
}

void first_retrieval(Session& session, const std::string& check) {
  if (const std::string number = posted(session, Correspondent(session).full_letter()); !number.empty()) {
    judge_found(session, check, session.world().cast().vendor, number);
  }
}

void first_discard(Session& session, const std::string& check) {
  if (const std::string number = posted(session, Correspondent(session).letter()); !number.empty()) {
    judge_ok(session, check,
             session.world().send(Correspondent(session).discarding(session.world().cast().vendor, number)));
  }
}

// ---------------------------------------------------------------- who gets it
struct AudienceCase {
  const char* id;
  const char* title;
  const char* role;               ///< audience, or null: the Vendor and a Wallet by name
  std::vector<const char*> gets;  ///< parts of the cast; "" for nobody named
  std::vector<const char*> not_for;
};

const std::vector<AudienceCase> kAudiences = {
    {"all", "A message to all is for everybody.", "all", {"vendor", "wallet", "broker", ""}, {}},
    {"role", "A message to a role is for the players of that role and for readers without a name.", "vendor",
     {"vendor", "other-vendor", ""}, {"wallet", "broker"}},
    {"named", "A message to players by name is for them alone.", nullptr, {"vendor", "wallet"},
     {"other-vendor", "other-wallet", "broker", ""}},
    {"host", "A message to the Host is for no other role.", "host", {}, {"vendor", "wallet", "broker"}}};

std::string part(const Cast& cast, std::string_view name) {
  return name == "vendor"         ? cast.vendor
         : name == "other-vendor" ? cast.other_vendor
         : name == "wallet"       ? cast.wallet
         : name == "other-wallet" ? cast.other_wallet
         : name == "broker"       ? cast.broker
                                  : std::string();
}

void audience(Session& session, const std::string& check, const AudienceCase& one) {
  const Cast& cast = session.world().cast();
  Letter letter = Correspondent(session).letter();
  letter.ids = {cast.vendor, cast.wallet};
  letter.role = one.role == nullptr ? "" : one.role;
  const std::string number = posted(session, letter);
  if (number.empty()) {
    return;
  }
  for (const char* reader : one.gets) {
    judge_found(session, check, part(cast, reader), number);
  }
  for (const char* reader : one.not_for) {
    judge_found(session, one.gets.empty() ? check : check + ".others", part(cast, reader), number, Found::no);
  }
}

void add_audiences(Suite& suite) {
  for (const AudienceCase& one : kAudiences) {
    const std::string id = fmt::format("mail.audience-{}", one.id);
    std::vector<CheckInfo> more;
    if (!one.gets.empty() && !one.not_for.empty()) {
      more.push_back(suite.check(id + ".others", "Nobody else gets it.", {"QP-CM-007", "QP-CM-003"}, true));
    }
    suite.positive({.id = id,
                    .title = one.title,
                    .subject = "N2",
                    .requirements = {"QP-CM-007"},
                    .mutation = fmt::format("Audience:={}", one.id),
                    .more = std::move(more)},
                   [check = suite.name(id), one](Session& s) { audience(s, check, one); });
  }
}

// ---------------------------------------------------------------- for how long
void stays(Session& session, const std::string& check) {
  const std::string& vendor = session.world().cast().vendor;
  const std::string number = posted(session, Correspondent(session).letter());
  if (number.empty()) {
    return;
  }
  if (Correspondent(session).finds(vendor, number) != Found::yes) {
    return unreached(session, "the first retrieval");
  }
  judge_found(session, check, vendor, number);
}

/// Until its last second a message is there; what is kept longer is the Host's own affair.
void last_second(Session& session, const std::string& check, std::int64_t expires_in, std::int64_t pause) {
  Letter letter = Correspondent(session).letter();
  if (expires_in > 0) {
    letter.expires_at = session.world().now_text(expires_in);
  }
  const std::string number = posted(session, letter);
  if (number.empty()) {
    return;
  }
  if (!session.world().advance(pause)) {
    return unreached(session, "a clock that can be moved");
  }
  judge_found(session, check, session.world().cast().vendor, number);
}

void after_restart(Session& session, const std::string& check) {
  const std::string number = posted(session, Correspondent(session).letter());
  if (number.empty()) {
    return;
  }
  if (!session.world().restart(true)) {
    return session.stop({session.iut().alive() ? IutFault::unsupported : IutFault::crashed, "restart"});
  }
  judge_found(session, check, session.world().cast().vendor, number);
  const std::string next = Correspondent(session).post(Correspondent(session).letter());
  judge(session, check + ".number", std::strtoll(next.c_str(), nullptr, 10) > std::strtoll(number.c_str(), nullptr, 10),
        "a MessageNo above " + number, next.empty() ? "no QP-OK" : next);
}

void discarded_by_one(Session& session, const std::string& check) {
  const Cast& cast = session.world().cast();
  Correspondent mail(session);
  Letter letter = mail.letter();
  letter.ids = {cast.vendor, cast.wallet};
  const std::string number = posted(session, letter);
  if (number.empty()) {
    return;
  }
  judge_ok(session, check, session.world().send(mail.discarding(cast.vendor, number)));
  judge_found(session, check + ".others", cast.wallet, number);
}

/// A message that all its players have discarded is dropped, and its producer may leave another one.
void quota_freed(Session& session, const std::string& check) {
  const Cast& cast = session.world().cast();
  Correspondent mail(session);
  Letter letter = mail.letter();
  letter.from = cast.other_broker;
  letter.ids = {cast.vendor};
  std::string last;
  for (std::int64_t i = 0; i < protocol::N_cm_default; ++i) {
    last = posted(session, letter);
    if (last.empty()) {
      return;
    }
  }
  if (!session.world().send(mail.discarding(cast.vendor, last)).ok()) {
    return unreached(session, "DiscardMessages");
  }
  judge_ok(session, check, session.world().send(mail.posting(letter)));
}

void discarded_by_stranger(Session& session, const std::string& check) {
  const Cast& cast = session.world().cast();
  Correspondent mail(session);
  const std::string number = posted(session, mail.letter());
  if (number.empty() || !session.world().send(mail.discarding(cast.wallet, number)).ok()) {
    return unreached(session, "DiscardMessages");
  }
  judge_found(session, check, cast.vendor, number);
}

void discarded_to_role(Session& session, const std::string& check) {
  const Cast& cast = session.world().cast();
  Correspondent mail(session);
  Letter letter = mail.letter();
  letter.role = "vendor";
  const std::string number = posted(session, letter);
  if (number.empty() || !session.world().send(mail.discarding(cast.vendor, number)).ok()) {
    return unreached(session, "DiscardMessages");
  }
  judge_found(session, check, cast.other_vendor, number);
}

// ---------------------------------------------------------------- how it is handed out
void page_by_page(Session& session, const std::string& check) {
  Correspondent mail(session);
  const std::string& vendor = session.world().cast().vendor;
  std::set<std::string> expected;
  std::string since;
  for (int i = 0; i < 3; ++i) {
    const std::string number = posted(session, mail.letter());
    if (number.empty()) {
      return;
    }
    since = since.empty() ? std::to_string(std::strtoll(number.c_str(), nullptr, 10) - 1) : since;
    expected.insert(number);
  }
  std::set<std::string> got;
  for (int i = 0; i < 3; ++i) {
    const Reply reply = session.world().send(mail.retrieval(vendor, since, 1));
    since = reply.text("Body/Next");
    got.insert(reply.text("Body/Message/MessageNo"));
    judge(session, check + ".more", i == 2 || reply.text("Body/More") == "yes", "More yes",
          outcome_text(reply) + " " + reply.text("Body/More"), reply.entries);
    if (since.empty()) {
      break;  // there is no next page to ask for
    }
  }
  judge(session, check, got == expected, fmt::format("{}", fmt::join(expected, ", ")),
        fmt::format("{}", fmt::join(got, ", ")));
}

void of_one_kind(Session& session, const std::string& check) {
  Correspondent mail(session);
  Letter other = mail.letter();
  other.kind = "outage-notice";
  if (posted(session, other).empty() || posted(session, mail.letter()).empty()) {
    return;
  }
  const Reply reply = session.world().send(mail.retrieval(session.world().cast().vendor, "0", 100, "outage-notice"));
  const Element* body = at(reply.document, "Body");
  const bool holds = reply.ok() && std::all_of(body->children.begin(), body->children.end(), [](const Element& one) {
    return one.name != "Message" || text_at(one, "Kind") == "outage-notice";
  });
  judge(session, check, holds && reply.text("Body/Message/Kind") == "outage-notice", "the notice alone",
        reply.text("Body/Message/Kind"), reply.entries);
}

void every_kind(Session& session, const std::string& check) {
  static constexpr const char* kKinds[] = {"updated-info",       "exception/not-received",
                                           "exception/duplicate-order", "exception/late-registration",
                                           "exception/mismatch", "exception/revoke-dispute",
                                           "revoke-alert",       "batch-call",
                                           "key-notice",         "outage-notice",
                                           "x-of-our-own"};
  for (const char* kind : kKinds) {
    Letter letter = Correspondent(session).letter();
    letter.kind = kind;
    judge_ok(session, check, session.world().send(Correspondent(session).posting(letter)));
  }
}

void from_a_wallet(Session& session, const std::string& check) {
  Letter letter = Correspondent(session).letter();
  letter.from = session.world().cast().wallet;
  letter.kind = "exception/not-received";
  const std::string number = posted(session, letter);
  const auto mail = Correspondent(session).mail_of(session.world().cast().vendor);
  if (number.empty() || !mail) {
    return unreached(session, "RetrieveMessages");
  }
  const auto found = std::find_if(mail->begin(), mail->end(),
                                  [&](const Element& one) { return text_at(one, "MessageNo") == number; });
  const bool there = found != mail->end();
  judge(session, check, there && child(*found, "Producer") == nullptr, "the message without a Producer",
        there ? to_xml(*found) : "no message");
}

/// What a message says changes no case (QP-CM-010).
void changes_nothing(Session& session, const std::string& check) {
  World& world = session.world();
  Registrar registrar(session);
  const PaidOrder paid = registrar.order();
  Letter letter = Correspondent(session).letter();
  letter.from = paid.wallet;
  letter.kind = "exception/not-received";
  letter.order = paid.ref;
  letter.ids = {world.cast().broker};
  if (!world.plan().claims("micropayment")) {  // there are no cases: the next message is all that could suffer
    const bool delivers = !posted(session, letter).empty() && Correspondent(session).delivers();
    return judge(session, check, delivers, "the next message is delivered", delivers ? "it is" : "it is not");
  }
  const Reply before = world.send(registrar.commit(paid));
  if (!before.ok() || posted(session, letter).empty()) {
    return unreached(session, "RegisterCommit and a message");
  }
  const Reply delivery = world.send(registrar.delivery(paid));
  const Reply reception = world.send(registrar.reception(paid));
  const bool same = delivery.text("Body/CaseNo") == before.text("Body/CaseNo") &&
                    reception.text("Body/CaseNo") == before.text("Body/CaseNo");
  judge(session, check, delivery.ok() && reception.ok() && same, "the case goes on as without the message",
        outcome_text(delivery) + ", " + outcome_text(reception), reception.entries);
}

void one_way(Session& session, const std::string& check) {
  const bool done = Correspondent(session).delivers();
  session.world().settle();
  const auto own =
      session.world().find(0, [](const Entry& entry) { return entry.by_iut && entry.kind == EntryKind::request; });
  if (!done) {
    return unreached(session, "a message that is delivered");
  }
  judge(session, check, own.empty(), "no request of the Host", own.empty() ? "none" : "one", own,
        Reason::forbidden_message);
}

void add_plain(Suite& suite) {
  struct Plain {
    const char* id;
    const char* title;
    const char* subject;
    std::vector<std::string> requirements;
    const char* mutation;
    void (*play)(Session&, const std::string&);
    std::vector<std::pair<const char*, const char*>> more = {};
    bool level_e = true;
  };
  static const std::vector<Plain> kPlain = {
      {"register-message.first", "A player leaves a message at the Host.", "M4", {"QP-CM-006", "QP-ROLE-011"}, "",
       [](Session& s, const std::string& c) { first_posting(s, c, 0); }},
      {"register-message.expiring", "A message may say how long it is of use.", "M3", {"QP-CM-006"}, "ExpiresAt:add",
       [](Session& s, const std::string& c) { first_posting(s, c, 3600); }},
      {"retrieve-messages.first", "A player fetches a message that names it.", "N2", {"QP-CM-007", "QP-ROLE-011"}, "",
       first_retrieval},
      {"discard-messages.first", "A player says that it needs a message no longer.", "M7 N3", {"QP-CM-011"}, "",
       first_discard},
      {"mail.stays", "A message that was retrieved is there for the next retrieval.", "N2", {"QP-CM-011"},
       "RetrieveMessages:again", stays},
      {"mail.restart", "A message outlives a crash, and numbers go on.", "M4", {"QP-CM-011"}, "restart:hard",
       after_restart, {{"number", "Numbers are not used again."}}, false},
      {"mail.discard-one-of-two", "What one player discards is kept for the other.", "M8 N3", {"QP-CM-011"},
       "DiscardMessages by one", discarded_by_one, {{"others", "The other player still gets it."}}},
      {"mail.quota-freed", "What nobody needs any longer counts no longer.", "M7", {"QP-CM-011"},
       "RegisterMessage:N_cm times, DiscardMessages, and once more", quota_freed, {}, false},
      {"mail.discard-stranger", "Nobody discards what does not name him.", "N3", {"QP-CM-011"},
       "DiscardMessages by a stranger", discarded_by_stranger},
      {"mail.discard-role", "A message to a role is kept whoever discards it.", "N3", {"QP-CM-011"},
       "DiscardMessages of a message to a role", discarded_to_role},
      {"mail.pages", "Next leads from page to page without a gap.", "N2", {"QP-CM-007"}, "Limit:=1", page_by_page,
       {{"more", "More says that there is more."}}},
      {"mail.one-kind", "A reader may ask for one kind.", "N2", {"QP-CM-007"}, "Kind:add", of_one_kind},
      {"mail.every-kind", "Every kind is taken, also those that begin with x-.", "M4", {"QP-CM-002"}, "Kind:=each",
       every_kind},
      {"mail.wallet-unnamed", "Nobody learns which Wallet a message comes from.", "N2", {"QP-ANON-010"},
       "Head.Sender:=Wallet", from_a_wallet},
      {"mail.no-authority", "What a message says about an order changes nothing.", "host.case", {"QP-CM-010", "QP-ADD-25"},
       "exception/not-received", changes_nothing},
      {"mail.one-way", "The Host tells nobody of a message unasked.", "no request", {"QP-CM-004", "QP-CM-005"}, "",
       one_way}};
  for (const Plain& one : kPlain) {
    std::vector<CheckInfo> more;
    for (const auto& [suffix, title] : one.more) {
      more.push_back(suite.check(fmt::format("{}.{}", one.id, suffix), title, {one.requirements.front()}, true));
    }
    suite.positive({.id = one.id,
                    .title = one.title,
                    .subject = one.subject,
                    .requirements = one.requirements,
                    .mutation = one.mutation,
                    .level_e = one.level_e,
                    .more = std::move(more)},
                   [check = suite.name(one.id), play = one.play](Session& s) { play(s, check); });
  }
}

void add_lasts(Suite& suite) {
  const std::tuple<const char*, std::int64_t, std::int64_t> lasts[] = {
      {"mail.kept-t-cm", 0, protocol::T_cm_default}, {"mail.kept-expires-at", 3600, 3600}};
  for (const auto& [id, expires_in, pause] : lasts) {
    suite.positive({.id = id,
                    .title = "Until its last second a message is kept.",
                    .subject = expires_in == 0 ? "M5" : "M6",
                    .requirements = {"QP-CM-011", "QP-ADD-27"},
                    .mutation = fmt::format("{} s later", pause),
                    .level_e = false},
                   [check = suite.name(id), expires = expires_in, wait = pause](Session& s) {
                     last_second(s, check, expires, wait);
                   });
  }
}

FamilyBase base_of(const char* message) {
  FamilyBase base;
  base.message = message;
  base.twin = slug_of(message) + ".first";
  base.valid = [name = base.message](Session& session) {
    Correspondent mail(session);
    if (name == "RegisterMessage") {
      return mail.posting(mail.full_letter());
    }
    const std::string& reader = session.world().cast().vendor;
    return name == "RetrieveMessages" ? mail.retrieval(reader, "0", 10, "batch-call") : mail.discarding(reader, "1");
  };
  base.benign = [](Session& session) { return Correspondent(session).delivers(); };
  base.unserved = "GetOrder";
  return base;
}

}  // namespace

void add_host_mail(Suite& suite) {
  suite.belongs_to("communication", false);  // a Host that goes on keeps mail, and quotas fill
  add_plain(suite);
  add_lasts(suite);
  add_audiences(suite);
  add_mail_refusals(suite);
  add_xml_family(suite, base_of("RegisterMessage"),
                 {"comment", "doctype", "numeric-reference", "attribute", "schema-then-xml", "long-name"});
  add_xml_family(suite, base_of("RetrieveMessages"), {"cdata", "entity-bomb", "instruction", "second-root"});
  add_xml_family(suite, base_of("DiscardMessages"), {"byte-order-mark", "blank-in-tag", "too-deep"});
  for (const char* message : {"RegisterMessage", "RetrieveMessages", "DiscardMessages"}) {
    add_schema_family(suite, base_of(message), 10);
    add_head_family(suite, base_of(message));
    add_repeat_family(suite, base_of(message));
    add_auth_family(suite, base_of(message));
  }
}

}  // namespace quickpay::conformance
