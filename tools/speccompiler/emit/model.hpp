// The specification as emitters walk it: every document resolved to structs, every name looked up once.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

/// One document of a message, with the structs its root and its body amount to.
struct DocumentView {
  const Message* message = nullptr;
  const Document* document = nullptr;
  bool response = false;
  bool inner = false;  ///< a document inside one of the message's, encrypted: `root` is a struct of the specification
  Struct root;  ///< head, body, tail; of a local message and of an inner document: the fields themselves
  Struct body;  ///< id is `<root>.<body>`; empty for a local message and an inner document
};

/// Where a requirement is referenced, for documents.
using References = std::map<std::string, std::vector<std::string>>;

/// Look-ups over one specification; it keeps a reference to it.
class Model {
 public:
  explicit Model(const Spec& spec);
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const Spec& spec() const { return spec_; }
  const Type& type(const std::string& id) const;
  /// A struct, a variant, or the body of a document by its synthetic id.
  const Struct& record(const std::string& id) const;
  /// The struct whose C++ type `record` has: itself, or what a variant narrows.
  const Struct& base(const Struct& record) const;
  const Family& family_of(const Message& message) const;
  /// All documents, in the order of their messages, request before response, then what is inside them; absent ones left out.
  const std::vector<DocumentView>& documents() const { return documents_; }
  /// Structs and variants in an order in which each stands behind those it needs.
  const std::vector<const Struct*>& records() const { return records_; }
  /// Indices of fields from `from` along `path`.
  std::vector<std::size_t> indices(const Struct& from, const std::vector<std::string>& path) const;
  /// The leaf that `path` leads to.
  const Type& leaf(const Struct& from, const std::vector<std::string>& path) const;
  /// The byte bounds of a leaf field: those of the type, the field and the pattern together.
  std::uint32_t min_bytes(const Field& field) const;
  std::uint32_t max_bytes(const Field& field) const;

 private:
  void add_documents();
  void order_records();
  void visit(const Struct& record, std::map<std::string, int>& marks);

  const Spec& spec_;
  std::map<std::string, const Type*> types_;
  std::map<std::string, const Struct*> structs_;
  std::vector<DocumentView> documents_;
  std::vector<const Struct*> records_;
  std::map<std::string, std::pair<std::uint32_t, std::uint32_t>> pattern_bytes_;
};

/// What stands for "no bound" in a table.
inline constexpr std::uint32_t kUnbounded = 0xFFFFFFFF;

/// True if the member that holds the field is a std::optional, a std::vector.
bool is_optional(const Field& field);
bool is_list(const Field& field);

/// Name of a machine as a folder and namespace word.
std::string machine_word(const Machine& machine);

/// `verb argument argument`.
std::string effect_id(const Effect& effect);

/// Effects of a machine in the order of their first use in its rows and defaults.
std::vector<Effect> effects_of(const Machine& machine);

/// `<spec id>-<version>`, the name of the specification's folder.
std::string spec_folder(const Spec& spec);

}  // namespace quickpay::spec
