#include "reference/codec/oracle/any_document.hpp"

#include <algorithm>
#include <vector>

#include "reference/codec/codec.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/codec/oracle/differences.hpp"

namespace quickpay::codec {
namespace {

std::vector<AnyDocument> all_documents() {
  std::vector<AnyDocument> documents;
  msg::for_each_message([&]<class Request, class Response>(const MessageType& message) {
    documents.push_back({message.request, object_type<Request>()});
    documents.push_back({message.response, object_type<Response>()});
  });
  msg::for_each_inner_document([&]<class Inner>(const DocumentType& type) { documents.push_back({&type, object_type<Inner>()}); });
  return documents;
}

}  // namespace

AnyReading AnyDocument::read(std::string_view bytes) const {
  AnyReading reading;
  const auto one = codec::read(bytes, *type, object);
  if (!one) {
    reading.error = one.error();
    return reading;
  }
  reading.written = write_document(*type, one->get());
  reading.canonical = canonical(type->root, *type->type, one->get());
  reading.leaves = leaves_of(*type, one->get());
  const auto again = codec::read(reading.written, *type, object);
  reading.round_trips = again && object.equal(again->get(), one->get()) && write_document(*type, again->get()) == reading.written;
  return reading;
}

std::span<const AnyDocument> any_documents() {
  static const std::vector<AnyDocument> documents = all_documents();
  return documents;
}

const AnyDocument* find_document(std::string_view root) {
  const auto documents = any_documents();
  const auto found = std::find_if(documents.begin(), documents.end(),
                                  [&](const AnyDocument& each) { return each.type->root == root; });
  return found == documents.end() ? nullptr : &*found;
}

}  // namespace quickpay::codec
