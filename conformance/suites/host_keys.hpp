// What the files about keys at the Host share.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/suites/key_owner.hpp"

namespace quickpay::conformance {

using KeyPlay = std::function<void(KeyOwner&, const std::string& check)>;

/// What the Host has to do for who asks it rightly.
struct KeyRight {
  const char* id;
  const char* title;
  const char* rows;
  std::vector<std::string> requirements;
  KeyPlay play;
  const char* mutation = "";
  Who who = &Cast::vendor;
  Arrange arrange = {};
  const char* profile = "";
  const char* shown = "";  ///< not empty: title of the check `.listed`, that its entry then says so
  const char* more = "";   ///< id of a further check
  const char* more_title = "";
};
void add_key_rights(Suite& suite, const std::vector<KeyRight>& all);

/// What it must not do.
struct KeyWrong {
  std::string id;
  const char* title;
  std::string row;
  const char* code;
  std::vector<std::string> requirements;
  std::string mutation;
  std::function<Reply(KeyOwner&)> ask;
  const char* twin = "publish.first";
  std::function<bool(KeyOwner&)> reach = {};  ///< empty: nothing to do
  Who who = &Cast::vendor;
  Arrange arrange = {};
  const char* profile = "";
};
void add_key_wrongs(Suite& suite, const std::vector<KeyWrong>& all);

/// Keys that are not listed.
void add_publish_refusals(Suite& suite);
/// Keys that are not taken back.
void add_withdrawal_refusals(Suite& suite);
/// Words for changes, proofs and withdrawals in keys and encodings with which nothing is signed.
void add_odd_key_words(Suite& suite);
/// Keys that are shared in profile H.
void add_pair_keys(Suite& suite);

/// Seconds.
inline constexpr std::int64_t kHour = 3600;
inline constexpr std::int64_t kDay = 86400;

/// Sends a change that lists this key.
std::function<Reply(KeyOwner&)> publishing(BroughtKey key);
/// Sends a withdrawal.
std::function<Reply(KeyOwner&)> withdrawing(TakenBack back);
/// The entry of the player says what the plan says, with its ticket if it has one.
void judge_shown(KeyOwner& owner, const std::string& check);

/// Of the Vendor, unless another is named.
Arrange ends(std::int64_t seconds, Who who = &Cast::vendor);
/// Its directory entry has as many keys as one can have, but `less`.
Arrange full_but(std::size_t less);
void other_vendor_removed(WorldPlan& plan);

}  // namespace quickpay::conformance
