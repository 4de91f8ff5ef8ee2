// One file of a specification: its bytes and where things stand in them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "tools/speccompiler/ir/diagnostic.hpp"

namespace quickpay::spec {

/// A file in memory. Offsets count bytes from 0; columns count bytes from 1.
class Source {
 public:
  Source() = default;
  Source(std::string file, std::string bytes);

  const std::string& file() const { return file_; }
  const std::string& bytes() const { return bytes_; }
  Location locate(std::size_t offset) const;

  /// Where attribute `name` of the element whose name starts at `element` stands; `element` if it has none.
  std::size_t attribute_offset(std::size_t element, std::string_view name) const;

 private:
  std::string file_;
  std::string bytes_;
  std::vector<std::size_t> line_starts_;
};

/// Reads a file of at most kMaxFileBytes. `name` is what locations call it.
tl::expected<Source, Diagnostic> read_source(const std::filesystem::path& path, const std::string& name);

/// The first thing that well-formed XML of our profile must not have and that pugixml lets pass: malformed UTF-8,
/// control characters, unknown entities, DOCTYPE, CDATA, processing instructions, `<` in attribute values.
tl::expected<void, Diagnostic> check_bytes(const Source& source);

}  // namespace quickpay::spec
