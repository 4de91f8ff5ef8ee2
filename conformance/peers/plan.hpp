// The players, accounts, goods and addresses of one session, before anything starts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/model/iut.hpp"
#include "reference/crypto/rsa.hpp"

namespace quickpay::conformance {

/// Who plays which part. A fixture file may give other ids; an empty id: nobody plays the part.
struct Cast {
  std::string host = "H1";
  std::string broker = "B7";          ///< accepted everywhere
  std::string other_broker = "B8";    ///< accepted, too
  std::string strange_broker = "B9";  ///< in the directory; the Vendor does not accept it
  std::string vendor = "V1001";
  std::string other_vendor = "V1002";
  std::string wallet = "W0123456789abcdef0123456789abcdef";
  std::string other_wallet = "W00112233445566778899aabbccddeeff";
  std::string unknown_vendor = "V999";                               ///< in no directory
  std::string unknown_broker = "B99";                                ///< in no directory
  std::string unknown_wallet = "Wffffffffffffffffffffffffffffffff";  ///< in no directory

  /// The id of the player that is under test where its role is; of any word that is no other role, the Wallet.
  const std::string& player(std::string_view role) const {
    return role == "host" ? host : role == "broker" ? broker : role == "vendor" ? vendor : wallet;
  }
};

/// What a Broker told of itself besides its name, places and keys.
struct TermsPlan {
  std::vector<std::string> currencies = {};
  std::optional<std::int64_t> commission_bp = {};
  std::vector<std::pair<std::string, std::string>> oldest_paycards = {};  ///< Product and Version
};

/// One player beside or under test.
struct PlayerPlan {
  std::string id;
  std::string role;
  std::string name;
  std::string address;     ///< filled when the session starts; a fixture file fixes it
  std::uint16_t port = 0;  ///< 0: the system chooses
  bool listed = true;      ///< has an entry in the directory
  bool serves = true;      ///< answers; otherwise it only sends
  bool removed = false;    ///< the directory says that it is a player no more
  bool suspended = false;  ///< of a Broker: the directory says that it is none for now
  std::string ticket = {}; ///< of a Wallet: who shows it to the Host may look it up; empty: nobody can
  std::vector<Address> more_places = {};  ///< where it listens beside its address
  std::vector<std::string> sources = {};  ///< addresses that it sends from as well
  TermsPlan terms = {};                   ///< of a Broker
  bool by_message = false;  ///< the Host under test listed it because it registered: no directory that is given says so
};

// Who is no player yet, and where somebody may move to: they listen, or send, and no directory knows them. Their names are
// none that a Host can give.
inline const std::string kNewVendor = "V-new", kSecondPlace = "V-second", kThirdPlace = "V-third";
inline const std::string kNewWallet = "W-new", kOtherNewWallet = "W-other", kNewBroker = "B-new";
/// Whether an implementation under test that is called so has no identifier yet.
bool is_nameless(std::string_view iut);

/// What the owner of a Host has decided about who registers; in sessions of registration.
struct AdmissionPlan {
  std::vector<std::string> broker_codes;  ///< one for each Broker; none: the session is not about it
  bool probes_locally = true;             ///< to loopback addresses and to any port, too
};

/// A Paycard, the account behind it, and the secret that both ends share.
struct PaycardPlan {
  std::string wallet;
  std::string broker;
  std::string paycard;
  std::string account;
  std::string secret;      ///< 64 hex digits
  std::int64_t limit = 0;  ///< of the account, minor units
  std::string currency = "USD";
  bool active = false;  ///< in the Wallet
};

inline constexpr const char* kEnrolmentCurrency = "USD";  ///< of the accounts of Paycards that wait

/// A question of a Broker before it hands a Paycard out, and the answer that is right.
struct QuestionPlan {
  std::string prompt;
  std::string form = "text";
  std::vector<std::string> choices = {};
  std::string answer;
};

/// A Paycard that waits at the first Broker for the Wallet that names the code.
struct EnrolmentPlan {
  std::string issue_code;
  std::string paycard;
  std::string account;
  std::int64_t limit = 0;  ///< of the account, minor units
  std::vector<QuestionPlan> questions;
  std::int64_t asked = 1;  ///< how many of them at a time
};

/// The file of a Paycard that the first Broker has issued.
struct PaycardFilePlan {
  std::string product = "card";
  std::string version = "1.2";
  std::string file_hash = std::string(64, '7');
};

struct ItemPlan {
  std::string vendor;
  std::string item;
  std::string text;
  std::int64_t amount = 0;  ///< minor units
  std::string currency = "USD";
  std::string media_type = "text/plain";
  std::string data;  ///< raw bytes
  bool content_hash = false;
  bool by_location = false;  ///< handed out behind a Location instead of inline
  std::optional<std::int64_t> stock = std::nullopt;  ///< pieces that regular orders can have; nothing: as many as are asked for
};

/// A symmetric key that two players share in profile H.
struct KeyPlan {
  std::string one;
  std::string other;
  std::int64_t epoch = 1;
  std::string key;  ///< 64 hex digits
  std::string valid_to = {};  ///< the last second at which it is good; empty: without end
};

/// An RSA key that a player signs with or the directory lists; in sessions of settlement.
struct SigningKeyPlan {
  std::string player;
  std::optional<crypto::RsaPrivateKey> key;  ///< nothing: only the directory has it
  std::string spki;                          ///< as the directory lists it, DER
  std::string not_before;
  std::string not_after;
  std::string withdrawn_from = {};
  std::string usage = "sign";
  bool listed = true;  ///< the directory has it
  bool held = true;    ///< the player signs with it
  bool by_message = false;            ///< the Host under test listed it because it was published: no directory that is given says so
  bool withdrawn_by_message = false;  ///< nor when it was withdrawn
};

/// What the owner of a Broker or Host has decided about settlement, and that of a Vendor about receipts.
struct PolicyPlan {
  std::optional<std::int64_t> commission_bp = 250;  ///< basis points; nothing: a fixture file does not say
  std::int64_t fee_bp = 0;                          ///< what the Host under test charges of it, basis points
  std::int64_t value_after = 86400;                 ///< seconds to the ValueDate
  std::int64_t max_batch = 40;                      ///< items of a claim or case
  std::optional<std::int64_t> receipt_from = std::nullopt;  ///< amount from which the Vendor under test wants the Host's receipt; nothing: never
};

struct WorldPlan {
  std::string role;  ///< under test
  std::string iut;   ///< its id
  Cast cast;
  std::string now = "2026-11-22T12:00:00Z";
  std::vector<PlayerPlan> players;  ///< all but the one under test
  std::vector<PaycardPlan> paycards;
  std::vector<EnrolmentPlan> enrolments;  ///< see complete_enrolments
  PaycardFilePlan paycard_file;
  std::vector<ItemPlan> items;
  std::vector<std::string> brokers_accepted;  ///< by Vendors
  std::vector<std::string> currencies{"USD"};
  std::string profile = "F";           ///< of the session
  std::vector<KeyPlan> keys;           ///< see complete_keys
  std::string keys_end;                ///< valid_to of those that complete_keys adds; empty: without end
  std::vector<SigningKeyPlan> signing_keys;  ///< none: the session is not about settlement
  PolicyPlan policy;                         ///< of all Brokers and the Host
  AdmissionPlan admission;                   ///< of a Host under test; see complete_newcomers
  bool looks_up = false;  ///< the one under test begins with the Host's entry alone, and asks the Host for everybody else
  std::vector<std::string> protocols;  ///< that the one under test claims; empty: all

