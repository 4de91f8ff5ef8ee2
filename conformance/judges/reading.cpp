#include "conformance/judges/reading.hpp"

#include "reference/codec/generated/messages.hpp"
#include "reference/codec/profile.hpp"

namespace quickpay::conformance {

namespace {

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

}  // namespace

ReadOutcome read_as(std::string_view message, bool response, std::string_view bytes) {
  const codec::MessageType* wanted = message_type(message);
  ReadOutcome outcome;
  msg::for_each_message([&]<class Request, class Response>(const codec::MessageType& type) {
    if (&type == wanted) {
      outcome = response ? outcome_of<Response>(bytes, *type.response) : outcome_of<Request>(bytes, *type.request);
    }
  });
  return outcome;
}

}  // namespace quickpay::conformance
