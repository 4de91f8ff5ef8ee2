#include "conformance/model/course.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace quickpay::conformance {

namespace {

/// What both sides of a comparison must have alike: all that the suite or the implementation said, not when.
bool same_message(const Entry& a, const Entry& b) {
  return a.kind == b.kind && a.from == b.from && a.to == b.to && a.by_iut == b.by_iut && a.exchange == b.exchange &&
         a.path == b.path && a.http_status == b.http_status && a.headers == b.headers && a.body == b.body &&
         a.mutation == b.mutation && a.summary == b.summary;
}

}  // namespace

void Course::note(std::string_view what, std::size_t begin, Json result) {
  if (steps_.size() < kMaxSteps) {
    steps_.push_back({std::string(what), begin, mark(), std::move(result)});
  }
}

void Course::feed_to(std::size_t count) {
  while (fault_.empty() && mark() < count) {
    const std::size_t before = mark();
    if (before >= recording_->entries.size() || !feed_) {
      fault_ = fmt::format("message {} was not recorded", before);
      return;
    }
    feed_(recording_->entries[before]);
    if (mark() != before + 1) {
      fault_ = fmt::format("message {} does not fit into the transcript", before);
    }
  }
}

const Json* Course::follow(std::string_view what) {
  if (!fault_.empty()) {
    return nullptr;
  }
  if (next_ >= recording_->steps.size()) {
    fault_ = fmt::format("the recording ends where the scenario goes on with \"{}\"", what);
    return nullptr;
  }
  const Step& step = recording_->steps[next_++];
  if (step.what != what || step.begin < mark() || step.end < step.begin) {
    fault_ = fmt::format("step {} of the recording is \"{}\" after {} messages, the scenario comes to \"{}\" after {}",
                         next_ - 1, step.what, step.begin, what, mark());
    return nullptr;
  }
  feed_to(step.begin);
  feed_to(step.end);
  return fault_.empty() ? &step.result : nullptr;
}

std::string Course::end_fault() const {
  if (!fault_.empty() || recording_ == nullptr) {
    return fault_;
  }
  if (next_ != recording_->steps.size()) {
    return fmt::format("the scenario ends at step {} of {} that were recorded", next_, recording_->steps.size());
  }
  const std::vector<Entry>& played = transcript_->entries();
  const auto [mine, theirs] =
      std::mismatch(played.begin(), played.end(), recording_->entries.begin(), recording_->entries.end(), same_message);
  if (mine != played.end() || theirs != recording_->entries.end()) {
    return fmt::format("message {} is not what this suite sends or records here", mine - played.begin());
  }
  return {};
}

}  // namespace quickpay::conformance
