// The document with which a shop's page begins a purchase (AMB-83).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "reference/codec/generated/messages.hpp"
#include "reference/codec/reader.hpp"

namespace quickpay::roles {

/// The longest PurchaseLink that is read, bytes: the limit of the family of the Entry in it.
std::size_t max_purchase_link();

/// A PurchaseLink out of the bytes of a document, or its first breach; one that is too long breaks the XML profile at the limit.
/// Nothing in it is believed by that.
tl::expected<msg::PurchaseLink, codec::ReadError> read_purchase_link(std::string_view document);

/// The document.
std::string write_purchase_link(const msg::PurchaseLink& link);

}  // namespace quickpay::roles
