// The word for each kind of event, as it stands in IR, generated code and messages of the linter.
#pragma once

#include <string_view>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

/// The kind's word: "request", "response", "timer", "action" or "fetch".
constexpr std::string_view word_of(EventKind kind) {
  switch (kind) {
    case EventKind::request:
      return "request";
    case EventKind::response:
      return "response";
    case EventKind::timer:
      return "timer";
    case EventKind::action:
      return "action";
    case EventKind::fetch:
      return "fetch";
  }
  return {};
}

}  // namespace quickpay::spec
