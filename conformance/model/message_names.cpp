#include "conformance/model/message_names.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace quickpay::conformance {

namespace {

using Named = std::pair<std::string, const codec::MessageType*>;

const std::vector<Named>& named() {
  static const std::vector<Named> all = [] {
    std::vector<Named> made;
    for (const codec::MessageType* type : msg::messages()) {
      const bool taken = std::any_of(made.begin(), made.end(), [&](const Named& one) { return one.first == type->id; });
      made.emplace_back((taken ? std::string(type->protocol) + "/" : std::string()) + std::string(type->id), type);
    }
    return made;
  }();
  return all;
}

}  // namespace

std::string_view name_of_message(const codec::MessageType& type) {
  const auto found = std::find_if(named().begin(), named().end(), [&](const Named& one) { return one.second == &type; });
  return found == named().end() ? type.id : std::string_view(found->first);
}

const codec::MessageType* message_type(std::string_view name) {
  const auto found = std::find_if(named().begin(), named().end(), [&](const Named& one) { return one.first == name; });
  return found == named().end() ? nullptr : found->second;
}

const codec::MessageType* message_at(std::string_view path) {
  const auto found = std::find_if(named().begin(), named().end(), [&](const Named& one) { return one.second->path == path; });
  return found == named().end() ? nullptr : found->second;
}

std::vector<std::string_view> message_names() {
  std::vector<std::string_view> names;
  for (const Named& one : named()) {
    names.push_back(one.first);
  }
  return names;
}

}  // namespace quickpay::conformance
