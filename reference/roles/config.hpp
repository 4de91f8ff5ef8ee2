// What a node is told before it starts: who it is, its parameters, and what its owner gave it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/paycard/scheme.hpp"
#include "reference/roles/directory.hpp"
#include "statemachines/step/step.hpp"

namespace quickpay::paycard {
class Port;
}

namespace quickpay::roles {

class Deviation;

/// A Paycard in a Wallet. The secret is shared with its Broker.
struct PaycardConfig {
  std::string broker;
  std::string paycard;
  std::string secret;   ///< raw bytes
  bool active = false;  ///< until the user chooses (QP-WAL-010)
  std::string shared_object = {};   ///< not empty: a plug-in, asked through NodeConfig::paycard_port; its shared object …
  std::string manifest = {};  ///< … and the manifest of it
  std::string product = {};   ///< not empty: the user added it, and the port knows its file under the name of its product
};

/// The file of a Paycard that the user can add (protocol paycard).
struct NewPaycardConfig {
  std::string broker;
  std::string product;        ///< as its manifest has it; of no other file
  std::string shared_object;  ///< a path
  std::string manifest;       ///< a path
};

/// Something a Vendor sells.
struct ItemConfig {
  std::string item;      ///< the Vendor's reference, as in GetOrder
  std::string text;      ///< shown to the user
  std::int64_t amount = 0;  ///< minor units
  std::string currency;
  std::string media_type;
  std::string data;      ///< the goods, raw bytes
  bool content_hash = false;  ///< the order promises the hash of the goods
  std::string url;       ///< not empty: the goods are fetched from here instead of coming inline
  std::optional<std::int64_t> stock = std::nullopt;  ///< pieces that regular orders can have; nothing: as many as are asked for
};

/// A user's account at a Broker. What is held and owed together never exceeds the limit (QP-SAFE-009).
struct AccountConfig {
  std::string account;
  std::int64_t limit = 0;    ///< minor units
  std::int64_t balance = 0;  ///< minor units; reported, decides nothing
  std::string currency;
};

/// A Paycard that a Broker issued.
struct BindingConfig {
  std::string wallet;
  std::string paycard;
  std::string account;
  std::string secret;  ///< raw bytes
  paycard::Scheme scheme = paycard::Scheme::plain;  ///< how the Paycard proves itself
};

/// The file of a Paycard that a Broker has issued and still accepts.
struct PaycardFileConfig {
  std::string product;
  std::string version;
  std::string file_hash;  ///< SHA-256 of the file, 64 hexadecimal digits
};

/// What a Broker asks before it hands a Paycard out, with the one answer that is right.
struct QuestionConfig {
  std::string prompt;
  std::string form = "text";  ///< as AnswerForm spells it
  std::vector<std::string> choices = {};  ///< with choice: 1..16, the answer among them
  std::int64_t max_len = 256;  ///< bytes, 1..256
  std::string answer;          ///< compared byte by byte
};

/// A Paycard that waits for its Wallet: the issue code leads to it, the answers open it.
struct EnrolmentConfig {
  std::string issue_code;
  std::string paycard;  ///< what it will be called
  std::string account;  ///< of no other enrolment
  paycard::Scheme scheme = paycard::Scheme::plain;
  std::vector<QuestionConfig> questions;
  std::int64_t asked = 0;  ///< how many of them at a time, 1..10
};

/// A symmetric key of one epoch that this player shares with another (profile H).
struct SharedKeyConfig {
  std::string peer;        ///< role id: the Host; for the Host every player; for a Vendor its Brokers, too
  std::int64_t epoch = 1;  ///< of the key of the player that the Host gave it to
  std::string key;         ///< 32 raw bytes
  std::optional<std::int64_t> valid_to_ms;  ///< UTC ms, the last moment at which it is good; nothing: without end
};

/// What a Wallet gave to this player, which may look it up with it.
struct TicketConfig {
  std::string wallet;
  std::string ticket;  ///< 32 hexadecimal digits
};

/// An RSA key with which this player signs, or to which others seal.
struct SigningKeyConfig {
  std::string pkcs8;               ///< PKCS#8, DER, unencrypted
  std::int64_t not_before_ms = 0;  ///< UTC ms, the first moment at which it is used
  std::int64_t not_after_ms = 0;   ///< UTC ms, the last one
  bool withdrawn = false;          ///< signs nothing any more but that it is withdrawn
  std::int64_t use_from_ms = 0;    ///< UTC ms; one that its player has published signs nothing before (QP-ADD-18)
};

/// What a Wallet is made of, which it says when it registers.
struct SoftwareConfig {
  std::string name = {};
  std::string version = {};
  std::string release_hash = {};  ///< SHA-256 of what was installed, 64 hexadecimal digits; empty: it cannot register
};

/// Parameters, times in seconds. Negative: the default of the specification.
struct Parameters {
  std::int64_t t_order = -1;
  std::int64_t t_endorse = -1;
  std::int64_t t_redeliver = -1;
  std::int64_t t_register = -1;
  std::int64_t t_settle = -1;
  std::int64_t t_claim = -1;
  std::int64_t t_answer = -1;
  std::int64_t t_call = -1;
  std::int64_t t_call_check = -1;  ///< one attempt of CheckCommit
  std::int64_t t_ask = -1;
  std::int64_t t_cm = -1;
  std::int64_t t_skew = -1;
  std::int64_t t_receipt = -1;
  std::int64_t n_cm = -1;  ///< communication messages of one producer
  std::int64_t t_arb = -1;
  std::int64_t t_broker = -1;
  std::int64_t n_broker = -1;  ///< fruitless attempts
  std::int64_t t_batchmin = -1;
  std::int64_t t_stmt = -1;
  std::int64_t t_call_batch = -1;
  std::int64_t t_hold = -1;
  std::int64_t t_dir = -1;
  std::int64_t t_dir_stale = -1;
  std::int64_t t_session = -1;
  std::int64_t t_lock = -1;
  std::int64_t n_tries = -1;  ///< wrong answers, wrong issue codes
  std::int64_t t_probe = -1;
  std::int64_t t_epoch = -1;
};

/// A machine as a node runs it. The table's ids must be those of the generated enumerations.
struct Machine {
  const statemachines::MachineTable* table = nullptr;
  std::unique_ptr<statemachines::Engine> engine;
};

/// Makes the engine of a machine. Only programs that play broken implementations replace it.
using EngineFactory = std::function<Machine(const statemachines::MachineTable&)>;

struct NodeConfig {
  std::string role;       ///< wallet | vendor | broker | host
  std::string id;         ///< role id, e.g. "V1001"; empty: of a player that has to register first; not of a Host
  std::string host = "H1";  ///< the System Host of the system
  std::string profile = "F";
  std::vector<std::string> protocols;         ///< served, e.g. "micropayment"; empty: all
  Parameters parameters;
  std::vector<std::string> currencies;        ///< active codes; of a Broker: that it takes
  std::vector<std::string> source_addresses = {};  ///< vendor, broker: where it sends from besides where it listens
  /// Not empty: the Host's own entry as read_host_entry() takes it. The node then asks the Host who others are, and heeds
  /// no other directory. Where `currencies` is empty those of the Host's table are active. Not of a Host.
  std::string host_entry = {};
  std::vector<TicketConfig> tickets = {};     ///< of Wallets that this player may look up
  std::vector<SharedKeyConfig> shared_keys;   ///< profile H
  std::vector<SigningKeyConfig> signing_keys; ///< none: this player signs nothing
  std::vector<SigningKeyConfig> sealing_keys; ///< none: nothing that is sealed to this player opens

