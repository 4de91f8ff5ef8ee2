#include "reference/codec/oracle/any_document.hpp"

#include <algorithm>
#include <array>

#include "reference/codec/codec.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/codec/oracle/differences.hpp"

namespace quickpay::codec {
namespace {

namespace micro = msg::micro;

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

const std::array<AnyDocument, 14> kDocuments{{
    {&micro::kGetOrderDocument, read_any<micro::GetOrder>},
    {&micro::kGetOrderResponseDocument, read_any<micro::GetOrderResponse>},
    {&micro::kInquiryPaymentDocument, read_any<micro::InquiryPayment>},
    {&micro::kInquiryPaymentResponseDocument, read_any<micro::InquiryPaymentResponse>},
    {&micro::kRequestOrderDeliveryDocument, read_any<micro::RequestOrderDelivery>},
    {&micro::kRequestOrderDeliveryResponseDocument, read_any<micro::RequestOrderDeliveryResponse>},
    {&micro::kCheckCommitDocument, read_any<micro::CheckCommit>},
    {&micro::kCheckCommitResponseDocument, read_any<micro::CheckCommitResponse>},
    {&micro::kRegisterCommitDocument, read_any<micro::RegisterCommit>},
    {&micro::kRegisterCommitResponseDocument, read_any<micro::RegisterCommitResponse>},
    {&micro::kRegisterDeliveryDocument, read_any<micro::RegisterDelivery>},
    {&micro::kRegisterDeliveryResponseDocument, read_any<micro::RegisterDeliveryResponse>},
    {&micro::kRegisterOrderDocument, read_any<micro::RegisterOrder>},
    {&micro::kRegisterOrderResponseDocument, read_any<micro::RegisterOrderResponse>},
}};

}  // namespace

std::span<const AnyDocument> any_documents() { return kDocuments; }

const AnyDocument* find_document(std::string_view root) {
  const auto found = std::find_if(kDocuments.begin(), kDocuments.end(),
                                  [&](const AnyDocument& each) { return each.type->root == root; });
  return found == kDocuments.end() ? nullptr : &*found;
}

}  // namespace quickpay::codec
