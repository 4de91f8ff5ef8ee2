#include "conformance/judges/mail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "conformance/peers/build.hpp"

namespace quickpay::conformance {

namespace {

std::int64_t number_at(const Element& element, std::string_view path) {
  return std::strtoll(text_at(element, path).c_str(), nullptr, 10);
}

bool names(const Element& audience, const std::string& reader) {
  return std::any_of(audience.children.begin(), audience.children.end(),
                     [&](const Element& one) { return one.name == "Id" && one.text == reader; });
}

std::string shown(const Element* element) { return element == nullptr ? std::string("absent") : to_xml(*element); }

}  // namespace

void MailJudge::wrong(const Retrieval& seen, std::string expected, std::string got) {
  violation(seen.world, seen.index, std::move(expected), std::move(got), Reason::forbidden_message);
}

void MailJudge::on_entry(World& world, std::size_t index) {
  const Entry& entry = world.session().transcript().entries()[index];
  if (entry.kind != EntryKind::response || !entry.by_iut) {
    return;
  }
  const Facts& facts = exchanges_->of(index);
  if (facts.http || !facts.read.valid() || !facts.request || protocol_of(facts.message) != "communication") {
    return;
  }
  judged();
  const Facts& asked = exchanges_->of(*facts.request);
  if (asked.repeat || !asked.breach.empty() || text_at(facts.document, "Body/Status/Code") != "QP-OK") {
    return;
  }
  if (facts.message == "RegisterMessage") {
    registered(world, index, asked, facts);
  } else if (facts.message == "RetrieveMessages") {
    retrieved({world, index, asked.document, facts.document});
  }
}

void MailJudge::registered(World& world, std::size_t index, const Facts& asked, const Facts& facts) {
  const std::int64_t number = number_at(facts.document, "Body/MessageNo");
  if (!posted_.empty() && number <= posted_.rbegin()->first) {
    violation(world, index, fmt::format("a MessageNo above {}", posted_.rbegin()->first), std::to_string(number));
  }
  posted_[number] = {text_at(asked.document, "Head/Sender"), *at(asked.document, "Body")};
}

void MailJudge::retrieved(const Retrieval& seen) {
  std::int64_t last = number_at(seen.asked, "Body/Since");
  std::int64_t count = 0;
  for (const Element& message : at(seen.answer, "Body")->children) {
    if (message.name != "Message") {
      continue;
    }
    const std::int64_t number = number_at(message, "MessageNo");
    if (number <= last) {
      wrong(seen, fmt::format("messages behind {} in their order", last), std::to_string(number));
    }
    last = number;
    ++count;
    handed_out(seen, message);
  }
  if (count > number_at(seen.asked, "Body/Limit")) {
    wrong(seen, "at most Limit messages", std::to_string(count));
  }
  if (number_at(seen.answer, "Body/Next") < last) {
    wrong(seen, fmt::format("Next not before {}", last), text_at(seen.answer, "Body/Next"));
  }
}

void MailJudge::handed_out(const Retrieval& seen, const Element& message) {
  const auto found = posted_.find(number_at(message, "MessageNo"));
  if (found == posted_.end()) {
    if (!seen.world.real_time()) {  // a server that was there before has mail that nobody saw
      wrong(seen, "messages that were registered", text_at(message, "MessageNo"));
    }
    return;
  }
  same_content(seen, message, found->second);
  for_reader(seen, message, found->second);
  const std::string kind = text_at(seen.asked, "Body/Kind");
  if (!kind.empty() && text_at(message, "Kind") != kind) {
    wrong(seen, "messages of kind " + kind, text_at(message, "Kind"));
  }
}

void MailJudge::same_content(const Retrieval& seen, const Element& message, const Posted& posted) {
  for (const char* field : {"Kind", "OrderRef", "Ref", "From", "To", "Text", "Sealed", "ExpiresAt"}) {
    const Element* given = child(posted.body, field);
    const Element* got = child(message, field);
    if (shown(given) != shown(got)) {
      wrong(seen, fmt::format("{} as registered: {}", field, shown(given)), shown(got));
    }
  }
  const bool wallet = role_of(posted.producer) == "wallet";
  const std::string producer = wallet ? std::string() : posted.producer;
  if (text_at(message, "Producer") != producer) {
    wrong(seen, wallet ? std::string("no Producer for a Wallet's message") : "Producer " + producer,
          shown(child(message, "Producer")));
  }
}

void MailJudge::for_reader(const Retrieval& seen, const Element& message, const Posted& posted) {
  const std::string reader = text_at(seen.asked, "Head/Sender");
  const Element& audience = *child(posted.body, "Audience");
  const std::string role = text_at(audience, "Role");
  const bool fits = role.empty() ? !reader.empty() && names(audience, reader)
                                 : reader.empty() || role == "all" || role == role_of(reader);
  if (!fits) {
    return wrong(seen, "messages for " + (reader.empty() ? std::string("roles") : reader), shown(&audience));
  }
  Element expected = branch("Audience", {role.empty() ? leaf("Id", reader) : leaf("Role", role)});
  if (shown(child(message, "Audience")) != shown(&expected)) {
    wrong(seen, shown(&expected), shown(child(message, "Audience")));
  }
}

}  // namespace quickpay::conformance
