#include "reference/codec/tests/automaton_builder.hpp"

#include <map>

namespace quickpay::codec::test {

ChainAutomaton::ChainAutomaton(std::vector<std::string> positions, std::size_t min_bytes) : classes_(256) {
  // Bytes that stand in the same positions are one class.
  std::map<std::vector<bool>, std::uint8_t> numbers;
  std::vector<std::vector<bool>> members;
  for (int byte = 0; byte < 256; ++byte) {
    std::vector<bool> in;
    for (const std::string& set : positions) in.push_back(set.find(static_cast<char>(byte)) != std::string::npos);
    const auto [at, fresh] = numbers.emplace(in, static_cast<std::uint8_t>(numbers.size()));
    if (fresh) members.push_back(in);
    classes_[static_cast<std::size_t>(byte)] = at->second;
  }
  for (std::size_t state = 0; state <= positions.size(); ++state) {
    for (const std::vector<bool>& in : members) {
      const bool goes_on = state < positions.size() && in[state];
      transitions_.push_back(goes_on ? static_cast<std::uint16_t>(state + 1) : 0xFFFF);
    }
    accepting_.push_back(state >= min_bytes ? 1 : 0);
  }
  automaton_ = {classes_, transitions_, static_cast<std::uint16_t>(members.size()), accepting_};
}

std::vector<std::string> positions(std::vector<std::string> first, std::size_t count, const std::string& set) {
  first.insert(first.end(), count, set);
  return first;
}

}  // namespace quickpay::codec::test
