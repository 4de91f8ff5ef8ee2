// A small family of messages made for these tests: every feature of the tables once, written by hand, so that the reader
// is tested without the tables of the protocol and without the program that makes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reference/codec/schema.hpp"

namespace quickpay::codec::sample {

enum class Code : std::uint8_t { ok, no, later };
enum class Kind : std::uint8_t { micro, regular };

struct Part {
  Kind kind{};
  std::int64_t amount = 0;
  bool operator==(const Part&) const = default;
};
struct Head {
  std::string id;
  std::optional<std::string> sender;
  bool operator==(const Head&) const = default;
};
struct Status {
  Code code{};
  std::optional<Kind> retry;
  bool operator==(const Status&) const = default;
};
struct Ext {
  std::string name;
  std::string value;
  bool operator==(const Ext&) const = default;
};
struct Body {
  Status status;
  std::optional<Part> part;             // only if status is ok; its Kind is micro
  std::optional<std::string> left;      // only if ok: Left or Right
  std::optional<Part> right;
  std::vector<std::string> tags;        // 0..3
  std::optional<std::string> note;
  std::vector<Ext> ext;                 // 0..2
  bool operator==(const Body&) const = default;
};
struct Root {
  Head head;
  Body body;
  std::optional<Part> seal;  // demanded in profile H
  bool operator==(const Root&) const = default;
};

/// Root "Root": Head{Id, Sender?}, Body{…}, Seal?. At most 32 elements, depth 5.
const DocumentType& document();
/// The Part struct, for fragments.
const StructType& part_type();
const Family& family();

/// A document with every field, and its canonical spelling.
Root full();
extern const char* const kFull;
/// A refusal: no result fields.
extern const char* const kRefusal;

/// A document of Root whose Body has the content `body`.
std::string with_body(const std::string& body);

}  // namespace quickpay::codec::sample
