// What a Wallet seals, and what a Broker answers to it: requests that their receiver can open and that are about the session that
// was opened; boxes that open under the key of their session, answer the request that was asked, and say nothing twice
// (QP-ADM-008, QP-ADM-009, QP-ADM-011, QP-ADM-012).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "conformance/judges/exchanges.hpp"
#include "conformance/judges/judge.hpp"

namespace quickpay::conformance {

class BoxesJudge final : public Judge {
 public:
  explicit BoxesJudge(std::shared_ptr<const Exchanges> exchanges) : Judge("boxes"), exchanges_(std::move(exchanges)) {}
  void on_entry(World& world, std::size_t entry) override;

 private:
  /// One QP-OK to a sealed request, with both insides.
  struct Given {
    World& world;
    std::size_t index;
    const std::string& message;
    const Element& asked;
    const Element& told;
  };
  struct SessionSeen {
    std::string reply_key;  ///< 64 hex digits
    std::string paycard;
    std::set<std::string> posed;  ///< at a Wallet: numbers of the questions that came last
  };

  void asked(World& world, std::size_t index, const Facts& facts);
  void session_asked(World& world, std::size_t index, const Facts& facts, const Element& inner);
  void learn(const World& world, const Facts& asked, const Facts& facts);

  void open(World& world, std::size_t index, const Facts& asked, const Facts& facts);
  void session_opened(const Given& given, const std::string& reply_key);
  void questions_posed(const Given& given);
  void paycard_given(const Given& given);

  std::shared_ptr<const Exchanges> exchanges_;
  std::map<std::string, SessionSeen> sessions_;             ///< by SessionId
  std::map<std::string, std::set<std::string>> numbers_;    ///< of questions, by Paycard
  std::set<std::string> nonces_;                            ///< of boxes, with their key
  std::set<std::string> secrets_;
  std::set<std::string> reply_keys_;
  std::set<std::string> seen_;  ///< MsgIds of a Wallet's requests
};

}  // namespace quickpay::conformance
