// The entries that a Host gives of players: signed by it, about who was asked for, and what its directory says (QP-ROLE-009,
// QP-ADD-18, QP-ANON-012).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "conformance/judges/exchanges.hpp"
#include "conformance/judges/judge.hpp"

namespace quickpay::conformance {

class EntriesJudge final : public Judge {
 public:
  explicit EntriesJudge(std::shared_ptr<const Exchanges> exchanges) : Judge("entries"), exchanges_(std::move(exchanges)) {}
  void on_entry(World& world, std::size_t entry) override;

 private:
  /// One answer to LookupPlayer.
  struct Given {
    World& world;
    std::size_t index;
    const Element& asked;
    const Element& entry;
  };

  void about_who_was_asked(const Given& given);
  void in_time(const Given& given);
  void same(const Given& given, const char* what, const std::string& expected, const std::string& got);

  std::shared_ptr<const Exchanges> exchanges_;
  std::map<std::string, std::string> issued_;  ///< IssuedAt of the last entry of a player
};

/// How many keys an entry has room for, as the specification bounds them.
std::size_t room_for_keys();

/// One thing that an entry says and the plan does not.
struct Difference {
  std::string what;
  std::string expected;
  std::string got;
};
/// Where an entry differs from what the plan says of its player; of a player that the plan does not have only the keys.
std::vector<Difference> differences(const WorldPlan& plan, const Element& entry);

/// Where a player is by the plan, as an entry spells it: Endpoint elements, or the Net of a Wallet.
std::vector<Element> listed_places(const WorldPlan& plan, const std::string& player);
/// Its published keys likewise.
std::vector<Element> listed_keys(const WorldPlan& plan, const std::string& player);

}  // namespace quickpay::conformance
