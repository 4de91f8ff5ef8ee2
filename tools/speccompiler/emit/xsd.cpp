// <family>.xsd: the schema of a family's documents in XSD 1.0. It says less than the tables where XSD 1.0 cannot say
// it: conditional fields are optional, and lengths count characters, not bytes.
#include <algorithm>
#include <deque>
#include <set>

#include <fmt/format.h>

#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

constexpr CodePointRange kXmlCharacters[] = {
    {0x9, 0xA}, {0xD, 0xD}, {0x20, 0xD7FF}, {0xE000, 0xFFFD}, {0x10000, 0x10FFFF}};

std::string annotation(const std::string& indent, const std::vector<std::string>& requirements,
                       const std::string& text) {
  if (requirements.empty() && text.empty()) return {};
  std::string out = indent + "<xs:annotation>";
  if (!requirements.empty()) out += "<xs:appinfo>" + xml_escape(join(requirements, " ")) + "</xs:appinfo>";
  if (!text.empty()) out += "<xs:documentation>" + xml_escape(text) + "</xs:documentation>";
  return out + "</xs:annotation>\n";
}

std::string class_character(std::uint32_t code_point) {
  switch (code_point) {
    case 0x9:
      return "\\t";
    case 0xA:
      return "\\n";
    case 0xD:
      return "\\r";
    default:
      return fmt::format("&#x{:X};", code_point);
  }
}

// Code points that no XML document can have need no mention, and could not be mentioned.
std::string excluding_class(const std::vector<CodePointRange>& excluded) {
  std::string out = "[^";
  for (const CodePointRange& range : excluded) {
    for (const CodePointRange& allowed : kXmlCharacters) {
      const std::uint32_t first = std::max(range.first, allowed.first);
      const std::uint32_t last = std::min(range.last, allowed.last);
      if (first > last) continue;
      out += class_character(first);
      if (last > first) out += (last > first + 1 ? "-" : "") + class_character(last);
    }
  }
  return out + "]*";
}

std::string simple_type(const Type& type) {
  std::string out =
      fmt::format("  <xs:simpleType name=\"{}\">\n", type.id) + annotation("    ", type.requirements, type.text);
  out += "    <xs:restriction base=\"xs:string\">\n";
  for (const std::string& value : type.values)
    out += fmt::format("      <xs:enumeration value=\"{}\"/>\n", xml_escape(value));
  if (!type.pattern.empty()) out += fmt::format("      <xs:pattern value=\"{}\"/>\n", xml_escape(type.pattern));
  if (type.charset_text && !type.excluded.empty()) {
    out += fmt::format("      <xs:pattern value=\"{}\"/>\n", excluding_class(type.excluded));
  }
  if (type.values.empty()) out += fmt::format("      <xs:minLength value=\"{}\"/>\n", std::max(type.min_bytes, 1U));
  if (type.max_bytes) out += fmt::format("      <xs:maxLength value=\"{}\"/>\n", *type.max_bytes);
  return out + "    </xs:restriction>\n  </xs:simpleType>\n";
}

/// Writes complex types, and the narrowed ones that `where` asks for as it meets them.
class ComplexTypes {
 public:
  explicit ComplexTypes(const Model& model) : model_(model) {}

  std::string all_shared() {
    std::string out;
    for (const Struct* record : model_.records()) out += complex_type(name_of(record->id), *record, {});
    return out;
  }

  std::string document(const DocumentView& view) {
    if (view.inner) {
      const std::string content = annotation("    ", {}, "Travels inside " + view.document->root + ", encrypted.");
      return fmt::format("  <xs:element name=\"{}\" type=\"{}\">\n{}  </xs:element>\n", view.root.id,
                         name_of(view.root.id), content);
    }
    Struct body = view.body;  // its text and ids are the message's, and stand at the root
    body.text.clear();
    body.requirements.clear();
    std::string out = complex_type(body.id, body, {});
    out += fmt::format("  <xs:element name=\"{}\">\n", view.root.id);
    out += annotation("    ", view.response ? std::vector<std::string>{} : view.message->requirements,
                      view.response ? "Response to " + view.message->id + "." : view.message->text);
    return out + "    <xs:complexType>\n" + sequence("      ", view.root, {}) +
           "    </xs:complexType>\n  </xs:element>\n";
  }

  std::string narrowed() {
    std::string out;
    while (!todo_.empty()) {
      const Narrowed next = todo_.front();
      todo_.pop_front();
      out += complex_type(next.name, model_.record(next.record), next.where);
    }
    return out;
  }

 private:
  struct Narrowed {
    std::string name;
    std::string record;
    std::vector<Where> where;
  };

