// What a Wallet has its Paycards do: prove an inquiry, and judge the Broker's proof.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reference/paycard/port.hpp"
#include "reference/roles/stage.hpp"

namespace quickpay::roles {

/// Records of what plug-ins have stored, one a Paycard, under its PaycardId.
inline constexpr std::string_view kPaycardStateMachine = "paycard.state";

/// Records of the Paycards that the user added, under their PaycardIds.
inline constexpr std::string_view kAddedPaycardMachine = "paycard.added";
inline constexpr std::string_view kRetired = "RETIRED";  ///< state of those that were given up

/// The proof of one inquiry, or of a removal.
struct Proof {
  std::string msg_id;
  std::string token;
  std::optional<ledger::Record> state;  ///< what a plug-in has stored meanwhile; kept with the request or not at all
};

/// Signs what a Wallet has its Paycards pay (QP-PAY-009). Regular payment brings one along: micropayment does no public-key work.
class OrderSigner {
 public:
  OrderSigner() = default;
  OrderSigner(const OrderSigner&) = delete;
  OrderSigner& operator=(const OrderSigner&) = delete;
  virtual ~OrderSigner() = default;
  /// Puts the Wallet's signature into `order`. The public key for it, a SubjectPublicKeyInfo in DER; nothing if no own key is good
  /// now, and then `order` is as it was.
  virtual std::optional<std::string> sign(msg::WalletOrder& order) = 0;
};

/// A Paycard is built in, and its secret is in the configuration, or it is a plug-in, which is asked through the port.
/// What a plug-in remembers is in the ledger and nowhere else.
class WalletPaycards {
 public:
  /// `stage` and `signer` outlive the object. Without a signer, or a key for it, orders carry a code under the guard key.
  explicit WalletPaycards(Stage& stage, OrderSigner* signer = nullptr) : stage_(stage), signer_(signer) {}

  /// The Paycard of this id, of the configuration or added, also one that was given up: what it vouched for goes on.
  std::optional<PaycardConfig> find(std::string_view paycard) const;
  /// The same without those that were given up: they pay nothing.
  std::optional<PaycardConfig> in_use(std::string_view paycard) const;
  /// The Paycard, with what it stored, is this Wallet's from now on. `adding`: the key of the record that brought it.
  void add(const PaycardConfig& card, const paycard::State& stored, std::string_view adding);
  /// The record that brought the Paycard; empty if the user did not add it, or gave it up.
  std::string adding_of(std::string_view paycard) const;
  /// It pays nothing any more.
  void retire(std::string_view paycard);
  /// The token of a removal with a new MsgId; nothing if the Paycard makes none.
  std::optional<Proof> prove_removal(const PaycardConfig& card);

  /// A proof for an inquiry about `ref` with a new MsgId; nothing if the Paycard makes none.
  std::optional<Proof> prove(const PaycardConfig& card, const msg::OrderRef& ref);
  /// Whether `tag` proves to the Paycard that its Broker gave `answer`.
  bool believes(const PaycardConfig& card, const msg::Answer& answer, const std::string& tag);
  /// Keeps what a plug-in stored.
  void keep(const Proof& proof);

 private:
  PaycardConfig added(const ledger::Record& record) const;
  ledger::Record state_of(const PaycardConfig& card) const;
  /// The entries that the configuration gives; they are not kept.
  paycard::State configured(const PaycardConfig& card) const;
  /// E(WalletOrder) with the Wallet's proof; a public key that is needed to judge it is put into `given`.
  std::string proven_order(const PaycardConfig& card, const msg::OrderRef& ref, std::string_view guard_key,
                           paycard::State& given);
  std::optional<std::string> plug_in_token(const PaycardConfig& card, const msg::OrderRef& ref, Proof& proof);
  tl::expected<paycard::Reply, paycard::Trouble> ask(const PaycardConfig& card, ledger::Record& record,
                                                     paycard::Call call, const std::vector<std::string>& in,
                                                     const paycard::State& besides = {});

  Stage& stage_;
  OrderSigner* signer_;
};

/// What a plug-in stored, as it is kept among the fields of a record.
paycard::State entries_of(const ledger::Record& record);
void put_entries(ledger::Record& record, const paycard::State& state);
/// Whether a PaycardToken of this message's Body can be spelled so: a plug-in may say anything.
bool is_token(const codec::StructType& body, std::string_view text);

}  // namespace quickpay::roles
