#include "reference/roles/purchase_link.hpp"

#include "reference/codec/writer.hpp"

namespace quickpay::roles {
namespace {

// It holds an Entry, so it may be as long as an answer that brings one.
const codec::Family& family() { return *msg::admin::kLookupPlayerMessage.response->family; }

codec::DocumentType document_type() { return {"PurchaseLink", &msg::kPurchaseLinkType, &family()}; }

}  // namespace

std::size_t max_purchase_link() { return family().max_body_bytes; }

tl::expected<msg::PurchaseLink, codec::ReadError> read_purchase_link(std::string_view document) {
  if (document.size() > max_purchase_link()) {
    return tl::unexpected(codec::ReadError{codec::Fault::xml, max_purchase_link(), "is too long"});
  }
  return codec::read<msg::PurchaseLink>(document, document_type());
}

std::string write_purchase_link(const msg::PurchaseLink& link) { return codec::write_document(document_type(), &link); }

}  // namespace quickpay::roles
