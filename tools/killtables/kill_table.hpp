// Who killed how many mutants, and the classes of those that live.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace quickpay::killtables {

/// A mutant that is known to survive, and why that is right or what is missing.
struct Survivor {
  std::string id;
  std::string klass;   ///< equivalent | unreachable | suite | hole
  std::string reason;  ///< one sentence
  int line = 0;
};

/// "ID | CLASS | REASON" a line; blank lines and lines that begin with # are skipped. Errors: "line N: what".
tl::expected<std::vector<Survivor>, std::string> parse_survivors(std::string_view text);

/// One killer, in the order of the columns.
struct Column {
  std::string name;
  std::string text;          ///< what it is, in one clause
  bool counts = true;        ///< false: who falls here was no mutant to begin with
  bool kills = true;         ///< false: the last column, survivors
  bool golden = false;       ///< it knows the numbers of the right one
};

class KillTable {
 public:
  KillTable(std::string title, std::vector<Column> columns);

  void add(const std::string& id, const std::string& op, std::size_t column);

  std::size_t tried() const { return tried_; }
  /// Mutants: those tried that were any.
  std::size_t mutants() const;
  std::size_t killed() const;
  /// … by somebody who does not know numbers.
  std::size_t killed_without_golden() const;
  const std::string& title() const { return title_; }
  const std::map<std::string, std::string>& survivors() const { return survivors_; }

  /// What is wrong between survivors and their classification: survivors without a class, and, if every mutant was tried,
  /// classified mutants that did not survive. If the suites were among those who tried, who is of the class suite must not
  /// survive. Empty: nothing.
  std::vector<std::string> compare(const std::vector<Survivor>& classified, bool all_tried, bool by_suites) const;

  /// The table and the numbers as Markdown.
  std::string text() const;
  /// The survivors with class and reason as Markdown.
  std::string survivors_text(const std::vector<Survivor>& classified) const;

 private:
  std::size_t in(std::size_t column) const;

  std::string title_;
  std::vector<Column> columns_;
  std::map<std::string, std::vector<std::size_t>> rows_;  ///< by operator
  std::map<std::string, std::string> survivors_;          ///< id → operator
  std::size_t tried_ = 0;
};

}  // namespace quickpay::killtables
