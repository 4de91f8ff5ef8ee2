#include "conformance/judges/documents.hpp"

#include <fmt/format.h>

#include <utility>

namespace quickpay::conformance {

namespace {

bool is_scripted(const std::string& mutation) { return mutation.rfind("scripted ", 0) == 0; }

std::string complaint(const Facts& facts) {
  return fmt::format("{} at byte {}", facts.read.fault->reason, facts.read.fault->offset);
}

}  // namespace

DocumentsJudge::DocumentsJudge(std::shared_ptr<const Exchanges> exchanges)
    : Judge("documents"), exchanges_(std::move(exchanges)) {}

void DocumentsJudge::on_entry(World& world, std::size_t index) {
  const Entry& entry = world.session().transcript().entries()[index];
  if (entry.kind != EntryKind::request && entry.kind != EntryKind::response) {
    return;
  }
  const Facts& facts = exchanges_->of(index);
  if (facts.message.empty()) {
    return;
  }
  if (entry.by_iut) {
    judge_own(world, index, facts);
  } else if (!facts.http) {
    judge_suite(world, index, facts);
  }
}

void DocumentsJudge::judge_own(World& world, std::size_t index, const Facts& facts) {
  const Entry& entry = world.session().transcript().entries()[index];
  judged();
  if (entry.kind == EntryKind::response && entry.http_status != 200) {
    if (!entry.body.empty()) {
      violation(world, index, "no body with a status other than 200", fmt::format("{} bytes", entry.body.size()));
    }
    return;
  }
  const ReadOutcome read =
      facts.http ? read_as(facts.message, entry.kind == EntryKind::response, entry.body) : facts.read;
  if (read.fault) {
    return violation(world, index, "a document that keeps profile and tables",
                     fmt::format("{} at byte {}", read.fault->reason, read.fault->offset), Reason::wrong_message,
                     read.fault->offset);
  }
  if (const auto oracle = oracle_.complaint(facts.message, entry.body)) {
    violation(world, index, "a document that keeps the schema", *oracle);
  }
}

void DocumentsJudge::judge_suite(World& world, std::size_t index, const Facts& facts) {
  const Entry& entry = world.session().transcript().entries()[index];
  if (entry.kind == EntryKind::response && entry.http_status != 200) {
    return;
  }
  const bool plain = entry.mutation.empty() || is_scripted(entry.mutation);
  if (plain && facts.read.fault) {
    return defect(world, index, "an unchanged message is not valid: " + complaint(facts));
  }
  const auto oracle = oracle_.complaint(facts.message, entry.body);
  if (facts.read.valid() && oracle) {
    defect(world, index, "the reader accepts what the schema refuses: " + *oracle);
  }
}

}  // namespace quickpay::conformance
