#include "conformance/suites/joiner.hpp"

#include <fmt/format.h>

#include <cctype>
#include <cstdlib>

#include "conformance/peers/box.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"

namespace quickpay::conformance {

namespace {
constexpr std::int64_t kMembershipMs = 8000;
const std::string kSomeName = "V7";  // by which a Host may call who has no name yet
}  // namespace

/// What the owner says with it. Each change is another one.
IutResult<CallId> Joiner::begin(const std::string& op) {
  Json args = Json::object();
  if (op == "rename") {
    args["name"] = fmt::format("Renamed {}", session_.random().hex(4));
  } else if (op == "rebind") {
    args["net"] = {world_.address_of(world_.iut()) + "/32", world_.stray_address() + "/32"};
    args["new_ticket"] = true;
  } else if (op == "register" && role() == "broker") {
    args["name"] = "A New Bank";
    args["code"] = world_.plan().admission.broker_codes.front();
  }
  return session_.iut().begin(op, args, kMembershipMs);
}

std::string Joiner::message_of(const std::string& op) const { return joining_message(role(), op); }
std::string Joiner::changing() const { return changing_of(role()); }

std::string joining_message(const std::string& role, const std::string& op) {
  std::string name = role;
  name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
  return (op == "register" ? "Register" : op == "leave" ? "Unregister" : "Update") + name;
}

std::string changing_of(const std::string& role) { return role == "wallet" ? "rebind" : "rename"; }

bool judge_entered(Session& session, Joiner& joiner, const std::string& check) {
  const auto outcome = joiner.does("register");
  if (!outcome) {
    session.stop(outcome.error());
    return false;
  }
  const bool named = joiner.named();  // whatever its owner was told
  judge(session, check, is_accepted(outcome) && named, "accepted, with the name that the Host gave", outcome_text(outcome));
  return true;
}

IutResult<Outcome> Joiner::finish(const IutResult<CallId>& call) {
  return call ? session_.iut().finish(*call) : IutResult<Outcome>(tl::unexpected(call.error()));
}

bool Joiner::joins() {
  host().clear_script();
  return is_accepted(does("register")) && named();
}

bool Joiner::named() {
  const std::string message = message_of("register");
  const auto asked = world_.sent_by_iut(message);
  const auto answers = world_.find(0, [&](const Entry& entry) {
    return !entry.by_iut && entry.kind == EntryKind::response && entry.message == message + "Response" && entry.code == "QP-OK";
  });
  if (asked.empty() || answers.empty()) {
    return false;
  }
  const Element answer = world_.document(answers.back());
  const std::string key = text_at(inside(world_.plan(), world_.document(asked.back())), "ReplyKey");
  const auto plain = unboxed(bytes_of_hex(key), answer);
  const Element told = plain ? parse_xml(*plain).value_or(Element{}) : Element{};
  const std::string id = role() == "vendor" ? text_at(answer, "Body/Vendor") : text_at(told, role() == "wallet" ? "WalletId" : "Broker");
  if (id.empty()) {
    return false;
  }
  if (at(told, "Shared") != nullptr) {
    world_.enrol(KeyPlan{world_.cast().host, id, std::atoll(text_at(told, "Shared/Epoch").c_str()), text_at(told, "Shared/Key")});
  }
  world_.name_iut(id);
  return true;
}

std::optional<IutResult<CallId>> Joiner::waits(const std::string& op) {
  const std::size_t from = session_.transcript().mark();
  const std::string message = message_of(op);
  host().script(message, hold_request());
  IutResult<CallId> call = begin(op);
  const bool came = world_
                        .wait_for(from,
                                  [&](const Entry& entry) {
                                    return entry.by_iut && entry.kind == EntryKind::request && entry.message == message;
                                  })
                        .has_value();
  return came ? std::optional(call) : std::nullopt;
}

IutResult<Outcome> Joiner::released(const IutResult<CallId>& call) {
  host().clear_script();
  host().release();
  return finish(call);
}

std::string Joiner::tag() const {
  std::string tag;
  for (const std::size_t entry : world_.find(0, [](const Entry& e) {
         return e.by_iut && e.kind == EntryKind::request && (e.message == "RegisterVendor" || e.message == "UpdateVendor");
       })) {
    tag = text_at(world_.document(entry), "Body/ProbeTag");
  }
  return tag;
}

Sending Joiner::probe(const std::string& other) {
  const std::string& host = world_.cast().host;
  const std::string known = other.empty() ? tag() : other;
  Sending sending;
  sending.from = host;
  const std::string receiver = world_.iut_is_nameless() ? kSomeName : world_.iut();
  sending.document =
      request_of("Probe", world_.head(host, receiver),
                 {leaf("Nonce", world_.fresh_id()), leaf("ProbeTag", known.empty() ? std::string(64, '7') : known)});
  return sending;
}

}  // namespace quickpay::conformance
