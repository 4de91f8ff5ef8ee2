#include "conformance/model/transcript.hpp"

namespace quickpay::conformance {

Transcript::Transcript(Now now) : now_(now), begin_us_(now()) {}

std::size_t Transcript::add(Entry entry) {
  entry.at_us = now_() - begin_us_;
  entry.body_bytes = entry.body.size();
  if (entry.body.size() > kMaxEntryBytes) {
    entry.body.resize(kMaxEntryBytes);
  }
  if (entries_.size() >= kMaxEntries || bytes_ + entry.body.size() > kMaxTranscriptBytes) {
    ++dropped_;
    return kMaxEntries;
  }
  bytes_ += entry.body.size();
  entries_.push_back(std::move(entry));
  return entries_.size() - 1;
}

std::size_t Transcript::note(std::string text) {
  Entry entry;
  entry.summary = std::move(text);
  return add(std::move(entry));
}

}  // namespace quickpay::conformance
