#include "reference/codec/oracle/any_document.hpp"

#include <algorithm>
#include <vector>

#include "reference/codec/codec.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/codec/oracle/differences.hpp"

namespace quickpay::codec {
namespace {

template <class T>
AnyReading read_any(std::string_view bytes, const DocumentType& type) {
  AnyReading reading;
  const auto object = read<T>(bytes, type);
  if (!object) {
    reading.error = object.error();
    return reading;
  }
  reading.written = write_document(type, &*object);
  reading.canonical = canonical(type.root, *type.type, &*object);
  reading.leaves = leaves_of(type, &*object);
  const auto again = read<T>(reading.written, type);
  reading.round_trips = again.has_value() && *again == *object && write_document(type, &*again) == reading.written;
  return reading;
}

std::vector<AnyDocument> all_documents() {
  std::vector<AnyDocument> documents;
  msg::for_each_message([&]<class Request, class Response>(const MessageType& message) {
    documents.push_back({message.request, read_any<Request>});
    documents.push_back({message.response, read_any<Response>});
  });
  msg::for_each_inner_document([&]<class Inner>(const DocumentType& type) {
    documents.push_back({&type, read_any<Inner>});
  });
  return documents;
}

}  // namespace

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
