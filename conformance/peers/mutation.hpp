// Named changes to messages. A name says it all, so that a report, a repro and a suite mean the same bytes:
//
//   CheckCommit.OrderRef.Amount:+1          message . path below Body : operator
//   GetOrder.Head.Receiver:=V1002           paths that begin with Head are below the root
//   InquiryPayment:comment                  no path: the operator works on the bytes of the document
//   A & B                                   both, in this order
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "conformance/peers/element.hpp"

namespace quickpay::conformance {

/// One operator at one place.
struct Mutation {
  std::string id;       ///< the whole name
  std::string message;  ///< root element without "Response" being cut: "CheckCommit", "GetOrderResponse"
  std::string path;     ///< "Body/OrderRef/Amount"; empty: on bytes
  std::string op;       ///< "+1", "=text", "remove", "comment", …
};
using Mutations = std::vector<Mutation>;

/// Reads a name, composed or not. An error says which part is not understood.
tl::expected<Mutations, std::string> mutations_of(std::string_view name);

/// Applies those that work on the tree, then those that work on bytes, and gives the document's bytes. An error: a
/// place does not exist in this document, or the operator does not fit there.
tl::expected<std::string, std::string> mutated(Element document, const Mutations& mutations);
/// As above, with a seal put on the document before what works on the seal (Auth, PaycardAnswer) or on bytes, and after all else.
tl::expected<std::string, std::string> mutated_and_sealed(Element document, const Mutations& mutations,
                                                          const std::function<void(Element&)>& seal);
/// As above for a tree that is to be used further; refuses operators on bytes.
tl::expected<void, std::string> mutate_tree(Element& document, const Mutations& mutations);

/// What operators there are: on a leaf or branch of the tree (without those that carry a value), and on bytes.
const std::vector<std::string>& tree_operators();
/// Operators on bytes whose result is outside the XML profile, whatever the message.
const std::vector<std::string>& byte_operators();
/// Operators on bytes that only spell the same document in another legal way.
const std::vector<std::string>& spelling_operators();

}  // namespace quickpay::conformance