  // Simple and complex types share one space of names.
  std::string name_of(const std::string& record) const {
    const auto& types = model_.spec().types;
    const bool clash = std::any_of(types.begin(), types.end(), [&](const Type& type) { return type.id == record; });
    return clash ? record + ".Struct" : record;
  }

  std::string narrowed_name(const std::string& record, const std::vector<Where>& where) {
    std::string name = record;
    for (const Where& each : where) name += "." + join(each.path, ".") + "." + identifier(each.value);
    if (seen_.insert(name).second) todo_.push_back({name, record, where});
    return name;
  }

  std::string complex_type(const std::string& name, const Struct& record, const std::vector<Where>& where) {
    return fmt::format("  <xs:complexType name=\"{}\">\n", name) +
           annotation("    ", record.requirements, record.text) + sequence("    ", record, where) +
           "  </xs:complexType>\n";
  }

  std::string sequence(const std::string& indent, const Struct& record, const std::vector<Where>& where) {
    std::string out = indent + "<xs:sequence>\n";
    int open = 0;
    for (const Field& field : record.fields) {
      if (field.max == 0) continue;
      if (field.choice != open && open != 0) out += indent + "  </xs:choice>\n";
      if (field.choice != open && field.choice != 0) {
        out += fmt::format("{}  <xs:choice{}>\n", indent, field.condition ? " minOccurs=\"0\"" : "");
      }
      open = field.choice;
      out += element(indent + (open != 0 ? "    " : "  "), field, where);
    }
    if (open != 0) out += indent + "  </xs:choice>\n";
    return out + indent + "</xs:sequence>\n";
  }

  std::string element(const std::string& indent, const Field& field, const std::vector<Where>& outer) {
    std::vector<Where> where = field.where;
    std::string fixed = field.fixed;
    for (const Where& each : outer) {
      if (each.path.front() != field.id) continue;
      if (each.path.size() == 1) fixed = each.value;
      if (each.path.size() > 1) where.push_back({{each.path.begin() + 1, each.path.end()}, each.value});
    }
    std::string opening = fmt::format("{}<xs:element name=\"{}\"", indent, field.id);
    const std::uint32_t least = field.condition && field.choice == 0 ? 0 : field.min;
    if (least != 1) opening += fmt::format(" minOccurs=\"{}\"", least);
    if (field.max != 1) opening += fmt::format(" maxOccurs=\"{}\"", field.max);
    const std::string facets = field.is_struct ? "" : local_facets(indent + "    ", field, fixed);
    if (facets.empty()) opening += fmt::format(" type=\"{}\"", type_name(field, where));
    const std::string content = annotation(indent + "  ", field.requirements, field.text) + facets;
    if (content.empty()) return opening + "/>\n";
    return opening + ">\n" + content + indent + "</xs:element>\n";
  }

  std::string type_name(const Field& field, const std::vector<Where>& where) {
    if (!field.is_struct) return field.type;
    if (!where.empty()) return narrowed_name(field.type, where);
    return field.type.find('.') != std::string::npos ? field.type : name_of(field.type);
  }

  std::string local_facets(const std::string& indent, const Field& field, const std::string& fixed) const {
    std::string facets;
    if (!fixed.empty()) facets += fmt::format("{}  <xs:enumeration value=\"{}\"/>\n", indent, xml_escape(fixed));
    const bool narrower = field.max_bytes && *field.max_bytes < model_.type(field.type).max_bytes.value_or(kUnbounded);
    if (narrower) facets += fmt::format("{}  <xs:maxLength value=\"{}\"/>\n", indent, *field.max_bytes);
    if (facets.empty()) return {};
    return fmt::format(
        "{0}<xs:simpleType>\n{0}  <xs:restriction base=\"{1}\">\n{2}{0}  </xs:restriction>\n{0}</xs:simpleType>\n",
        indent.substr(2), field.type, facets);
  }

  const Model& model_;
  std::set<std::string> seen_;
  std::deque<Narrowed> todo_;
};

}  // namespace

std::string schema_xsd(const Model& model, const Family& family) {
  const Spec& spec = model.spec();
  std::string out = fmt::format(
      "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns=\"{0}\" targetNamespace=\"{0}\"\n"
      "           elementFormDefault=\"qualified\" version=\"{1}\">\n",
      xml_escape(spec.xml_namespace), xml_escape(spec.version));
  for (const Type& type : spec.types) out += simple_type(type);
  ComplexTypes types(model);
  out += types.all_shared();
  for (const DocumentView& view : model.documents()) {
    if (view.message->local || model.family_of(*view.message).id != family.id) continue;
    out += types.document(view);
  }
  return out + types.narrowed() + "</xs:schema>\n";
}

}  // namespace quickpay::spec
