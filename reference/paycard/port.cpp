#include "reference/paycard/port.hpp"

namespace quickpay::paycard {

bool within_limits(const State& state) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : state) {
    if (key.empty() || key.size() > kPutKey || value.size() > kPutValue) return false;
    bytes += key.size() + value.size();
  }
  return state.size() <= kMaxEntries && bytes <= kMaxStateBytes;
}

State merged(State state, const State& changed) {
  for (const auto& [key, value] : changed) {
    if (value.empty()) {
      state.erase(key);
    } else {
      state[key] = value;
    }
  }
  return state;
}

std::string name_of_product(std::string_view broker, std::string_view product) {
  return std::string(broker).append("/").append(product);
}

std::string_view text_of(Trouble trouble) {
  switch (trouble) {
    case Trouble::unknown_card:
      return "no file belongs to this Paycard";
    case Trouble::file_unreadable:
      return "the shared object cannot be read";
    case Trouble::manifest_unreadable:
      return "there is no readable manifest";
    case Trouble::other_broker:
      return "the manifest is of another Broker";
    case Trouble::other_paycard:
      return "the file is for another Paycard";
    case Trouble::other_abi:
      return "it was made for another version of the interface";
    case Trouble::too_old:
      return "it is older than its manifest allows";
    case Trouble::unknown_key:
      return "the manifest is not signed with a good key of the Broker";
    case Trouble::wrong_signature:
      return "the signature of the manifest is wrong";
    case Trouble::other_file:
      return "the shared object is not the one that was signed";
    case Trouble::cannot_start:
      return "the process of the Paycard did not start";
    case Trouble::not_loadable:
      return "the shared object cannot be loaded";
    case Trouble::describes_otherwise:
      return "the Paycard says otherwise what it is than its manifest";
    case Trouble::died:
      return "the Paycard ended";
    case Trouble::out_of_time:
      return "the Paycard did not answer in time";
    case Trouble::broke_rules:
      return "the Paycard answered what is no answer";
    case Trouble::given_up:
      return "the Paycard made trouble too often";
  }
  return {};
}

}  // namespace quickpay::paycard
