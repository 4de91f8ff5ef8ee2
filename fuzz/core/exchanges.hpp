// What a core owes to those who ask: the processing order up to the machines, answers that are due, answers to repeat.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/roles/config.hpp"
#include "reference/roles/directory.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/node.hpp"

namespace quickpay::fuzz {

/// Under what an answer is remembered.
struct ExchangeId {
  std::string path, sender, msg_id;
  auto operator<=>(const ExchangeId&) const = default;
};

/// A request that is the machines' to answer.
struct Asked {
  roles::ConnectionToken connection = 0;
  const roles::MessageOps* ops = nullptr;
  std::shared_ptr<roles::AnyDocument> document;
  ExchangeId id;
  std::string canonical;
  bool settled = false;
};

/// An answer that must come now.
struct Owed {
  unsigned http = 200;
  const roles::MessageOps* ops = nullptr;
  std::string code;
  std::optional<std::string> again;  ///< these very bytes
  std::optional<ExchangeId> id;      ///< the request it answers; none: its Head could not be read
  bool remembered = false;
  std::string key;  ///< the record it speaks of
};

class Exchanges {
 public:
  /// The directory must outlive this object and its copies.
  Exchanges(const roles::NodeConfig& config, const roles::Directory& directory);

  /// Steps 5 to 14 of the processing order; the request, unless they already say what is owed.
  std::optional<Asked> admit(roles::ConnectionToken connection, std::string_view address, std::string_view path,
                             std::string_view body, std::int64_t now_ms);
  void give(Asked& asked, std::string_view code, const std::string& key, std::int64_t now_ms);
  void park(Asked& asked, const std::string& key, std::int64_t now_ms);
  void give_parked(const std::string& key, std::string_view code, std::int64_t now_ms);
  void disconnect(roles::ConnectionToken connection);
  void restart();
  /// Connections whose answer is parked.
  std::vector<roles::ConnectionToken> waiting() const;

  /// An answer came: what is wrong with it, or nothing. `owed` and `response` become what was owed and what it says,
  /// if it says anything.
  std::string check(const roles::Answer& answer, Owed& owed, std::unique_ptr<roles::AnyDocument>& response);
  /// After the last one: who got none, or nothing.
  std::string check_rest() const;

 private:
  struct Stored {
    std::string canonical;
    std::string code;
    bool final = false;
    std::optional<std::string> body;  ///< unknown while nobody has seen it
    std::int64_t expires_ms = 0;
    std::string key;
  };
  struct Parked {
    ExchangeId id;
    const roles::MessageOps* ops;
    std::string canonical;
  };

  std::string_view head_breach(const roles::MessageOps& ops, const roles::AnyDocument& document,
                               const msg::Head& head) const;
  std::string_view sender_breach(const codec::MessageType& type, const msg::Head& head, std::string_view address) const;
  bool answered_before(const Asked& asked, std::int64_t now_ms);
  void remember(const ExchangeId& id, const std::string& canonical, std::string_view code, const std::string& key,
                std::int64_t now_ms);
  std::string check_document(const roles::Answer& answer, const Owed& owed, roles::AnyDocument& response) const;

  std::string id_, role_;
  std::vector<std::string> protocols_;  ///< served; players name them all
  const roles::Directory* directory_;
  std::map<ExchangeId, Stored> stored_;
  std::map<std::string, std::vector<Parked>> parked_;                 ///< by record
  std::map<ExchangeId, std::vector<roles::ConnectionToken>> joined_;  ///< who waits for a parked answer
  std::map<roles::ConnectionToken, Owed> owed_;
};

}  // namespace quickpay::fuzz
