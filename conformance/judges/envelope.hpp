// Judge of what surrounds the messages: heads, addresses, ids, repeats, and which refusal comes first.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "conformance/judges/exchanges.hpp"
#include "conformance/judges/judge.hpp"

namespace quickpay::conformance {

class EnvelopeJudge final : public Judge {
 public:
  explicit EnvelopeJudge(std::shared_ptr<const Exchanges> exchanges);
  void on_entry(World& world, std::size_t entry) override;

 private:
  struct Sent {
    std::string to;
    std::string path;
    std::string body;
  };
  void own_request(World& world, std::size_t index, const Entry& entry, const Facts& facts);
  void own_response(World& world, std::size_t index, const Entry& entry, const Facts& facts);
  void response_head(World& world, std::size_t index, const Facts& facts, const Facts& asked);
  void response_auth(World& world, std::size_t index, const Facts& facts, const Facts& asked);
  void response_code(World& world, std::size_t index, const Entry& entry, const Facts& facts, const Facts& asked);
  void demand(World& world, std::size_t index, const char* what, const std::string& expected, const std::string& got);

  std::shared_ptr<const Exchanges> exchanges_;
  std::map<std::string, Sent> requests_;    ///< MsgId → what was sent under it
  std::map<std::string, std::string> ids_;  ///< MsgId of a response → its bytes
};

}  // namespace quickpay::conformance
