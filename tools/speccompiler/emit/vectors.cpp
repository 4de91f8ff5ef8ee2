// codec-<Message>.json: all vectors of one message, written as JSON.
#include "tools/speccompiler/emit/vectors.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"
#include "tools/speccompiler/emit/vector_json.hpp"
#include "tools/speccompiler/ir/canonical.hpp"

namespace quickpay::spec {
namespace {

constexpr std::size_t kWorthSharing = 64;  // bytes of a base that are worth a reference to it

std::size_t utf8_length(std::string_view text, std::size_t i) {
  const auto lead = static_cast<unsigned char>(text[i]);
  const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead >= 0x80 && (lead < 0xC2 || lead > 0xF4)) return 0;
  std::uint32_t c = length == 1 ? lead : lead & (0x7FU >> length);
  for (std::size_t k = 1; k < length; ++k) {
    if (i + k >= text.size() || (static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return 0;
    c = c << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
  }
  const std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  return c < least[length] || (c >= 0xD800 && c < 0xE000) || c > 0x10FFFF ? 0 : length;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string json_text(const std::string& text, bool utf8) { return json_string(utf8 ? text : base64(text)); }

std::string json_part(const BodyPart& part, bool utf8) {
  if (part.times == 1) return json_text(part.text, utf8);
  return fmt::format("{{\"repeat\": {}, \"times\": {}}}", json_text(part.text, utf8), part.times);
}

/// How much of a body is that of the vector it was made from: bytes at the beginning, bytes at the end.
struct Shared {
  std::size_t head = 0;
  std::size_t tail = 0;
};

bool inside_character(const std::string& text, std::size_t i) {
  return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
}

Shared shared_with(const std::string& base, const Body& body) {
  Shared shared;
  if (base.size() < kWorthSharing || body.empty() || body.front().times != 1 || body.back().times != 1) return shared;
  const std::string& first = body.front().text;
  while (shared.head < std::min(base.size(), first.size()) && base[shared.head] == first[shared.head]) ++shared.head;
  while (shared.head > 0 && (inside_character(base, shared.head) || inside_character(first, shared.head)))
    --shared.head;
  const std::string& last = body.back().text;
  const std::size_t taken = body.size() == 1 ? shared.head : 0;
  const std::size_t most = std::min(base.size() - shared.head, last.size() - taken);
  while (shared.tail < most && base[base.size() - 1 - shared.tail] == last[last.size() - 1 - shared.tail])
    ++shared.tail;
  while (shared.tail > 0 && inside_character(base, base.size() - shared.tail)) --shared.tail;
  return shared.head + shared.tail < kWorthSharing ? Shared{} : shared;
}

/// The parts of a body; what it shares with its base is given as a range of the base's bytes.
std::vector<std::string> json_parts(Body body, const std::string& base, bool utf8) {
  const Shared shared = shared_with(base, body);
  std::vector<std::string> parts;
  if (shared.head != 0) parts.push_back(fmt::format("{{\"from\": 0, \"to\": {}}}", shared.head));
  if (!body.empty()) {
    body.front().text.erase(0, shared.head);
    body.back().text.erase(body.back().text.size() - shared.tail);
  }
  for (const BodyPart& part : body) {
    if (!part.text.empty()) parts.push_back(json_part(part, utf8));
  }
  if (shared.tail != 0)
    parts.push_back(fmt::format("{{\"from\": {}, \"to\": {}}}", base.size() - shared.tail, base.size()));
  return parts;
}

std::string json_body(const Vector& vector, const std::string& base, bool utf8) {
  const std::vector<std::string> parts = json_parts(vector.body, base, utf8);
  if (parts.empty()) return "\"\"";
  return parts.size() == 1 && parts.front().front() == '"' ? parts.front() : "[" + join(parts, ", ") + "]";
}

std::string json_vector(const std::string& prefix, const std::string& root, const Vector& vector,
                        const std::string& base) {
  const bool utf8 = is_utf8(flat(vector.body));
  std::string out = fmt::format(
      "    {{ \"id\": {}, \"document\": {}, \"flags\": {},\n      \"requirements\": {},\n      \"result\": \"{}\"",
      json_string(prefix + vector.slug), json_string(root), json_list(vector.flags), json_list(vector.requirements),
      vector.code.empty() ? "valid" : "invalid");
  if (!vector.code.empty()) out += fmt::format(", \"code\": {}", json_string(vector.code));
  if (!vector.base.empty()) out += fmt::format(", \"base\": {}", json_string(prefix + vector.base));
  if (vector.code.empty()) {
    const std::string& canonical = vector.canonical;
    out += fmt::format(",\n      \"canonical\": {{\"bytes\": {}, \"sha256\": \"{}\"}}", canonical.size(),
                       sha256_hex(canonical));
  }
  return out + fmt::format(", \"encoding\": \"{}\",\n      \"body\": {} }}", utf8 ? "utf8" : "base64",
                           json_body(vector, base, utf8));
}

const ProcessingStep* step_of(const Spec& spec, const std::string& id) {
  const auto step =
      std::find_if(spec.processing.begin(), spec.processing.end(), [&](const ProcessingStep& s) { return s.id == id; });
  return step == spec.processing.end() ? nullptr : &*step;
}

VectorContext context_of(const Model& model, const DocumentView& view) {
  VectorContext context{model, view, model.family_of(*view.message), {}, {}, {}, {}};
  if (const ProcessingStep* xml = step_of(model.spec(), "xml")) {
    context.xml_code = xml->outcome;
    context.xml_requirements = xml->requirements;
  }
  if (const ProcessingStep* schema = step_of(model.spec(), "schema")) {
    context.schema_code = schema->outcome;
    context.schema_requirements = schema->requirements;
  }
  return context;
}

/// Whether a field of the record, or of what is below it, has a condition that is one of the results, or one that is not.
bool has_conditions(const Model& model, const Struct& record, bool of_status) {
  return std::any_of(record.fields.begin(), record.fields.end(), [&](const Field& field) {
    if (field.condition && is_of_status(model.spec().envelope, *field.condition) == of_status) return true;
    return field.is_struct && has_conditions(model, model.record(field.type), of_status);
  });
}

/// Which conditions hold in an example.
struct Held {
  bool all;
  bool granted;        ///< those of results do
  const char* suffix;  ///< of the example's name
};

/// All; none; and, where there are results with conditions of their own, those of results alone.
std::vector<Held> ways_to_hold(const VectorContext& context) {
  std::vector<Held> ways{{true, true, ""}};
  const bool of_status = has_conditions(context.model, context.view.root, true), others = has_conditions(context.model, context.view.root, false);
  if (of_status || others) ways.push_back({false, false, "-refused"});
  if (of_status && others) ways.push_back({false, true, "-otherwise"});
  return ways;
}

std::size_t most_alternatives(const Model& model, const Struct& record) {
  std::size_t most = 1;
  for (const Field& field : record.fields) {
    if (field.is_struct && field.max > 0) most = std::max(most, most_alternatives(model, model.record(field.type)));
    const auto same = [&](const Field& other) { return other.choice == field.choice; };
    if (field.choice != 0)
      most = std::max<std::size_t>(
          most, static_cast<std::size_t>(std::count_if(record.fields.begin(), record.fields.end(), same)));
  }
  return most;
}

/// All valid examples of a document: three extents, with conditions met, not met, and in part, each alternative of its choices.
std::vector<std::pair<Vector, BaseDocument>> valid_examples(const VectorContext& context) {
  std::vector<std::pair<Vector, BaseDocument>> out;
  const Model& model = context.model;
  const std::size_t alternatives = most_alternatives(model, context.view.root);
  const std::string refusal = context.view.message->errors.empty() ? "" : context.view.message->errors.front();
  for (const Held& held : ways_to_hold(context)) {
    for (std::size_t alternative = 0; alternative < (held.all ? alternatives : 1); ++alternative) {
      for (const auto& [word, extent] : {std::pair{"minimal", Extent::minimal}, std::pair{"full", Extent::full},
                                         std::pair{"maximal", Extent::maximal}}) {
        std::string slug = word;
        slug += held.suffix;
        if (alternative != 0) slug += fmt::format("-alternative-{}", alternative + 1);
        BaseDocument base{slug, example(model, context.view, {extent, held.all, alternative, refusal, held.granted}), held.all};
        Vector vector;
        vector.slug = slug;
        vector.flags = {word};
        vector.requirements = context.view.message->requirements;
        vector.body = to_body(base.root, model.spec().xml_namespace, extent == Extent::full);
        vector.canonical = canonical_encoding(base.root);
        out.emplace_back(std::move(vector), std::move(base));
      }
    }
  }
  return out;
}

void append(std::vector<Vector>& to, std::vector<Vector> from) {
  for (Vector& vector : from) to.push_back(std::move(vector));
}

/// Drops what an earlier vector says already: the same bytes, or, with a number added, the same slug.
std::vector<Vector> distinct(std::vector<Vector> vectors) {
  std::set<std::string> bodies;
  std::set<std::string> slugs;
  std::vector<Vector> out;
  for (Vector& vector : vectors) {
    if (!bodies.insert(flat(vector.body)).second) continue;
    const std::string slug = vector.slug;
    for (int n = 2; !slugs.insert(vector.slug).second; ++n) vector.slug = fmt::format("{}-{}", slug, n);
    out.push_back(std::move(vector));
  }
  return out;
}

std::vector<Vector> vectors_of(const VectorContext& context) {
  std::vector<Vector> out;
  std::vector<Vector> changed;
  for (auto& [vector, base] : valid_examples(context)) {
    out.push_back(std::move(vector));
    if (base.slug.rfind("full", 0) == 0) append(changed, schema_changes(context, base));
    if (base.slug != "minimal") continue;
    append(out, lexical_positives(context, base));
    append(changed, profile_negatives(context, base));
  }
  append(out, std::move(changed));
  return distinct(std::move(out));
}

}  // namespace

std::string codec_vectors(const Model& model, const Message& message, const std::string& mark) {
  std::vector<std::string> entries;
  for (const DocumentView& view : model.documents()) {
    if (view.message->id != message.id) continue;
    const VectorContext context = context_of(model, view);
    const std::string prefix =
        fmt::format("{}.{}.{}{}.", context.family.id, kebab(message.id),
                                           view.response ? "response" : "request", view.inner ? "-inner" : "");
    std::map<std::string, std::string> bodies;
    for (const Vector& vector : vectors_of(context)) {
      entries.push_back(json_vector(prefix, view.root.id, vector, vector.base.empty() ? "" : bodies[vector.base]));
      if (vector.base.empty()) bodies[vector.slug] = flat(vector.body);
    }
  }
  return fmt::format(
      "{{ \"generated\": {},\n  \"protocol\": {},\n  \"message\": {},\n  \"path\": {},\n  \"count\": {},\n  "
      "\"vectors\": [\n{}\n  ]\n}}\n",
      json_string(mark), json_string(message.protocol), json_string(message.id), json_string(message.path),
      entries.size(), join(entries, ",\n"));
}

}  // namespace quickpay::spec
