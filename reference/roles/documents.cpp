#include "reference/roles/documents.hpp"

#include <vector>

namespace quickpay::roles {
namespace {

template <class T>
std::unique_ptr<AnyDocument> make() {
  return std::make_unique<Document<T>>();
}

std::vector<MessageOps> all_ops() {
  std::vector<MessageOps> all;
  msg::for_each_message([&]<class Request, class Response>(const codec::MessageType& type) {
    all.push_back({&type, &make<Request>, &make<Response>});
  });
  return all;
}

}  // namespace

std::span<const MessageOps> message_ops() {
  static const std::vector<MessageOps> all = all_ops();
  return all;
}

const MessageOps* ops_of_path(std::string_view path) {
  for (const MessageOps& ops : message_ops()) {
    if (ops.type->path == path) return &ops;
  }
  return nullptr;
}

const MessageOps* ops_of(const codec::MessageType& type) {
  for (const MessageOps& ops : message_ops()) {
    if (ops.type == &type) return &ops;
  }
  return nullptr;
}

}  // namespace quickpay::roles
