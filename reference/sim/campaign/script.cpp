#include "reference/sim/campaign/script.hpp"

#include <array>

namespace quickpay::sim {

std::string to_text(const Script& script) {
  static constexpr std::array kActs = {"wait", "buy", "buy and confirm another digest", "buy a regular order",
                                       "take an order back", "say that a Vendor takes an order back",
                                       "leave a message", "fetch or discard messages", "lose messages", "duplicate messages",
                                       "delay messages", "crash", "cut", "suspend the Host", "calm"};
  static constexpr std::array kJoins = {"wait", "register", "change", "leave", "crash a newcomer", "strike a newcomer off", "register in a newcomer's name"};
  static constexpr std::array kLiars = {"nobody", "wallet", "vendor", "broker", "network"};
  static constexpr std::array kSettles = {"", ", settled", ", settled through a storm", ", settled past the Host"};
  std::string text = "seed " + std::to_string(script.seed) + ", liar " + kLiars[static_cast<std::size_t>(script.liar)] +
                     ", players " + std::to_string(script.players) + ", clocks " + std::to_string(script.skew) +
                     " min apart" + (script.host_only ? ", accidents at the Host alone" : "") +
                     kSettles[static_cast<std::size_t>(script.settles)] + (script.authenticated ? ", profile H" : "") +
                     (script.regular ? ", regular orders" : "") + (script.takes_back ? ", taken back" : "") +
                     (script.plain ? ", without a signature" : "") + "\n";
  for (const Action& action : script.actions) {
    text += std::string("  ") + kActs[static_cast<std::size_t>(action.act)] + " " + std::to_string(action.who) + " " +
            std::to_string(action.what) + "\n";
  }
  for (const Joining& one : script.joinings)
    text += std::string("  newcomers: ") + kJoins[static_cast<std::size_t>(one.join)] + " " + std::to_string(one.who) + " " + std::to_string(one.what) + "\n";
  return text;
}

}  // namespace quickpay::sim
