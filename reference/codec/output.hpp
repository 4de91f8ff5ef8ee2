// A growing text for the writers: room is made once for each element, then bytes are copied without further checks.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

namespace quickpay::codec {

class Output {
 public:
  explicit Output(std::size_t usual_bytes) : text_(usual_bytes, '\0') {}

  /// Makes room for `bytes` more bytes.
  void need(std::size_t bytes) {
    if (text_.size() - used_ < bytes) text_.resize(std::max(text_.size() * 2, used_ + bytes));
  }
  /// Both put() need room that need() has made.
  void put(char c) { text_[used_++] = c; }
  void put(std::string_view bytes) {
    if (bytes.empty()) return;  // it may point nowhere, which memcpy does not allow
    std::memcpy(text_.data() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
  }
  std::string take() && {
    text_.resize(used_);
    return std::move(text_);
  }

 private:
  std::string text_;
  std::size_t used_ = 0;
};

}  // namespace quickpay::codec
