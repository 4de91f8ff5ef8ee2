// Structs, the envelope, messages.
#include <fmt/format.h>

#include <map>
#include <set>

#include "tools/speccompiler/lint/fields.hpp"

namespace quickpay::spec {
namespace {

// The number of levels below a field of this type; a struct that contains itself has no number.
class Depth {
 public:
  explicit Depth(LintContext& context) : context_(context) {}

  std::uint32_t of(const std::string& type) {
    const Struct* s = find_id(context_.spec.structs, type);
    if (s == nullptr) return 0;
    if (!open_.insert(type).second) {
      if (reported_.insert(type).second) context_.add(s->at, fmt::format("struct '{}' contains itself", type));
      return 0;
    }
    std::uint32_t deepest = 0;
    for (const Field& field : s->fields) deepest = std::max(deepest, of(field.type));
    open_.erase(type);
    return deepest + 1;
  }

 private:
  LintContext& context_;
  std::set<std::string> open_;
  std::set<std::string> reported_;
};

class MessageLint {
 public:
  explicit MessageLint(LintContext& context) : context_(context), depth_(context) {}

  void run() {
    for (const Message& message : context_.spec.messages) check(message);
  }

 private:
  void check(const Message& message) {
    roles(message);
    heads(message);
    place(message);
    errors(message);
    if (message.local && (message.notice || message.anonymous || message.open || !message.errors.empty())) {
      context_.add(message.at,
                   fmt::format("local message '{}' cannot be a notice or anonymous or have errors", message.id));
    }
    for (const Document* document : {&message.request, &message.response}) {
      lint_fields(context_, document->root, document->body);
      depth(message, *document);
      inner(message, *document);
    }
  }

  void roles(const Message& message) {
    std::vector<std::string> players;
    for (const Role& role : context_.spec.roles) {
      if (role.of.empty()) players.push_back(role.id);
    }
    for (const std::string& role : message.from) context_.known(message.at, "role", role, players);
    context_.known(message.at, "role", message.to, players);
    if (contains(message.from, message.to) ? !message.local || message.from.size() > 1 : message.local) {
      context_.add(message.at, fmt::format("message '{}' must be local exactly if it stays within a role", message.id));
    }
  }

  void heads(const Message& message) {
    if (message.anonymous && message.open) {
      context_.add(message.at, fmt::format("message '{}' is either anonymous or open", message.id));
    }
    tail(message);
    if (message.open && context_.spec.envelope.open_request_head.empty()) {
      context_.add(message.at, fmt::format("message '{}' is open but the envelope has no 'open-request-head'", message.id));
    }
  }

  void tail(const Message& message) {
    if (message.tail.empty()) return;
    std::vector<std::string> profiles;
    for (const Profile& profile : context_.spec.profiles) profiles.push_back(profile.id);
    for (const std::string& profile : message.tail) context_.known(message.at, "profile", profile, profiles);
    if (context_.spec.envelope.tail_name.empty()) {
      context_.add(message.at, fmt::format("message '{}' has a 'tail' but the envelope has none", message.id));
    }
    if (message.local || message.anonymous) {
      context_.add(message.at, fmt::format("message '{}' has a 'tail', but nobody to vouch for it", message.id));
    }
  }

  void place(const Message& message) {
    if (!numbers_.insert({message.protocol, message.number}).second) {
      context_.add(message.at, fmt::format("number '{}' of message '{}' is taken", message.number, message.id));
    }
    if (message.local) return;
    if (message.path.empty() || message.path.front() != '/') {
      context_.add(message.at, fmt::format("the path of message '{}' must start with '/'", message.id));
    }
    if (!paths_.insert(message.path).second) {
      context_.add(message.at, fmt::format("path '{}' of message '{}' is taken", message.path, message.id));
    }
  }

  void errors(const Message& message) {
    std::set<std::string> seen;
    for (const std::string& code : message.errors) {
      context_.known(message.at, "error code", code, ids_of(context_.spec.errors));
      if (!seen.insert(code).second) {
        context_.add(message.at, fmt::format("message '{}' lists error code '{}' twice", message.id, code));
      }
    }
  }

  void depth(const Message& message, const Document& document) {
    std::uint32_t deepest = 0;
    for (const Field& field : document.body) deepest = std::max(deepest, 3 + depth_.of(field.type));
    deeper(message, document.root, deepest);
  }

  void deeper(const Message& message, const std::string& root, std::uint32_t levels) {
    const Protocol* protocol = find_id(context_.spec.protocols, message.protocol);
    const Family* family = protocol == nullptr ? nullptr : find_id(context_.spec.families, protocol->family);
    if (family == nullptr || levels <= family->max_depth) return;
    context_.add(message.at, fmt::format("'{}' is {} levels deep; family '{}' admits {}", root, levels, family->id,
                                         family->max_depth));
  }

  /// A document inside another one is a struct of its own, of this message alone, and no deeper than others.
  void inner(const Message& message, const Document& document) {
    if (document.inner.empty()) return;
    if (message.local) context_.add(message.at, fmt::format("local message '{}' has nothing to hide", message.id));
    if (!context_.known(message.at, "struct", document.inner, ids_of(context_.spec.structs))) return;
    if (!inner_.insert(document.inner).second) {
      context_.add(message.at, fmt::format("'{}' is the inner document of two", document.inner));
    }
    const Struct& record = *find_id(context_.spec.structs, document.inner);
    if (!record.of.empty() || !record.plugin.empty()) {
      context_.add(message.at, fmt::format("'{}' is no struct of messages", document.inner));
    }
    deeper(message, document.inner, 1 + depth_.of(document.inner));
  }

  LintContext& context_;
  Depth depth_;
  std::set<std::string> inner_;
  std::set<std::pair<std::string, std::string>> numbers_;
  std::set<std::string> paths_;
};

void lint_envelope(LintContext& context) {
  const Envelope& envelope = context.spec.envelope;
  const auto networked = [](const Message& message) { return !message.local; };
  const auto& messages = context.spec.messages;
  const auto first = std::find_if(messages.begin(), messages.end(), networked);
  if (first == messages.end()) return;
  if (envelope.request_head.empty()) return context.add(context.spec.at, "there are messages but there is no envelope");
  const auto structs = ids_of(context.spec.structs);
  for (const std::string* id : {&envelope.request_head, &envelope.response_head, &envelope.anonymous_request_head,
                                &envelope.open_request_head,
                                &envelope.anonymous_response_head, &envelope.tail_type, &envelope.extension_type}) {
    if (!id->empty()) context.known(context.spec.at, "struct of the envelope", *id, structs);
  }
  if (!context.known(context.spec.at, "struct of the envelope", envelope.status_type, structs)) return;
  const Struct* status = find_id(context.spec.structs, envelope.status_type);
  const Field* leaf = find_leaf(context, context.spec.at, status->fields, envelope.ok_path);
  if (leaf != nullptr) lint_value(context, context.spec.at, *leaf, envelope.ok_value);
}

}  // namespace

void lint_structs(LintContext& context) {
  Depth depth(context);
  for (const Struct& s : context.spec.structs) {
    if (s.fields.empty()) context.add(s.at, fmt::format("struct '{}' has no fields", s.id));
    if (s.of.empty()) lint_fields(context, s.id, s.fields);
    depth.of(s.id);
  }
}

void lint_messages(LintContext& context) {
  lint_envelope(context);
  MessageLint(context).run();
}

}  // namespace quickpay::spec
