#include "conformance/suites/boxed_answers.hpp"

#include <utility>

#include "conformance/peers/box.hpp"
#include "conformance/peers/digest.hpp"

namespace quickpay::conformance {

namespace {

std::string seed_of(const std::string& label, const Element& answer) { return label + text_at(answer, "Head/MsgId"); }

}  // namespace

std::string reply_key_of(const World& world, std::string_view message) {
  const auto asked = world.sent_by_iut(message);
  return asked.empty() ? std::string() : bytes_of_hex(text_at(inside(world.plan(), world.document(asked.back())), "ReplyKey"));
}

Act change_inside(const World& world, std::string asked, std::string label, std::function<void(Element& inner)> change) {
  return edit_answer(label, [&world, asked = std::move(asked), label, change = std::move(change)](Element& answer) {
    const std::string key = reply_key_of(world, asked);
    if (const auto plain = unboxed(key, answer)) {
      Element inner = parse_xml(*plain).value_or(Element{});
      change(inner);
      answer = boxed_under(key, answer, to_xml(inner), seed_of(label, answer));
    }
  });
}

Act box_under_another_key(const World& world, std::string asked, std::string label) {
  return edit_answer(label, [&world, asked = std::move(asked), label](Element& answer) {
    if (const auto plain = unboxed(reply_key_of(world, asked), answer)) {
      answer = boxed_under(std::string(32, 'k'), answer, *plain, seed_of(label, answer));
    }
  });
}

Act box_changed() {
  return edit_answer("Box changed", [](Element& answer) {
    std::string box = text_at(answer, "Body/Boxed/Box");
    box.front() = box.front() == 'A' ? 'B' : 'A';
    set_text(answer, "Body/Boxed/Box", box);
  });
}

}  // namespace quickpay::conformance
