#include "reference/codec/protocols.hpp"

#include <algorithm>

#include "reference/codec/generated/messages.hpp"

namespace quickpay::codec {

std::vector<std::string> protocol_names() {
  std::vector<std::string> names;
  for (const MessageType* message : msg::messages()) {
    if (std::find(names.begin(), names.end(), message->protocol) == names.end()) names.emplace_back(message->protocol);
  }
  return names;
}

}  // namespace quickpay::codec