  SoftwareConfig software = {};               ///< wallet
  std::vector<PaycardConfig> paycards;        ///< wallet
  std::vector<NewPaycardConfig> new_paycards;  ///< wallet
  paycard::Port* paycard_port = nullptr;      ///< wallet: asks its plug-ins; not owned; null: they do not pay

  std::vector<ItemConfig> items;              ///< vendor
  std::vector<std::string> brokers_accepted;  ///< vendor; empty: all that the directory accepts
  std::optional<std::int64_t> receipt_from;   ///< vendor: a Host receipt is needed from this amount on
  std::string vendor_name;                    ///< vendor: shown where the directory has no name

  std::vector<AccountConfig> accounts;        ///< broker
  std::vector<BindingConfig> bindings;        ///< broker
  std::vector<PaycardFileConfig> paycard_files;  ///< broker
  std::vector<EnrolmentConfig> enrolments;    ///< broker
  std::optional<std::int64_t> decline_above;  ///< broker's policy: larger orders are declined
  std::optional<std::int64_t> max_open;       ///< broker's policy: most open endorsements an account
  /// Broker: what it keeps of a settled amount. Host: what Brokers keep of whom it knows nothing else. Basis points, 0..10000.
  std::int64_t commission_bp = 0;
  std::int64_t fee_bp = 0;                    ///< host: what it charges of the commission, in basis points, 0..10000
  std::vector<OldestPaycard> oldest_paycards = {};  ///< broker: older files of these products are used no more
  std::int64_t value_after_s = 86400;         ///< broker: from a settlement to its ValueDate, at least 1
  std::int64_t max_batch = 10000;             ///< broker, host: most items of a batch or case that it takes
  std::string vote_policy = "anchored";       ///< host: anchored | literal (QP-ADD-08)
  std::vector<std::string> broker_codes;      ///< host: the enrolment codes that its owner gave to Brokers
  bool probes_locally = false;                ///< host: sends a Probe to loopback addresses and to any port, too

  bool trace = false;                         ///< fill Output::trace

  EngineFactory engine_factory;               ///< empty: the compiled machines
  Deviation* deviation = nullptr;             ///< not owned; null in every program that is not a broken implementation
};

/// Whether a node with this configuration serves the protocol.
inline bool serves(const NodeConfig& config, std::string_view protocol) {
  const auto& claimed = config.protocols;
  return claimed.empty() || std::find(claimed.begin(), claimed.end(), protocol) != claimed.end();
}

}  // namespace quickpay::roles
