#include "conformance/judges/reading.hpp"

#include "reference/codec/generated/messages.hpp"
#include "reference/codec/profile.hpp"

namespace quickpay::conformance {

namespace {

namespace micro = msg::micro;

template <class T>
ReadOutcome outcome_of(std::string_view bytes, const codec::DocumentType& type) {
  ReadOutcome outcome;
  outcome.known = true;
  const auto object = codec::read<T>(bytes, type);
  if (!object) {
    outcome.fault = object.error();
  } else {
    outcome.breaks_profile =
        codec::profile_breach(*type.type, &*object, msg::to_string(object->head.profile)).has_value();
  }
  return outcome;
}

template <class Request, class Response>
ReadOutcome either(bool response, std::string_view bytes, const codec::MessageType& message) {
  return response ? outcome_of<Response>(bytes, *message.response) : outcome_of<Request>(bytes, *message.request);
}

}  // namespace

ReadOutcome read_as(std::string_view message, bool response, std::string_view bytes) {
  const codec::MessageType* type = message_type(message);
  if (type == &micro::kGetOrderMessage) {
    return either<micro::GetOrder, micro::GetOrderResponse>(response, bytes, *type);
  }
  if (type == &micro::kInquiryPaymentMessage) {
    return either<micro::InquiryPayment, micro::InquiryPaymentResponse>(response, bytes, *type);
  }
  if (type == &micro::kRequestOrderDeliveryMessage) {
    return either<micro::RequestOrderDelivery, micro::RequestOrderDeliveryResponse>(response, bytes, *type);
  }
  if (type == &micro::kCheckCommitMessage) {
    return either<micro::CheckCommit, micro::CheckCommitResponse>(response, bytes, *type);
  }
  if (type == &micro::kRegisterCommitMessage) {
    return either<micro::RegisterCommit, micro::RegisterCommitResponse>(response, bytes, *type);
  }
  if (type == &micro::kRegisterDeliveryMessage) {
    return either<micro::RegisterDelivery, micro::RegisterDeliveryResponse>(response, bytes, *type);
  }
  if (type == &micro::kRegisterOrderMessage) {
    return either<micro::RegisterOrder, micro::RegisterOrderResponse>(response, bytes, *type);
  }
  return {};
}

}  // namespace quickpay::conformance
