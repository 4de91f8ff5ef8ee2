#include <utility>

#include "conformance/peers/build.hpp"
#include "conformance/suites/families.hpp"

namespace quickpay::conformance {

namespace {

const std::string kSomeId(32, 'a');
const std::string kSomeDigest(64, 'b');
constexpr const char* kSomeTime = "2026-11-22T12:00:00Z";

HeadFacts sample_head(std::string sender, std::string receiver) {
  HeadFacts head;
  head.host = "H1";
  head.sent_at = sender.empty() ? "" : kSomeTime;
  head.sender = std::move(sender);
  head.receiver = std::move(receiver);
  head.msg_id = kSomeId;
  return head;
}

Element sample_ref(std::string kind = "micro") {
  OrderFacts facts;
  facts.kind = std::move(kind);
  facts.vendor = "V1001";
  facts.order_id = "2026-000042";
  facts.expires = kSomeTime;
  facts.digest = kSomeDigest;
  return order_ref(facts);
}

Element sample_endorsement() {
  return branch("Endorsement", {leaf("Broker", "B7"), leaf("EndorsementId", kSomeId), sample_ref(),
                                leaf("EndorsedAt", kSomeTime), leaf("CheckBy", kSomeTime)});
}

Element sample_sig() { return branch("Sig", {leaf("KeyId", kSomeDigest), leaf("Value", "AAAA")}); }

Element sample_commitment() {
  return branch("Commitment", {leaf("Broker", "B7"), leaf("CommitId", kSomeId), sample_ref("regular"), leaf("CommittedAt", kSomeTime),
                               leaf("ClaimBy", kSomeTime), sample_sig()});
}

Element sample_receipt() {
  return branch("Receipt", {leaf("Vendor", "V1001"), leaf("Broker", "B7"), leaf("OrderId", "2026-000042"), leaf("Digest", kSomeDigest),
                            leaf("CommitId", kSomeId), leaf("AcceptedAt", kSomeTime), sample_sig()});
}

Element sample_revoke() {
  return branch("Revoke", {leaf("RevokeId", kSomeId), sample_ref("regular"), leaf("CommitId", kSomeId), leaf("Reason", "other"),
                           leaf("RevokedAt", kSomeTime), sample_sig()});
}

Element sample_claim() {
  return branch("Claim", {leaf("BatchId", kSomeId), leaf("Vendor", "V1001"), leaf("Broker", "B7"), leaf("Currency", "USD"),
                          leaf("Count", "1"), leaf("Total", "125"),
                          branch("Item", {sample_ref(), leaf("CommitId", kSomeId)}), sample_sig()});
}

Element sample_case() {
  return branch("HostCase",
                {leaf("Host", "H1"), leaf("BatchId", kSomeId), leaf("Vendor", "V1001"), leaf("Broker", "B7"),
                 branch("Unreachable", {leaf("FirstTry", kSomeTime), leaf("LastTry", kSomeTime), leaf("Tries", "8")}),
                 branch("Item", {sample_ref(), leaf("CommitId", kSomeId), leaf("DeliveryId", kSomeId),
                                 leaf("DeliveredAt", kSomeTime)}),
                 sample_sig()});
}

Element sample_of_revoke(std::string_view message) {
  if (message == "RevokeOrder") {
    return request_of(message, sample_head("V1001", "B7"), {sample_revoke()});
  }
  return request_of(message, sample_head("B7", "H1"),
                    {sample_ref("regular"), leaf("CommitId", kSomeId), leaf("RevokeId", kSomeId), sample_revoke(),
                     leaf("CommissionReversed", "0"), leaf("RevokedAt", kSomeTime)});
}

Element sample_sealed() {
  return branch("Sealed", {leaf("KeyId", kSomeDigest), leaf("WrappedKey", "AAAA"), leaf("Nonce", kSomeId.substr(0, 24)), leaf("Box", "AAAA")});
}

/// A message of Add Paycard: what is sealed in it is nobody's.
Element sample_of_paycard(std::string_view message) {
  const HeadFacts head = sample_head(Cast{}.wallet, "B7");
  if (message == "RemovePaycard") {
    return request_of(message, head, {leaf("Paycard", "P7"), leaf("PaycardToken", "AAAA"), leaf("Reason", "user")});
  }
  return request_of(message, head, {sample_sealed()});
}

/// A registration or a change of one; signatures are nobody's.
Element sample_of_registration(std::string_view message) {
  const Element place = branch("Endpoint", {leaf("Addr", "127.0.0.9"), leaf("Port", "9000")});
  if (message == "RegisterVendor") {
    return request_of(message, sample_head("", "H1"), {place, leaf("ProbeTag", kSomeDigest)});
  }
  if (message == "UpdateVendor") {
    return request_of(message, sample_head("V1001", "H1"), {leaf("Name", "Another Name"), leaf("ProbeTag", kSomeDigest)});
  }
  if (message == "UnregisterVendor" || message == "UnregisterWallet") {
    const std::string sender = message == "UnregisterVendor" ? "V1001" : Cast{}.wallet;
    return request_of(message, sample_head(sender, "H1"), {leaf("Reason", "user")});
  }
  if (message == "UpdateBroker") {
    return request_of(message, sample_head("B7", "H1"),
                      {branch("BrokerChange", {leaf("Broker", "B7"), leaf("Name", "Renamed Bank"), leaf("ChangedAt", kSomeTime), sample_sig()})});
  }
  if (message == "Probe") {
    return request_of(message, sample_head("H1", "V1001"), {leaf("Nonce", kSomeId), leaf("ProbeTag", kSomeDigest)});
  }
  return request_of(message, sample_head(message == "UpdateWallet" ? Cast{}.wallet : "", "H1"), {sample_sealed()});
}

/// A key of its Vendor, with signatures that are nobody's.
Element sample_of_keys(std::string_view message) {
  const HeadFacts head = sample_head("V1001", "H1");
  if (message == "WithdrawKey") {
    return request_of(message, head,
                      {branch("Withdrawal", {leaf("Player", "V1001"), leaf("KeyId", kSomeDigest), leaf("Reason", "replaced"),
                                             leaf("From", kSomeTime), sample_sig()})});
  }
  if (message == "PublishKey") {
    const Element key = branch("Key", {leaf("Player", "V1001"), leaf("PubKey", "AAAA"), leaf("Usage", "sign"),
                                       leaf("NotBefore", kSomeTime), leaf("NotAfter", kSomeTime), sample_sig()});
    return request_of(message, head, {branch("KeyChange", {key, sample_sig()})});
  }
  return request_of(message, head, {sample_sealed()});
}

Element sample_of_other(std::string_view message) {
  const std::string wallet = Cast{}.wallet;
  if (message == "GetOrder") {
    return request_of(message, sample_head("", "V1001"),
                      {leaf("Kind", "micro"), leaf("Item", "article-1"), leaf("BuyerTag", kSomeDigest)});
  }
  if (message == "InquiryPayment") {
    return request_of(message, sample_head(wallet, "B7"),
                      {leaf("Paycard", "P7"), sample_ref(), leaf("PaycardToken", "AAAA")});
  }
  if (message == "RequestOrderDelivery") {
    return request_of(message, sample_head("", "V1001"), {sample_endorsement(), leaf("BuyerSecret", kSomeId)});
  }
  if (message == "CheckCommit") {
    return request_of(message, sample_head("V1001", "B7"), {leaf("EndorsementId", kSomeId), sample_ref()});
  }
  if (message == "RegisterCommit") {
    return request_of(message, sample_head("B7", "H1"),
                      {sample_ref(), leaf("Wallet", wallet), leaf("CommitId", kSomeId), leaf("CommittedAt", kSomeTime),
                       leaf("SettleBy", kSomeTime)});
  }
  if (message == "RegisterDelivery") {
    return request_of(message, sample_head("V1001", "H1"),
                      {sample_ref(), leaf("Broker", "B7"), leaf("CommitId", kSomeId), leaf("DeliveryId", kSomeId),
                       leaf("DeliveredAt", kSomeTime)});
  }
  if (message == "RegisterMessage") {
    return request_of(message, sample_head("B7", "H1"),
                      {leaf("Kind", "batch-call"), branch("Audience", {leaf("Id", "V1001")}), sample_ref(),
                       leaf("Ref", kSomeId), leaf("From", kSomeTime), leaf("To", kSomeTime), leaf("Text", "Please settle"),
                       leaf("ExpiresAt", kSomeTime)});
  }
  if (message == "RetrieveMessages") {
    return request_of(message, sample_head("V1001", "H1"),
                      {leaf("Since", "0"), leaf("Limit", "10"), leaf("Kind", "batch-call")});
  }
  if (message == "DiscardMessages") {
    return request_of(message, sample_head("V1001", "H1"), {leaf("UpTo", "1")});
  }
  if (message == "SettleWithBroker") {
    return request_of(message, sample_head("V1001", "B7"), {sample_claim()});
  }
  if (message == "SettleWithHost") {
    return request_of(message, sample_head("V1001", "H1"), {sample_case()});
  }
  if (message == "regular/GetOrder") {
    return request_of(message, sample_head("", "V1001"),
                      {leaf("Kind", "regular"), leaf("Item", "article-1"), leaf("BuyerTag", kSomeDigest)});
  }
  if (message == "regular/InquiryPayment") {
    return request_of(message, sample_head(wallet, "B7"),
                      {leaf("Paycard", "P7"), sample_ref("regular"), leaf("PaycardToken", "AAAA")});
  }
  if (message == "regular/RequestOrderDelivery") {
    return request_of(message, sample_head("", "V1001"), {sample_commitment(), leaf("BuyerSecret", kSomeId)});
  }
  if (message == "regular/RegisterOrder") {
    return request_of(message, sample_head(wallet, "H1"),
                      {sample_ref("regular"), leaf("Broker", "B7"), sample_commitment(), sample_receipt()});
  }
  if (message == "LookupPlayer") {
    return request_of(message, sample_head("B7", "H1"), {leaf("Role", "wallet"), leaf("Id", wallet), leaf("Ticket", kSomeId)});
  }
  if (message == "RevokeOrder" || message == "RegisterRevoke") {
    return sample_of_revoke(message);
  }
  return request_of("RegisterOrder", sample_head(wallet, "H1"),
                    {sample_ref(), leaf("Broker", "B7"), leaf("EndorsementId", kSomeId), leaf("DeliveryId", kSomeId),
                     leaf("ReceivedAt", kSomeTime)});
}

}  // namespace

Element sample_of(std::string_view message) {
  if (protocol_of(message) == "registration") {
    return sample_of_registration(message);
  }
  if (protocol_of(message) == "keys") {
    return sample_of_keys(message);
  }
  return protocol_of(message) == "paycard" ? sample_of_paycard(message) : sample_of_other(message);
}

}  // namespace quickpay::conformance
