#include "tools/speccompiler/loader/loader.hpp"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <pugixml.hpp>
#include <set>

#include "tools/speccompiler/loader/reader.hpp"
#include "tools/speccompiler/loader/shape.hpp"
#include "tools/speccompiler/loader/source.hpp"

namespace quickpay::spec {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLanguage = "urn:quickpay:spec:1";

/// A file and its tree; the tree's nodes give offsets into the source.
struct File {
  Source source;
  pugi::xml_document tree;
};

tl::expected<std::unique_ptr<File>, Diagnostic> parse_file(const fs::path& path, const std::string& name) {
  auto source = read_source(path, name);
  if (!source) return tl::make_unexpected(source.error());
  if (auto checked = check_bytes(*source); !checked) return tl::make_unexpected(checked.error());
  auto file = std::make_unique<File>();
  file->source = std::move(*source);
  const std::string& bytes = file->source.bytes();
  const auto result = file->tree.load_buffer(bytes.data(), bytes.size(), pugi::parse_default, pugi::encoding_utf8);
  if (result) return file;
  const Location at = file->source.locate(static_cast<std::size_t>(result.offset));
  return tl::make_unexpected(
      Diagnostic{at, Severity::error, fmt::format("not well-formed XML: {}", result.description()), {}});
}

/// Counts the elements below a node against the limits; without recursion.
class Counter final : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node& node) override {
    if (node.type() == pugi::node_element) ++elements;
    deepest = std::max(deepest, depth());
    return true;
  }
  std::size_t elements = 0;
  int deepest = 0;
};

using Build = void (*)(Reader&, pugi::xml_node, Spec&);
constexpr std::array<std::pair<std::string_view, Build>, 11> kSections{{{"requirements", build_requirements},
                                                                       {"exclusions", build_exclusions},
                                                                       {"decisions", build_decisions},
                                                                       {"roles", build_roles},
                                                                       {"parameters", build_parameters},
                                                                       {"errors", build_errors},
                                                                       {"types", build_types},
                                                                       {"common", build_common},
                                                                       {"protocol", build_protocol},
                                                                       {"properties", build_properties},
                                                                       {"plugin", build_plugin}}};

class Loader {
 public:
  explicit Loader(fs::path folder) : folder_(std::move(folder)) {}

  tl::expected<Spec, Diagnostics> run(const std::string& name) {
    load_root(name);
    if (findings_.empty()) resolve(spec_, findings_);
    if (findings_.empty()) return std::move(spec_);
    sort_diagnostics(findings_);
    return tl::make_unexpected(std::move(findings_));
  }

 private:
  void add(const Location& at, std::string message) {
    findings_.push_back({at, Severity::error, std::move(message), {}});
  }

  // The file, checked for well-formedness, limits and shape; null if there is nothing to build from.
  File* open(const std::string& name, std::string_view parent) {
    auto parsed = parse_file(folder_ / name, name);
    if (!parsed) {
      findings_.push_back(parsed.error());
      return nullptr;
    }
    files_.push_back(std::move(*parsed));
    File& file = *files_.back();
    return check_tree(file, parent) ? &file : nullptr;
  }

  bool check_tree(File& file, std::string_view parent) {
    Counter counter;
    file.tree.traverse(counter);
    elements_ += counter.elements;
    const Location start = file.source.locate(0);
    if (elements_ > kMaxElements) return add(start, "the specification has too many elements"), false;
    if (counter.deepest > kMaxDepth) return add(start, "elements are nested too deeply"), false;
    const pugi::xml_node root = file.tree.document_element();
    Reader reader(file.source, findings_);
    if (root.next_sibling()) return reader.add(root.next_sibling(), "something follows the root element"), false;
    if (kLanguage != root.attribute("xmlns").value()) {
      return reader.add(root, fmt::format("the root element must have xmlns=\"{}\"", kLanguage)), false;
    }
    const std::size_t before = findings_.size();
    check_shape(file.source, root, parent, findings_);
    return findings_.size() == before;
  }

  void load_root(const std::string& name) {
    const File* file = open(name, "");
    if (file == nullptr) return;
    const pugi::xml_node root = file->tree.document_element();
    Reader reader(file->source, findings_);
    reader.common(root, spec_);
    spec_.version = Reader::text(root, "version");
    spec_.xml_namespace = Reader::text(root, "namespace");
    spec_.signature_prefix = Reader::text(root, "signature-prefix");
    for (const pugi::xml_node section : root.children()) {
      if (std::string_view(section.name()) == "include") {
        include(reader, section);
      } else {
        build(reader, section);
      }
    }
  }

  void include(Reader& reader, pugi::xml_node node) {
    const std::string name = Reader::text(node, "file");
    const fs::path path(name);
    const bool inside = !name.empty() && path.is_relative() && name.find("..") == std::string::npos;
    if (!inside) return reader.add(node, fmt::format("'{}' is not a file below this folder", name));
    if (!included_.insert(path.lexically_normal().generic_string()).second) {
      return reader.add(node, fmt::format("'{}' is included twice", name));
    }
    if (included_.size() >= kMaxFiles) return reader.add(node, "too many files");
    std::error_code error;
    if (!fs::is_regular_file(folder_ / path, error)) {
      return reader.add(node, fmt::format("there is no file '{}'", name));
    }
    const File* file = open(name, "spec");
    if (file == nullptr) return;
    Reader inner(file->source, findings_);
    build(inner, file->tree.document_element());
  }

  void build(Reader& reader, pugi::xml_node section) {
    for (const auto& [name, function] : kSections) {
      if (name == section.name()) return function(reader, section, spec_);
    }
    if (std::string_view(section.name()) != "text") reader.add(section, "an included file must hold a section");
  }

  fs::path folder_;
  std::vector<std::unique_ptr<File>> files_;
  std::set<std::string> included_;
  std::size_t elements_ = 0;
  Diagnostics findings_;
  Spec spec_;
};

bool is_root(const fs::path& path) {
  pugi::xml_document tree;
  return path.extension() == ".xml" && tree.load_file(path.c_str()) &&
         std::string_view(tree.document_element().name()) == "spec";
}

tl::expected<fs::path, Diagnostics> find_root(const fs::path& root) {
  std::error_code error;
  if (!fs::is_directory(root, error)) return root;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(root, error)) {
    if (is_root(entry.path())) found.push_back(entry.path());
  }
  if (found.size() == 1) return found.front();
  const std::string_view why = found.empty() ? "no file here has the root element 'spec'"
                                             : "more than one file here has the root element 'spec'";
  return tl::make_unexpected(Diagnostics{{{root.generic_string(), 1, 1}, Severity::error, std::string(why), {}}});
}

}  // namespace

tl::expected<Spec, Diagnostics> load_spec(const fs::path& root) {
  auto file = find_root(root);
  if (!file) return tl::make_unexpected(file.error());
  return Loader(file->parent_path()).run(file->filename().generic_string());
}

}  // namespace quickpay::spec
