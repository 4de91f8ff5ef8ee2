// Laws that hold for every object of every generated document, with objects made from the tables alone.
// QP_SEED repeats a run.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "reference/codec/any_object.hpp"
#include "reference/codec/codec.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/codec/tests/random_object.hpp"
#include "reference/codec/tests/sample.hpp"

namespace quickpay::codec {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::shared_ptr<void> made(const DocumentType& type, const ObjectType& of, const Bytes& bytes) {
  test::Choices choices(bytes);
  auto object = of.make();
  test::fill(*type.type, object.get(), choices);
  return object;
}

Bytes choices() { return *rc::gen::resize(600, rc::gen::container<Bytes>(rc::gen::arbitrary<std::uint8_t>())); }

std::string spaced(const std::string& document, const Bytes& where) {
  static constexpr std::string_view kSpaces[] = {"", " ", "\n", "\t\r\n  "};
  std::string out;
  std::size_t k = 0;
  for (std::size_t i = 0; i < document.size(); ++i) {
    const bool between = i > 0 && document[i] == '<' && document[i - 1] == '>';
    if (between && !where.empty()) out += kSpaces[where[k++ % where.size()] % std::size(kSpaces)];
    out += document[i];
  }
  return out;
}

void check_document(const DocumentType& type, const ObjectType& of) {
  const auto object = made(type, of, choices());
  const std::string text = write_document(type, object.get());
  RC_LOG(text);

  // reading undoes writing
  const auto back = read(text, type, of);
  RC_ASSERT(back.has_value());
  RC_ASSERT(of.equal(back->get(), object.get()));
  RC_ASSERT(write_document(type, back->get()) == text);

  // white space between elements changes nothing that is covered by a digest
  const auto loose = read(spaced(text, choices()), type, of);
  RC_ASSERT(loose.has_value());
  RC_ASSERT(canonical(type.root, *type.type, loose->get()) == canonical(type.root, *type.type, object.get()));

  // equal encodings mean equal objects
  const auto other = made(type, of, choices());
  RC_ASSERT((canonical(type.root, *type.type, other.get()) == canonical(type.root, *type.type, object.get())) ==
            of.equal(other.get(), object.get()));

  // stored records come back as they were
  const std::string fragment = write_fragment("Record", *type.type, object.get());
  const auto stored = of.make();
  RC_ASSERT(read_fragment(fragment, "Record", *type.type, stored.get(), *type.family).has_value());
  RC_ASSERT(of.equal(stored.get(), object.get()));

  // so do canonical bytes
  const auto decoded = of.make();
  const std::string encoded = canonical("Record", *type.type, object.get());
  RC_ASSERT(read_canonical(encoded, "Record", *type.type, decoded.get(), *type.family));
  RC_ASSERT(of.equal(decoded.get(), object.get()));
}

// A byte of the document changed: whatever is still accepted is written and read back as the same object, and whatever
// is refused names a byte of the input.
void check_mutation(const DocumentType& type, const ObjectType& of) {
  const auto object = made(type, of, choices());
  std::string text = write_document(type, object.get());
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      text[at] = *rc::gen::arbitrary<char>();
      break;
    case 1:
      text.erase(at, *rc::gen::inRange<std::size_t>(1, 40));
      break;
    case 2:
      text.insert(at, text, *rc::gen::inRange<std::size_t>(0, text.size()), *rc::gen::inRange<std::size_t>(1, 60));
      break;
  }
  RC_LOG(text);
  const auto result = read(text, type, of);
  if (!result) {
    RC_ASSERT(result.error().offset <= text.size());
    RC_ASSERT(!result.error().reason.empty());
    return;
  }
  const auto again = read(write_document(type, result->get()), type, of);
  RC_ASSERT(again.has_value());
  RC_ASSERT(of.equal(again->get(), result->get()));
}

void check(const DocumentType& type, const ObjectType& of) {
  const std::string what(type.root);
  EXPECT_TRUE(rc::check(what + ": reading undoes writing", [&] { check_document(type, of); }));
  EXPECT_TRUE(rc::check(what + ": a changed byte", [&] { check_mutation(type, of); }));
}

// QP-TECH-012
TEST(Laws, Sample) { check(sample::document(), object_type<sample::Root>()); }
TEST(Laws, EveryMessage) {
  std::size_t messages = 0;
  msg::for_each_message([&]<class Request, class Response>(const MessageType& message) {
    check(*message.request, object_type<Request>());
    check(*message.response, object_type<Response>());
    ++messages;
  });
  msg::for_each_inner_document([&]<class Inner>(const DocumentType& type) { check(type, object_type<Inner>()); });
  EXPECT_EQ(messages, msg::messages().size());
}

// Twin: a writer that loses a field must be noticed. Leaving out one optional field makes a different object.
TEST(Laws, NoticeALostField) {
  sample::Root object = sample::full();
  std::string text = write_document(sample::document(), &object);
  const std::size_t from = text.find("<Sender>");
  text.erase(from, text.find("</Sender>") + 9 - from);
  const auto back = read<sample::Root>(text, sample::document());
  ASSERT_TRUE(back.has_value());
  EXPECT_FALSE(*back == object);
}

}  // namespace
}  // namespace quickpay::codec
