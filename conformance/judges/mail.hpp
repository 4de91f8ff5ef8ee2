// The mail at a Host: what it hands out was registered with it, is unchanged, and is for the reader (QP-CM-007, QP-CM-011).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "conformance/judges/exchanges.hpp"
#include "conformance/judges/judge.hpp"

namespace quickpay::conformance {

class MailJudge final : public Judge {
 public:
  explicit MailJudge(std::shared_ptr<const Exchanges> exchanges) : Judge("mail"), exchanges_(std::move(exchanges)) {}
  void on_entry(World& world, std::size_t entry) override;

 private:
  /// A message as its producer registered it.
  struct Posted {
    std::string producer;
    Element body;
  };
  /// One answer to RetrieveMessages.
  struct Retrieval {
    World& world;
    std::size_t index;
    const Element& asked;
    const Element& answer;
  };

  void registered(World& world, std::size_t index, const Facts& asked, const Facts& facts);
  void retrieved(const Retrieval& seen);
  void handed_out(const Retrieval& seen, const Element& message);
  void same_content(const Retrieval& seen, const Element& message, const Posted& posted);
  void for_reader(const Retrieval& seen, const Element& message, const Posted& posted);
  void wrong(const Retrieval& seen, std::string expected, std::string got);

  std::shared_ptr<const Exchanges> exchanges_;
  std::map<std::int64_t, Posted> posted_;
};

}  // namespace quickpay::conformance
