#include "conformance/judges/reply_boxes.hpp"

#include "conformance/peers/box.hpp"
#include "conformance/peers/digest.hpp"

namespace quickpay::conformance {

std::optional<ReadBox> ReplyBoxes::read(const WorldPlan& plan, const Facts& asked, const Facts& answer, bool again) {
  ReadBox read{inside(plan, asked.document), {}, {}};
  if (read.asked.name.empty()) {
    return std::nullopt;
  }
  const std::string key = text_at(read.asked, "ReplyKey");
  const auto plain = unboxed(bytes_of_hex(key), answer.document);
  if (!plain) {
    read.faults.push_back({"a box that opens under the ReplyKey of its request", "one that does not"});
    return read;
  }
  if (!used_.insert(key + text_at(answer.document, "Body/Boxed/Nonce")).second && !again) {
    read.faults.push_back({"a nonce that was not used under this key", "one that was"});
  }
  if (const std::string fault = inner_fault(answer.message, true, *plain); !fault.empty()) {
    read.faults.push_back({"an inner document that keeps the tables", fault});
    return read;
  }
  read.told = parse_xml(*plain).value_or(Element{});
  if (text_at(read.told, "Nonce") != text_at(read.asked, "Nonce")) {
    read.faults.push_back({"the Nonce of the request", text_at(read.told, "Nonce")});
  }
  return read;
}

}  // namespace quickpay::conformance
