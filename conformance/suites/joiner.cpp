#include "conformance/suites/joiner.hpp"

#include <cstdlib>

#include "conformance/peers/box.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"

namespace quickpay::conformance {

namespace {
constexpr std::int64_t kMembershipMs = 8000;
const std::string kSomeName = "V7";  // by which a Host may call who has no name yet
}  // namespace

IutResult<CallId> Joiner::begin(const std::string& op, const std::string& name) {
  Json args = Json::object();
  if (!name.empty()) {
    args["name"] = name;
  }
  return session_.iut().begin(op, args, kMembershipMs);
}

IutResult<Outcome> Joiner::finish(const IutResult<CallId>& call) {
  return call ? session_.iut().finish(*call) : IutResult<Outcome>(tl::unexpected(call.error()));
}

bool Joiner::joins() {
  host().clear_script();
  return is_accepted(does("register")) && named();
}

bool Joiner::named() {
  const auto asked = world_.sent_by_iut("RegisterVendor");
  const auto answers = world_.find(0, [](const Entry& entry) {
    return !entry.by_iut && entry.kind == EntryKind::response && entry.message == "RegisterVendorResponse" &&
           entry.code == "QP-OK";
  });
  if (asked.empty() || answers.empty()) {
    return false;
  }
  const Element answer = world_.document(answers.back());
  const std::string id = text_at(answer, "Body/Vendor");
  const std::string key = text_at(inside(world_.plan(), world_.document(asked.back())), "ReplyKey");
  if (const auto plain = unboxed(bytes_of_hex(key), answer)) {
    const Element told = parse_xml(*plain).value_or(Element{});
    world_.enrol(KeyPlan{world_.cast().host, id, std::atoll(text_at(told, "Shared/Epoch").c_str()), text_at(told, "Shared/Key")});
  }
  world_.name_iut(id);
  return true;
}

std::optional<IutResult<CallId>> Joiner::waits(const std::string& op, const std::string& message) {
  const std::size_t from = session_.transcript().mark();
  host().script(message, hold_request());
  IutResult<CallId> call = begin(op, op == "rename" ? "Renamed Shop" : "");
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
