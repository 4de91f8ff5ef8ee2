#include "conformance/peers/box.hpp"

#include <algorithm>
#include <utility>

#include "conformance/model/message_names.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/reader.hpp"
#include "reference/crypto/seal.hpp"

namespace quickpay::conformance {

namespace {

/// The root with nothing in it but its Head.
std::string context_of(const Element& document) {
  const Element* head = child(document, "Head");
  return labelled_bytes("box", head == nullptr ? branch(document.name, {}) : branch(document.name, {*head}));
}

}  // namespace

const SigningKeyPlan* sealing_key(const WorldPlan& plan, std::string_view player) {
  const auto found = std::find_if(plan.signing_keys.begin(), plan.signing_keys.end(), [&](const SigningKeyPlan& key) {
    return key.player == player && key.key.has_value() && key.usage == "seal";
  });
  return found == plan.signing_keys.end() ? nullptr : &*found;
}

Element sealed_to(const crypto::RsaPrivateKey& key, Element request, std::string_view inner, std::string_view seed) {
  crypto::SeededRandom random(seed);
  crypto::CryptoCounters counters;
  const auto made = crypto::seal(key.public_key(), inner, context_of(request), random, counters);
  if (Element* body = child(request, "Body"); body != nullptr && made) {
    body->children.push_back(branch("Sealed", {leaf("KeyId", made->key_id), leaf("WrappedKey", made->wrapped_key),
                                               leaf("Nonce", made->boxed.nonce), leaf("Box", made->boxed.box)}));
  }
  return request;
}

std::optional<std::string> unsealed(const crypto::RsaPrivateKey& key, const Element& request) {
  const auto part = [&](const char* name) { return text_at(request, std::string("Body/Sealed/") + name); };
  crypto::SeededRandom random("blinding");
  crypto::CryptoCounters counters;
  const crypto::SealedValue sealed{part("KeyId"), part("WrappedKey"), {part("Nonce"), part("Box")}};
  const auto opened = crypto::open(key, sealed, context_of(request), random, counters);
  return opened ? std::optional(std::string(opened->view())) : std::nullopt;
}

std::optional<std::string> unsealed(const WorldPlan& plan, const Element& request) {
  const SigningKeyPlan* key = sealing_key(plan, text_at(request, "Head/Receiver"));
  return key == nullptr ? std::nullopt : unsealed(*key->key, request);
}

Element inside(const WorldPlan& plan, const Element& request) {
  const auto plain = unsealed(plan, request);
  return plain ? parse_xml(*plain).value_or(Element{}) : Element{};
}

std::optional<std::string> unboxed(std::string_view key, const Element& answer) {
  const crypto::BoxedValue boxed{text_at(answer, "Body/Boxed/Nonce"), text_at(answer, "Body/Boxed/Box")};
  const auto opened = crypto::unbox(key, boxed, context_of(answer));
  return opened ? std::optional(std::string(opened->view())) : std::nullopt;
}

Element boxed_under(std::string_view key, Element answer, std::string_view inner, std::string_view seed) {
  crypto::SeededRandom random(seed);
  const auto made = crypto::box(key, inner, context_of(answer), random);
  if (Element* boxed = at(answer, "Body/Boxed"); boxed != nullptr && made) {
    boxed->children = {leaf("Nonce", made->nonce), leaf("Box", made->box)};
  }
  return answer;
}

std::string inner_fault(std::string_view message, bool response, std::string_view bytes) {
  const codec::MessageType* type = message_type(message);
  const codec::DocumentType* inner = type == nullptr ? nullptr : response ? type->response_inner : type->request_inner;
  if (inner == nullptr) {
    return std::string(protocol::QP_E_SCHEMA);
  }
  const auto object = msg::make_document(*inner);
  const auto read = codec::read_document(bytes, *inner, object.get());
  return read ? std::string() : std::string(codec::code_of(read.error().fault));
}

}  // namespace quickpay::conformance
