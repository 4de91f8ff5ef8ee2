#include <fmt/format.h>

#include <algorithm>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/peer.hpp"

namespace quickpay::conformance {

namespace {

void vendor_config(const WorldPlan& world, const PlayerPlan& player, roles::NodeConfig& config) {
  for (const ItemPlan& item : world.items) {
    if (item.vendor != player.id) {
      continue;
    }
    roles::ItemConfig goods;
    goods.item = item.item;
    goods.text = item.text;
    goods.amount = item.amount;
    goods.currency = item.currency;
    goods.media_type = item.media_type;
    goods.data = item.data;
    goods.content_hash = item.content_hash;
    goods.stock = item.stock;
    if (item.by_location) {
      goods.url = fmt::format("http://{}:{}/goods/{}", player.address, player.port, item.item);
    }
    config.items.push_back(std::move(goods));
  }
  config.brokers_accepted = world.brokers_accepted;
}

void enrolment_config(const WorldPlan& world, roles::NodeConfig& config) {
  const PaycardFilePlan& file = world.paycard_file;
  config.paycard_files = {{file.product, file.version, file.file_hash}};
  for (const EnrolmentPlan& one : world.enrolments) {
    config.accounts.push_back({one.account, one.limit, 0, kEnrolmentCurrency});
    roles::EnrolmentConfig enrolment{one.issue_code, one.paycard, one.account, paycard::Scheme::plain, {}, one.asked};
    for (const QuestionPlan& question : one.questions) {
      enrolment.questions.push_back({.prompt = question.prompt, .form = question.form, .choices = question.choices, .answer = question.answer});
    }
    config.enrolments.push_back(std::move(enrolment));
  }
}

void broker_config(const WorldPlan& world, const PlayerPlan& player, roles::NodeConfig& config) {
  config.commission_bp = world.policy.commission_bp.value_or(0);
  for (const PaycardPlan& card : world.paycards) {
    if (card.broker != player.id) {
      continue;
    }
    const bool known = std::any_of(config.accounts.begin(), config.accounts.end(),
                                   [&](const roles::AccountConfig& a) { return a.account == card.account; });
    if (!known) {
      config.accounts.push_back({card.account, card.limit, card.limit, card.currency});
    }
    config.bindings.push_back({card.wallet, card.paycard, card.account, bytes_of_hex(card.secret)});
  }
  if (player.id == world.cast.broker && !world.enrolments.empty()) {
    enrolment_config(world, config);
  }
}

}  // namespace

roles::NodeConfig node_config(const WorldPlan& world, const PlayerPlan& player) {
  roles::NodeConfig config;
  config.role = player.role;
  config.id = player.listed ? player.id : std::string();  // who is no player yet has no name
  config.host = world.cast.host;
  config.currencies = world.currencies;
  config.profile = world.profile;
  for (const KeyPlan& key : world.keys) {
    if (key.one == player.id || key.other == player.id) {
      config.shared_keys.push_back({key.one == player.id ? key.other : key.one, key.epoch, bytes_of_hex(key.key),
                                    key.valid_to.empty() ? std::nullopt : std::optional(time_of(key.valid_to) + 999)});
    }
  }
  for (const SigningKeyPlan& key : world.signing_keys) {
    if (key.player == player.id && key.held && key.key) {
      auto& held = key.usage == "seal" ? config.sealing_keys : config.signing_keys;
      held.push_back({key.key->pkcs8_der(), time_of(key.not_before), time_of(key.not_after) + 999});
    }
  }
  config.value_after_s = world.policy.value_after;
  config.probes_locally = world.admission.probes_locally;
  config.broker_codes = world.admission.broker_codes;
  if (player.role == "vendor") {
    vendor_config(world, player, config);
  } else if (player.role == "broker") {
    broker_config(world, player, config);
  }
  return config;
}

}  // namespace quickpay::conformance
