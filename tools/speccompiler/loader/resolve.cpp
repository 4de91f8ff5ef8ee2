// What needs all files: variants, documents as the envelope lays them out, which fields hold structs.
#include <fmt/format.h>

#include <algorithm>

#include "tools/speccompiler/ir/suggest.hpp"
#include "tools/speccompiler/loader/reader.hpp"

namespace quickpay::spec {
namespace {

const Struct* find_struct(const Spec& spec, std::string_view id) {
  const auto found =
      std::find_if(spec.structs.begin(), spec.structs.end(), [&](const Struct& s) { return s.id == id; });
  return found == spec.structs.end() ? nullptr : &*found;
}

class Resolver {
 public:
  Resolver(Spec& spec, Diagnostics& findings) : spec_(spec), findings_(findings) {}

  void run() {
    for (Struct& variant : spec_.structs) {
      if (!variant.of.empty()) resolve_variant(variant);
    }
    for (Message& message : spec_.messages) resolve_message(message);
    for (Struct& s : spec_.structs) mark_structs(s.fields);
    for (Message& message : spec_.messages) {
      mark_structs(message.request.body);
      mark_structs(message.response.body);
    }
  }

 private:
  void add(const Location& at, std::string message, std::string suggestion = {}) {
    findings_.push_back({at, Severity::error, std::move(message), std::move(suggestion)});
  }

  void resolve_variant(Struct& variant) {
    const Struct* base = find_struct(spec_, variant.of);
    if (base == nullptr || !base->of.empty()) {
      std::vector<std::string> names;
      for (const Struct& s : spec_.structs) {
        if (s.of.empty()) names.push_back(s.id);
      }
      return add(variant.at, fmt::format("variant '{}' of the unknown struct '{}'", variant.id, variant.of),
                 did_you_mean(variant.of, names));
    }
    const std::vector<Field> narrowings = std::move(variant.fields);
    variant.fields = base->fields;
    for (const Field& narrowing : narrowings) narrow(variant, narrowing);
  }

  void narrow(Struct& variant, const Field& narrowing) {
    std::vector<std::string> names;
    for (Field& field : variant.fields) {
      names.push_back(field.id);
      if (field.id != narrowing.id) continue;
      if (narrowing.min < field.min || narrowing.max > field.max) {
        add(narrowing.at, fmt::format("variant '{}' widens the field '{}'", variant.id, field.id));
      }
      field.min = narrowing.min;
      field.max = narrowing.max;
      return;
    }
    add(narrowing.at, fmt::format("struct '{}' has no field '{}'", variant.of, narrowing.id),
        did_you_mean(narrowing.id, names));
  }

  Field envelope_field(const Message& message, const std::string& name, const std::string& type, std::uint32_t min,
                       std::uint32_t max) const {
    Field field;
    field.id = name;
    field.type = type;
    field.min = min;
    field.max = max;
    field.at = message.at;
    return field;
  }

  void resolve_message(Message& message) {
    const Envelope& envelope = spec_.envelope;
    message.request.root = message.id;
    message.response.root = message.id + envelope.response_suffix;
    if (message.local) return;
    message.request.head = message.anonymous ? envelope.anonymous_request_head
                           : message.open    ? envelope.open_request_head
                                             : envelope.request_head;
    message.response.head = message.anonymous ? envelope.anonymous_response_head : envelope.response_head;
    std::vector<std::string> ok_path{envelope.status_name};
    ok_path.insert(ok_path.end(), envelope.ok_path.begin(), envelope.ok_path.end());
    for (Field& field : message.response.body) {
      if (field.condition) add(field.at, fmt::format("result field '{}' is conditional already", field.id));
      field.condition = Condition{ok_path, envelope.ok_value, false};
    }
    auto& results = message.response.body;
    results.insert(results.begin(), envelope_field(message, envelope.status_name, envelope.status_type, 1, 1));
    for (Document* document : {&message.request, &message.response}) {
      if (envelope.extension_name.empty()) continue;
      document->body.push_back(
          envelope_field(message, envelope.extension_name, envelope.extension_type, 0, envelope.extension_max));
    }
  }

  void mark_structs(std::vector<Field>& fields) {
    for (Field& field : fields) field.is_struct = find_struct(spec_, field.type) != nullptr;
  }

  Spec& spec_;
  Diagnostics& findings_;
};

}  // namespace

void resolve(Spec& spec, Diagnostics& findings) { Resolver(spec, findings).run(); }

}  // namespace quickpay::spec
