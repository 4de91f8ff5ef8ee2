// <family>.dict: words for libFuzzer that a document of the family is made of.
#include <algorithm>

#include <fmt/format.h>

#include "tools/speccompiler/emit/automaton.hpp"
#include "tools/speccompiler/emit/files.hpp"

namespace quickpay::spec {
namespace {

constexpr std::size_t kMaxWord = 64;  // longer words help no mutation

std::string quoted(const std::string& word) {
  std::string out = "\"";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7F) {
      out += fmt::format("\\x{:02X}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

/// Words in the order of their first mention.
class Words {
 public:
  void add(const std::string& word) {
    if (word.empty() || word.size() > kMaxWord || std::find(words_.begin(), words_.end(), word) != words_.end()) return;
    words_.push_back(word);
  }
  void add_elements(const Struct& record) {
    if (record.id.find('.') == std::string::npos) add("<" + record.id + ">");
    for (const Field& field : record.fields) {
      add("<" + field.id + ">");
      add("</" + field.id + ">");
      add(field.fixed);
    }
  }
  void add_members(const Type& type) {
    for (const std::string& value : type.values) add(value);
    if (type.pattern.empty()) return;
    const Dfa dfa = dfa_of(type.pattern);
    const std::uint32_t shortest = shortest_length(dfa);
    const auto longest = longest_length(dfa);
    add(member(dfa, shortest, 0).value_or(""));
    if (longest && *longest <= kMaxWord) add(member(dfa, *longest, 1).value_or(""));
  }
  std::string text() const {
    std::string out;
    for (const std::string& word : words_) out += quoted(word) + "\n";
    return out;
  }

 private:
  std::vector<std::string> words_;
};

}  // namespace

std::string fuzz_dictionary(const Model& model, const Family& family) {
  Words words;
  const std::string space = model.spec().xml_namespace;
  words.add("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
  words.add(fmt::format(" xmlns=\"{}\"", space));
  words.add(fmt::format(" xmlns:p=\"{}\"", space));
  for (const char* word : {"&amp;",
                           "&lt;",
                           "&gt;",
                           "&quot;",
                           "&apos;",
                           "&#65;",
                           "&#x41;",
                           "<!--",
                           "-->",
                           "<![CDATA[",
                           "]]>",
                           "<?pi ?>",
                           "<!DOCTYPE a>",
                           "/>",
                           "</",
                           "\xEF\xBB\xBF",
                           "\xC0\x80",
                           "\xED\xA0\x80",
                           "\xF4\x90\x80\x80",
                           "\xE2\x80\xAE",
                           "0",
                           "-1",
                           "9223372036854775807",
                           "9223372036854775808"}) {
    words.add(word);
  }
  for (const DocumentView& view : model.documents()) {
    if (view.message->local || model.family_of(*view.message).id != family.id) continue;
    words.add_elements(view.root);
    words.add("</" + view.root.id + ">");
    words.add_elements(view.body);
    words.add(view.message->path);
    for (const std::string& code : view.message->errors) words.add(code);
  }
  for (const Struct* record : model.records()) words.add_elements(*record);
  for (const Type& type : model.spec().types) words.add_members(type);
  for (const Field& field : model.documents().empty() ? std::vector<Field>{} : model.documents().front().root.fields) {
    words.add("</" + field.id + ">");
  }
  words.add(model.spec().envelope.ok_value);
  return words.text();
}

}  // namespace quickpay::spec