  PlayerPlan* player(std::string_view id);
  const PlayerPlan* player(std::string_view id) const;
  bool claims(std::string_view protocol) const;
  /// The key of the last epoch that the two share, in whatever order they are named; null: none.
  const KeyPlan* key(std::string_view one, std::string_view other) const;
  /// That of one epoch.
  const KeyPlan* key(std::string_view one, std::string_view other, std::int64_t epoch) const;
  PaycardPlan* paycard(std::string_view id);
  const PaycardPlan* paycard(std::string_view id) const;
  /// The first Paycard of that Wallet at that Broker, or null.
  const PaycardPlan* paycard_of(std::string_view wallet, std::string_view broker) const;
  const ItemPlan* item(std::string_view vendor, std::string_view name) const;
  ItemPlan* item(std::string_view vendor, std::string_view name);
};

/// A key that is good around the session's time.
SigningKeyPlan signing_key_plan(const WorldPlan& plan, std::string player, const crypto::RsaPrivateKey& key);

/// The plain world of a role: two accepted Brokers and one that is not, two Vendors, two Wallets.
WorldPlan standard_plan(std::string_view role);

/// Gives every Wallet of the plan a ticket, unless it has one.
void complete_tickets(WorldPlan& plan);

/// Gives the first Broker two Paycards that wait for their Wallets, and a key to which Wallets seal.
void complete_enrolments(WorldPlan& plan);

/// Lets the keys that the Host shares with others end after a month, and gives it a key to which they seal.
void complete_epochs(WorldPlan& plan);

/// The test key that follows those of the one under test in sessions of keys.
inline constexpr const char* kSuccessorKey = "newcomer";
inline constexpr std::int64_t kSuccessorIn = 4 * 86400;  ///< seconds from the beginning to its NotBefore, more than T_dir
/// Gives the one under test, unless it is the Host, a key to sign with if it has none, and one that follows: nobody lists it, and
/// it is good long after whoever has an entry has one with it.
void complete_own_keys(WorldPlan& plan);

/// Gives the Host a key to which others seal.
void complete_host_seal(WorldPlan& plan);

/// The same for newcomers; if the Host is under test codes for Brokers, and newcomers. A Vendor under test is
/// a newcomer itself.
void complete_newcomers(WorldPlan& plan);

/// The directory as the adapter protocol carries it; `iut` is added if it has an address.
Json directory_json(const WorldPlan& plan, const Address& iut);
/// What the owner of the implementation under test gives it: the fixtures of `setup`, with its keys in profile H.
Json fixtures_json(const WorldPlan& plan);

/// "wallet", "vendor", "broker" or "host" by the first letter of a role id.
std::string_view role_of(std::string_view id);

}  // namespace quickpay::conformance
