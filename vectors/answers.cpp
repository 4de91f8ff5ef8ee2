#include "vectors/answers.hpp"

#include <algorithm>
#include <optional>

#include "reference/codec/codec.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/rsa.hpp"
#include "reference/crypto/signed_object.hpp"

namespace quickpay::vectors {
namespace {

/// A document that was read, and the place of one element in it.
struct Element {
  std::shared_ptr<void> owner;
  std::string name;
  const codec::StructType* type = nullptr;
  const void* object = nullptr;
};

/// By the path of its message: other families may have a document of the same name.
const codec::DocumentType* document_of(const Json& asked) {
  for (const codec::MessageType* message : msg::messages()) {
    if (message->path != asked.at("path")) continue;
    for (const codec::DocumentType* document :
         {message->request, message->response, message->request_inner, message->response_inner}) {
      if (document != nullptr && document->root == asked.at("document")) return document;
    }
  }
  return nullptr;
}

/// The element at a path of names; the first one where there are several.
std::optional<Element> element_of(const Json& asked) {
  const codec::DocumentType* document = document_of(asked);
  const auto body = crypto::base64_decode(asked.at("body").get<std::string>());
  if (document == nullptr || !body) return std::nullopt;
  auto read = msg::make_document(*document);
  if (!codec::read_document(*body, *document, read.get())) return std::nullopt;
  Element here{std::move(read), std::string(document->root), document->type, nullptr};
  here.object = here.owner.get();
  std::string path = asked.at("element");
  for (std::size_t end = 0; !path.empty() && end != std::string::npos; path.erase(0, end == std::string::npos ? end : end + 1)) {
    end = path.find('/');
    const std::string name = path.substr(0, end);
    const auto& fields = here.type->fields;
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const auto& each) { return each.name == name; });
    if (field == fields.end() || field->type == nullptr || field->access.count(here.object) == 0) return std::nullopt;
    here = {here.owner, name, field->type, field->access.at(here.object, 0)};
  }
  return here;
}

Json canonical_json(const std::string& canonical) {
  return {{"bytes", canonical.size()}, {"sha256", crypto::sha256_hex(canonical)}};
}

Json refused(std::string_view code) { return {{"result", "invalid"}, {"code", code}}; }

Json answer_verify(const Json& asked, const Element& element) {
  const std::string value = asked.at("value");
  const auto spki = crypto::base64_decode(asked.at("key").get<std::string>());
  if (!crypto::base64_decode(value) || value.empty()) return refused("QP-E-SCHEMA");
  const auto key = crypto::RsaPublicKey::load(spki.value_or(""));
  if (!key) return refused("QP-E-KEY");
  crypto::CryptoCounters counters;
  const bool right = crypto::verify_object(*key, asked.at("purpose").get<std::string>(), element.name, *element.type,
                                           element.object, value, counters);
  if (!right) return refused("QP-E-SIGNATURE");
  return {{"result", "valid"}, {"canonical", canonical_json(codec::canonical(element.name, *element.type, element.object, crypto::kSignatureChild))}};
}

Json answer_mac(const Json& asked, const Element& element) {
  const std::string value = asked.at("value"), left_out = asked.at("left_out");
  const auto key = crypto::from_hex(asked.at("key").get<std::string>());
  const auto bytes = crypto::from_hex(value);
  if (!key || !bytes || bytes->size() != crypto::kDigestBytes) return refused("QP-E-SCHEMA");
  const std::string right = crypto::mac(*key, asked.at("purpose").get<std::string>(), element.name, *element.type, element.object, left_out);
  return {{"result", crypto::equal_constant_time(right, value) ? "valid" : "invalid"}};
}

}  // namespace

Json answer_codec(const Json& asked) {
  const codec::DocumentType* document = document_of(asked);
  const auto body = crypto::base64_decode(asked.at("body").get<std::string>());
  if (document == nullptr || !body) return {{"unsupported", "no such document"}};
  const auto object = msg::make_document(*document);
  if (const auto read = codec::read_document(*body, *document, object.get()); !read) return refused(codec::code_of(read.error().fault));
  return {{"result", "valid"}, {"canonical", canonical_json(codec::canonical(document->root, *document->type, object.get()))}};
}

Json answer_crypto(const Json& asked) {
  const auto element = element_of(asked);
  if (!element) return {{"unsupported", "no such element"}};
  return asked.at("operation") == "verify" ? answer_verify(asked, *element) : answer_mac(asked, *element);
}

Json answer(const std::string& kind, const Json& asked) {
  try {
    if (kind == "codec") return answer_codec(asked);
    if (kind == "crypto") return answer_crypto(asked);
    if (kind == "ledger") return answer_ledger(asked);
    if (kind == "vote") return answer_vote(asked);
    if (kind == "state") return answer_state(asked);
    if (kind == "scenario") return answer_scenario(asked);
    return {{"unsupported", "no such kind"}};
  } catch (const Json::exception& error) {
    return {{"unsupported", error.what()}};
  }
}

}  // namespace quickpay::vectors
