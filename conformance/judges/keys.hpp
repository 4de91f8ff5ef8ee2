// What a Host does about the keys of players: it lists those alone that their owner proved and vouched for, withdraws them on
// their owner's word, and gives each epoch a key of its own, in time and to whom it belongs (QP-ADD-18, QP-ADD-20, QP-ADD-21).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "conformance/judges/exchanges.hpp"
#include "conformance/judges/judge.hpp"
#include "conformance/judges/reply_boxes.hpp"

namespace quickpay::conformance {

class KeysJudge final : public Judge {
 public:
  explicit KeysJudge(std::shared_ptr<const Exchanges> exchanges) : Judge("keys"), exchanges_(std::move(exchanges)) {}
  void on_entry(World& world, std::size_t entry) override;

 private:
  /// One QP-OK to a request of a player.
  struct Given {
    World& world;
    std::size_t index;
    const Facts& asked;
    const Facts& facts;
    std::string sender;
  };

  void published(const Given& given);
  void vouched(const Given& given, const Element& change);
  void withdrawn(const Given& given);
  void key_given(const Given& given);
  void own_given(const Given& given, const Element& shared);
  void next_given(const Given& given, const Element& shared, const KeyPlan& last);
  void pair_given(const Given& given, const std::string& broker, const Element& shared);
  void same(const Given& given, const char* what, const std::string& expected, const std::string& got);

  std::shared_ptr<const Exchanges> exchanges_;
  ReplyBoxes boxes_;
  std::map<std::string, std::int64_t> asked_ms_;  ///< when a request came, by MsgId
  std::map<std::string, std::string> given_;      ///< whose a key is, and of which epoch
};

/// That of a Host, or of a player.
std::shared_ptr<Observer> make_keys_judge(std::shared_ptr<const Exchanges> exchanges, std::string_view role);

}  // namespace quickpay::conformance
