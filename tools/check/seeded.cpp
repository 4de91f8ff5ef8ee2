#include "tools/check/seeded.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace quickpay::check {
namespace {

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(':', start), text.size());
    parts.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

template <class T>
T* find(std::vector<T>& items, std::string_view id) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const T& item) { return item.id == id; });
  return found == items.end() ? nullptr : &*found;
}

// "MACHINE:OPERATOR:ROW:DETAIL"; effects count from 1.
bool change_row(spec::Spec& spec, const std::vector<std::string>& parts) {
  spec::Machine* machine = parts.size() == 4 ? find(spec.machines, parts[0]) : nullptr;
  spec::Row* row = machine == nullptr ? nullptr : find(machine->rows, parts[2]);
  if (row == nullptr) return false;
  if (parts[1] == "wrong-target" && find(machine->states, parts[3]) != nullptr) {
    row->to = parts[3];
    return true;
  }
  std::size_t number = 0;
  std::from_chars(parts[3].data(), parts[3].data() + parts[3].size(), number);
  if (parts[1] != "drop-effect" || number == 0 || number > row->effects.size()) return false;
  row->effects.erase(row->effects.begin() + static_cast<std::ptrdiff_t>(number - 1));
  return true;
}

// "assume:INSTANCE.PREDICATE:VALUE": whatever was assumed of it, and over whatever message.
bool change_assumption(spec::Spec& spec, const std::vector<std::string>& parts) {
  if (parts.size() != 3 || parts[0] != "assume" || (parts[2] != "yes" && parts[2] != "no")) return false;
  for (spec::PropertySet& set : spec.property_sets)
    for (spec::Assumption& item : set.assumptions) {
      if (item.instance + "." + item.predicate != parts[1]) continue;
      item.meaning = parts[2] == "yes" ? "1" : "0";
      item.forged_open.clear();
      return true;
    }
  return false;
}

}  // namespace

tl::expected<spec::Spec, std::string> seeded(spec::Spec spec, std::string_view defect) {
  const std::vector<std::string> parts = parts_of(defect);
  if (!change_row(spec, parts) && !change_assumption(spec, parts)) return tl::unexpected("nobody can make the mistake " + std::string(defect));
  return spec;
}

}  // namespace quickpay::check
