// The points at which a scenario gave others the time to act, and what it was told there. With these and the transcript
// a scenario can be played again without any implementation: see Session and conformance/run/again.hpp.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/model/iut.hpp"
#include "conformance/model/transcript.hpp"

namespace quickpay::conformance {

inline constexpr std::size_t kMaxSteps = 65536;  ///< of one scenario; later ones are not kept

/// One point: the transcript grew from `begin` to `end` entries meanwhile.
struct Step {
  std::string what;  ///< "wait", "say", "do", "clock", …
  std::size_t begin = 0;
  std::size_t end = 0;
  Json result;       ///< what the scenario was told
};

/// Everything that is needed to play a scenario again.
struct Recording {
  std::string scenario;
  std::string profile;
  std::uint64_t seed = 0;
  std::uint64_t number = 0;  ///< of the session in its run
  Hello hello;
  std::vector<Entry> entries;
  std::vector<Step> steps;
};

/// The steps of one session: noted while it is played, or followed while it is played again.
class Course {
 public:
  Course() = default;
  /// Follows `recording`, which must outlive this.
  explicit Course(const Recording& recording) : recording_(&recording) {}

  bool follows() const { return recording_ != nullptr; }
  /// The transcript that grows. Called once before the first step.
  void watch(const Transcript& transcript) { transcript_ = &transcript; }
  /// Following: how an entry that was recorded comes into the transcript.
  void feed_by(std::function<void(Entry)> feed) { feed_ = std::move(feed); }

  /// Noting: the number of entries now, for note().
  std::size_t mark() const { return transcript_ == nullptr ? 0 : transcript_->mark(); }
  /// Noting: a step that began at `begin` is over.
  void note(std::string_view what, std::size_t begin, Json result);
  /// Following: the next step, if it is of this kind, with all entries in the transcript that were there at its end.
  /// Null: the recording has something else here; fault() says so from now on.
  const Json* follow(std::string_view what);

  const std::vector<Step>& steps() const { return steps_; }
  /// Why the recording is not that of this scenario; empty: it is, as far as it was followed.
  const std::string& fault() const { return fault_; }
  /// Following, at the end: also empty if all of the recording was used and every entry came out as it was recorded.
  std::string end_fault() const;

 private:
  void feed_to(std::size_t count);

  const Recording* recording_ = nullptr;
  const Transcript* transcript_ = nullptr;
  std::function<void(Entry)> feed_;
  std::vector<Step> steps_;
  std::size_t next_ = 0;
  std::string fault_;
};

/// Notes each command and its reply; the implementation is `inner`.
std::unique_ptr<Iut> noting_iut(Iut& inner, Course& course);
/// Gives the replies that were noted; there is no implementation.
std::unique_ptr<Iut> followed_iut(const Hello& hello, Course& course);

}  // namespace quickpay::conformance
