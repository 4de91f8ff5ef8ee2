#include "conformance/judges/reading.hpp"

#include "reference/codec/generated/messages.hpp"
#include "reference/codec/profile.hpp"

namespace quickpay::conformance {

namespace {

template <class T>
tl::expected<T, ReadOutcome> object_of(std::string_view bytes, const codec::DocumentType& type) {
  auto object = codec::read<T>(bytes, type);
  if (!object) {
    return tl::unexpected(ReadOutcome{true, object.error(), false});
  }
  return std::move(*object);
}

template <class T>
ReadOutcome outcome_of(std::string_view bytes, const codec::DocumentType& type) {
  const auto object = object_of<T>(bytes, type);
  if (!object) {
    return object.error();
  }
  const std::string_view profile = msg::to_string(object->head.profile);
  return {true, std::nullopt, codec::profile_breach(*type.type, &*object, profile).has_value()};
}

/// A request says by itself whether it has to end with an Auth; of a response its request does.
template <class T>
ReadOutcome outcome_of_request(std::string_view bytes, const codec::MessageType& type) {
  ReadOutcome outcome = outcome_of<T>(bytes, *type.request);
  const auto object = object_of<T>(bytes, *type.request);
  if (object) {
    const bool wanted =
        codec::authenticated(type, msg::to_string(object->head.profile), object->head.sender.has_value());
    outcome.breaks_profile = outcome.breaks_profile || object->auth.has_value() != wanted;
  }
  return outcome;
}

}  // namespace

ReadOutcome read_as(std::string_view message, bool response, std::string_view bytes) {
  const codec::MessageType* wanted = message_type(message);
  ReadOutcome outcome;
  msg::for_each_message([&]<class Request, class Response>(const codec::MessageType& type) {
    if (&type == wanted) {
      outcome = response ? outcome_of<Response>(bytes, *type.response) : outcome_of_request<Request>(bytes, type);
    }
  });
  return outcome;
}

}  // namespace quickpay::conformance
