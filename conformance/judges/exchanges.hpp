// Facts about every message of a session that all judges need: is it valid, which step of the processing order refuses
// it, was it seen before, which request does it answer.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "conformance/judges/reading.hpp"
#include "conformance/peers/world.hpp"

namespace quickpay::conformance {

/// What is known about one entry of the transcript.
struct Facts {
  Element document;     ///< empty name: cannot be read
  std::string message;  ///< of the path; empty: no message's path
  bool http = false;    ///< broken or special on the HTTP level; nothing else is judged
  ReadOutcome read;
  std::string breach;   ///< request to the implementation: code of the first step (5..14) that refuses
  bool repeat = false;  ///< request: the same canonical bytes under the same MsgId came before
  std::optional<std::string> final_answer;  ///< repeat: the final answer that was seen
  std::string original;  ///< request of the implementation: its MsgId, or that of the stale request that it stands for
  std::optional<std::size_t> request;       ///< response, failure: the entry of its request
  bool counts = false;                      ///< response to the implementation: it is an answer to its request
};

/// First observer of every session; the judges read it.
class Exchanges : public Observer {
 public:
  void on_open(World&) override;
  void on_entry(World& world, std::size_t entry) override;
  void on_close(World&) override {}
  const Facts& of(std::size_t entry) const { return facts_.at(entry); }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // path, sender, MsgId
  struct Known {
    std::string canonical;
    std::optional<std::string> final_answer;
    std::int64_t at_ms = 0;
  };

  void request_to_iut(World& world, const Entry& entry, Facts& facts);
  void response(const World& world, const Entry& entry, Facts& facts);
  void request_of_iut(const Entry& entry, Facts& facts);
  void note_stale(const Entry& entry, const Facts& asked, const Facts& facts);
  static std::string breach_of(const World& world, const Entry& entry, const Facts& facts);

  std::map<std::size_t, Facts> facts_;
  std::map<std::uint64_t, std::size_t> requests_;  ///< exchange → entry
  std::map<Key, Known> known_;
  std::map<std::string, std::string> originals_;  ///< MsgId of a request of the implementation → the one it stands for
  std::map<std::string, std::string> stale_;      ///< path and Body of its requests that were refused as stale → MsgId
};

/// The codes by which a request is answered when nobody can say more now: busy, or something is broken.
bool is_away_code(std::string_view code);

/// The codes by which a request is refused before its message's own checks.
bool is_early_code(std::string_view code);

}  // namespace quickpay::conformance
