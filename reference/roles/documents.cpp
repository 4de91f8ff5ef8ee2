#include "reference/roles/documents.hpp"

namespace quickpay::roles {
namespace {

namespace micro = msg::micro;

template <class T>
std::unique_ptr<AnyDocument> make() {
  return std::make_unique<Document<T>>();
}

template <class Request, class Response>
MessageOps ops(const codec::MessageType& type) {
  return {&type, &make<Request>, &make<Response>};
}

const MessageOps kOps[] = {
    ops<micro::GetOrder, micro::GetOrderResponse>(micro::kGetOrderMessage),
    ops<micro::InquiryPayment, micro::InquiryPaymentResponse>(micro::kInquiryPaymentMessage),
    ops<micro::RequestOrderDelivery, micro::RequestOrderDeliveryResponse>(micro::kRequestOrderDeliveryMessage),
    ops<micro::CheckCommit, micro::CheckCommitResponse>(micro::kCheckCommitMessage),
    ops<micro::RegisterCommit, micro::RegisterCommitResponse>(micro::kRegisterCommitMessage),
    ops<micro::RegisterDelivery, micro::RegisterDeliveryResponse>(micro::kRegisterDeliveryMessage),
    ops<micro::RegisterOrder, micro::RegisterOrderResponse>(micro::kRegisterOrderMessage),
};

}  // namespace

std::span<const MessageOps> message_ops() { return kOps; }

const MessageOps* ops_of_path(std::string_view path) {
  for (const MessageOps& ops : kOps) {
    if (ops.type->path == path) return &ops;
  }
  return nullptr;
}

const MessageOps* ops_of(std::string_view id) {
  for (const MessageOps& ops : kOps) {
    if (ops.type->id == id) return &ops;
  }
  return nullptr;
}

}  // namespace quickpay::roles
