// Tables that describe messages: what the reader, the writer and the canonical encoding are driven by.
// The tables themselves are generated from the specification (generated/).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reference/codec/skip.hpp"

namespace quickpay::codec {

/// A deterministic automaton over bytes that accepts exactly the values of a leaf type.
/// State 0 is the start, state 0xFFFF of a transition refuses.
struct Automaton {
  std::span<const std::uint8_t> classes;       ///< 256 entries: byte → character class
  std::span<const std::uint16_t> transitions;  ///< state * class_count + class → state
  std::uint16_t class_count = 0;
  std::span<const std::uint8_t> accepting;     ///< one entry a state, 1 accepts
  Skip skip = {};                              ///< find_skip() of the tables, or nothing
};

struct CodePointRange {
  std::uint32_t first;
  std::uint32_t last;
};

enum class Storage : std::uint8_t { text, integer, enumeration };

/// A leaf type of the specification.
struct LeafType {
  std::string_view id;
  Storage storage;
  const Automaton* automaton;                        ///< null: no pattern
  std::span<const std::string_view> values;          ///< enumeration: the values in order
  std::span<const CodePointRange> excluded;          ///< text: code points that are refused, sorted
  std::uint32_t min_bytes;
  std::uint32_t max_bytes;                           ///< after unescaping
};

struct StructType;

/// How the reader and the writer reach a field inside its parent object.
/// A leaf object is a std::string, a std::int64_t or an enum class : std::uint8_t, as LeafType::storage says.
struct FieldAccess {
  void* (*append)(void* parent);                          ///< adds one occurrence and returns it
  const void* (*at)(const void* parent, std::size_t i);   ///< occurrence i, i < count
  std::size_t (*count)(const void* parent);               ///< occurrences present
};

/// The field counts only where the leaf reached by `path` (indices of fields) equals `value`, or not if negated.
struct Condition {
  std::span<const std::uint16_t> path;
  std::string_view value;
  bool negated;
};

/// A leaf below a field that must have one value.
struct FixedLeaf {
  std::span<const std::uint16_t> path;  ///< indices of fields, relative to the field's struct
  std::string_view value;
};

/// Narrower cardinality in one profile; checked after the schema (step 9 of the processing order).
struct ProfileRule {
  std::string_view profile;
  std::uint32_t min;
  std::uint32_t max;
};

struct Field {
  std::string_view name;
  const LeafType* leaf;      ///< either leaf …
  const StructType* type;    ///< … or struct
  std::uint32_t min;
  std::uint32_t max;
  std::uint32_t max_bytes;   ///< leaf: the narrower of the field's and the type's
  std::uint16_t choice;      ///< non-zero: exactly one field of this number occurs
  std::string_view fixed;    ///< leaf: the only value, or empty
  const Condition* condition;
  std::span<const FixedLeaf> where;
  std::span<const ProfileRule> profiles;
  FieldAccess access;
};

struct StructType {
  std::string_view id;
  std::span<const Field> fields;
};

/// A family of messages and its limits.
struct Family {
  std::string_view id;
  std::uint32_t max_body_bytes;
  std::uint32_t max_elements;
  std::uint32_t max_depth;
};

/// One document (a request or a response): root element, layout, limits.
struct DocumentType {
  std::string_view root;
  const StructType* type;  ///< of the root: Head, Body, Auth?
  const Family* family;
};

/// One message of the specification. A local message has no path.
struct MessageType {
  std::string_view id;
  std::string_view number;
  std::string_view protocol;
  std::string_view path;
  std::span<const std::string_view> from;  ///< the roles that may send it
  std::string_view to;
  bool notice;
  bool anonymous;
  bool open;  ///< the sender may leave out who it is
  std::span<const std::string_view> tail;  ///< profiles in which its documents are authenticated (Auth)
  const DocumentType* request;
  const DocumentType* response;
  std::span<const std::string_view> errors;  ///< in the order in which they are checked
  const DocumentType* request_inner = nullptr;   ///< what a sealed request holds, or null
  const DocumentType* response_inner = nullptr;  ///< what the box of its response holds, or null
};

/// Whether players of `role` may send the message.
constexpr bool may_send(const MessageType& message, std::string_view role) {
  for (const std::string_view sender : message.from) {
    if (sender == role) return true;
  }
  return false;
}

/// Whether documents of the message are authenticated in `profile`. A sender that leaves out who it is cannot be.
constexpr bool authenticated(const MessageType& message, std::string_view profile, bool names_sender) {
  for (const std::string_view each : message.tail) {
    if (each == profile) return names_sender;
  }
  return false;
}

namespace detail {

template <class T>
struct Occurrences {  // a field that occurs exactly once
  static void* append(T& member) { return &member; }
  static const void* at(const T& member, std::size_t) { return &member; }
  static std::size_t count(const T&) { return 1; }
};
template <class T>
struct Occurrences<std::optional<T>> {
  static void* append(std::optional<T>& member) { return &member.emplace(); }
  static const void* at(const std::optional<T>& member, std::size_t) { return &*member; }
  static std::size_t count(const std::optional<T>& member) { return member.has_value() ? 1 : 0; }
};
template <class T>
struct Occurrences<std::vector<T>> {
  static void* append(std::vector<T>& member) { return &member.emplace_back(); }
  static const void* at(const std::vector<T>& member, std::size_t i) { return &member[i]; }
  static std::size_t count(const std::vector<T>& member) { return member.size(); }
};

template <class M>
struct MemberOf;
template <class P, class T>
struct MemberOf<T P::*> {
  using Parent = P;
  using Type = T;
};

}  // namespace detail

/// The FieldAccess of the data member `Member`: T is read once, std::optional<T> at most once, std::vector<T> often.
template <auto Member>
constexpr FieldAccess access_of() {
  using M = detail::MemberOf<decltype(Member)>;
  using O = detail::Occurrences<typename M::Type>;
  using P = typename M::Parent;
  return {[](void* parent) { return O::append(static_cast<P*>(parent)->*Member); },
          [](const void* parent, std::size_t i) { return O::at(static_cast<const P*>(parent)->*Member, i); },
          [](const void* parent) { return O::count(static_cast<const P*>(parent)->*Member); }};
}

}  // namespace quickpay::codec
