// The limits and fixed strings of the wire profile that hold for every family of messages.
#pragma once

#include <cstddef>
#include <string_view>

#include "reference/codec/generated/protocol.hpp"

namespace quickpay::codec {

/// The namespace that the root element of every document declares as its default (QP-TECH-012).
inline constexpr std::string_view kWireNamespace = protocol::kNamespace;

/// The only XML declaration a document may start with.
inline constexpr std::string_view kXmlDeclaration = R"(<?xml version="1.0" encoding="UTF-8"?>)";

/// First part of every signing input.
inline constexpr std::string_view kInputPrefix = protocol::kSignaturePrefix;

/// Longest element name, in bytes.
inline constexpr std::size_t kMaxNameBytes = 64;

/// Open elements the reader has room for. A family whose own limit is larger is cut down to this one.
inline constexpr std::size_t kMaxDepth = 16;

/// Longest value of an integer leaf, in bytes: 19 digits and a sign.
inline constexpr std::size_t kMaxIntegerBytes = 20;

}  // namespace quickpay::codec
