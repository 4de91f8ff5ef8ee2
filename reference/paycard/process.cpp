#include "reference/paycard/process.hpp"

#include "reference/codec/canonical.hpp"

namespace quickpay::paycard {
namespace {

std::string expected_description(const msg::Manifest& manifest) {
  const msg::Description description{manifest.broker, manifest.product, manifest.version, manifest.label};
  return codec::canonical("Description", msg::kDescriptionType, &description);
}

std::string name_of(const CardFiles& files) {
  return files.paycard.empty() ? name_of_product(files.broker, files.product) : files.paycard;
}

}  // namespace

ProcessPort::ProcessPort(ProcessConfig config) : config_(std::move(config)) {
  for (const CardFiles& files : config_.cards) cards_[name_of(files)].files = files;
}

ProcessPort::Card* ProcessPort::find(std::string_view paycard) {
  const auto found = cards_.find(paycard);
  return found == cards_.end() ? nullptr : &found->second;
}

Trouble ProcessPort::note(Card& card, Trouble trouble) {
  ++card.troubles;
  if (config_.on_trouble) config_.on_trouble(name_of(card.files), trouble);
  return trouble;
}

tl::expected<void, Trouble> ProcessPort::load(Card& card) {
  const auto shared_object = file_bytes(card.files.shared_object, kMaxSharedObjectBytes);
  if (!shared_object) return tl::unexpected(Trouble::file_unreadable);
  const auto text = file_bytes(card.files.manifest, kMaxManifestBytes);
  if (!text) return tl::unexpected(Trouble::manifest_unreadable);
  const auto keys = config_.keys ? config_.keys(card.files.broker) : std::vector<std::string>{};
  const auto oldest = config_.oldest ? config_.oldest(card.files.broker) : std::vector<msg::OldestPaycard>{};
  auto manifest = check_manifest(*text, *shared_object, {card.files.broker, card.files.paycard, keys, oldest}, crypto_);
  if (!manifest) return tl::unexpected(manifest.error());
  if (!card.files.product.empty() && manifest->product != card.files.product) return tl::unexpected(Trouble::other_paycard);
  card.manifest = std::move(*manifest);
  if (auto started = card.child.start(config_.host, *shared_object); !started) return started;
  auto described = check_description(card);
  if (!described) card.child.end();
  return described;
}

tl::expected<void, Trouble> ProcessPort::check_description(Card& card) {
  const auto reply = ask(card, {Call::describe, {}, {}});
  if (!reply) return tl::unexpected(reply.error());
  const bool same = reply->result == Result::done && reply->out == expected_description(card.manifest);
  return same ? tl::expected<void, Trouble>{} : tl::unexpected(Trouble::describes_otherwise);
}

tl::expected<Reply, Trouble> ProcessPort::ask(Card& card, const Request& request) {
  auto response = card.child.ask(request, config_.deadline);
  if (!response) return tl::unexpected(response.error());
  if (response->stage == Stage::answered) return std::move(response->reply);
  card.child.end();
  return tl::unexpected(response->stage == Stage::other_abi ? Trouble::other_abi : Trouble::not_loadable);
}

tl::expected<msg::Manifest, Trouble> ProcessPort::start(std::string_view paycard) {
  Card* card = find(paycard);
  if (card == nullptr) return tl::unexpected(Trouble::unknown_card);
  if (card->troubles >= kMaxTroubles) return tl::unexpected(Trouble::given_up);
  if (!card->child.running()) {
    if (const auto loaded = load(*card); !loaded) return tl::unexpected(note(*card, loaded.error()));
  }
  return card->manifest;
}

tl::expected<Reply, Trouble> ProcessPort::call(std::string_view paycard, Call call, const std::vector<std::string>& in,
                                               const State& state) {
  if (const auto started = start(paycard); !started) return tl::unexpected(started.error());
  Card& card = *find(paycard);
  auto reply = ask(card, {call, in, state});
  if (!reply) return tl::unexpected(note(card, reply.error()));
  if (!within_limits(merged(state, reply->changed))) {
    card.child.end();
    return tl::unexpected(note(card, Trouble::broke_rules));
  }
  card.troubles = 0;
  return reply;
}

}  // namespace quickpay::paycard
