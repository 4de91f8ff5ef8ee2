// The way of a message through the Host, while the Host's power is cut at every single write of its ledger.
#include <gtest/gtest.h>

#include <vector>

#include "reference/roles/shared_keys.hpp"
#include "reference/roles/tests/power.hpp"

namespace quickpay::roles {
namespace {

namespace comm = msg::comm;
const EpochKey kBrokerKey{1, std::string(32, 'b')};
const EpochKey kVendorKey{1, std::string(32, 'v')};

NodeConfig config_for(bool authenticated) {
  NodeConfig config = host_config();
  if (authenticated) {
    config.profile = "H";
    config.shared_keys = {{"B7", 1, kBrokerKey.key, {}}, {"V1001", 1, kVendorKey.key, {}}};
  }
  return config;
}

/// A Broker leaves two messages for a Vendor, which reads both and discards the first.
class Letters {
 public:
  Letters(bool authenticated, const ledger::Cut& cut)
      : authenticated_(authenticated), host_(config_for(authenticated), cut) {}

  void run() {
    first_ = post();
    second_ = post();
    before_ = mail();
    comm::DiscardMessages request;
    request.body.up_to = first_;
    send<comm::DiscardMessagesResponse>(request, comm::kDiscardMessagesMessage, "V1001");
    after_ = mail();
  }

  const Powered& cutting() const { return host_; }

  /// What is wrong after one more loss of power, or nothing.
  std::string verdict() {
    if (first_ <= 0 || second_ <= first_) return "the messages have no numbers that grow";
    if (before_ != std::vector{first_, second_} || after_ != std::vector{second_}) {
      return "the Vendor reads something else";
    }
    host_.recover();
    if (mail() != std::vector{second_}) return "after a loss of power the Vendor reads something else";
    return host_.not_kept();
  }

 private:
  std::int64_t post() {
    comm::RegisterMessage request;
    request.body.kind = "batch-call";
    request.body.audience = {std::nullopt, {"V1001"}};
    request.body.text = "please settle";
    const auto answer = send<comm::RegisterMessageResponse>(request, comm::kRegisterMessageMessage, "B7");
    return answer.body.message_no.value_or(0);
  }

  std::vector<std::int64_t> mail() {
    comm::RetrieveMessages request;
    request.body.limit = 100;
    std::vector<std::int64_t> numbers;
    const auto answer = send<comm::RetrieveMessagesResponse>(request, comm::kRetrieveMessagesMessage, "V1001");
    for (const msg::Mail& one : answer.body.message) numbers.push_back(one.message_no);
    return numbers;
  }

  /// Asks with the same bytes until there is an answer, as a player does whose Host is away for a while.
  template <class Response, class Request>
  Response send(Request request, const codec::MessageType& type, const std::string& sender) {
    request.head = host_.single.head(sender, "H1");
    if (authenticated_) seal(request, type, sender == "B7" ? kBrokerKey : kVendorKey);
    const std::string body = codec::write_document(*type.request, &request);
    const std::string address = sender == "B7" ? kBrokerAddress : kVendorAddress;
    const bool stays = &type != &comm::kRetrieveMessagesMessage;
    const std::string answer =
        stays ? host_.ask_and_keep(type.path, body, address) : host_.ask(type.path, body, address);
    auto read = codec::read<Response>(answer, *type.response);
    return read ? *read : Response{};
  }

  template <class Request>
  static void seal(Request& request, const codec::MessageType& type, const EpochKey& key) {
    Document<Request> document;
    document.value = request;
    document.value.head.profile = msg::Profile::H;
    authenticate(*type.request, document, key);
    request = document.value;
  }

  bool authenticated_;
  Powered host_;
  std::int64_t first_ = 0, second_ = 0;
  std::vector<std::int64_t> before_, after_;
};

ledger::Cuts cut_everywhere(bool authenticated, bool lazy) {
  const std::string label = std::string("mail, profile ") + (authenticated ? "H" : "F") + (lazy ? ", lazy" : "");
  return ledger::cut_everywhere(label, [&](int n) {
    return std::make_unique<Letters>(authenticated, ledger::Cut{n, lazy});
  });
}

class MailCrash : public testing::TestWithParam<bool> {};

// QP-CM-005, QP-CM-006: whatever write is the last one before the power fails, a message that was taken is there, once,
// one that was discarded is not, and answers stay what they were.
TEST_P(MailCrash, AtEveryWriteLosesNothing) {
  const ledger::Cuts counts = cut_everywhere(GetParam(), false);
  EXPECT_GT(counts.cuts, 20);
  EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
}

// Twin: a Host that answers before it has flushed is found.
TEST_P(MailCrash, TwinAnsweringBeforeTheFlushIsFound) { EXPECT_FALSE(cut_everywhere(GetParam(), true).wrong.empty()); }

INSTANTIATE_TEST_SUITE_P(Profiles, MailCrash, testing::Bool(), [](const auto& in) { return in.param ? "H" : "F"; });

}  // namespace
}  // namespace quickpay::roles
