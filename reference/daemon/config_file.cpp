#include "reference/daemon/config_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reference/codec/generated/messages.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/leaf.hpp"
#include "reference/codec/protocols.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/rsa.hpp"
#include "reference/daemon/player_reader.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/parts.hpp"
#include "reference/roles/questions.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::daemon {
namespace {

constexpr std::int64_t kMaxAmount = 999'999'999'999'999;
constexpr std::int64_t kMaxSeconds = 10LL * 365 * 86400;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kHashBytes = 32;
constexpr std::string_view kNewPlayer = "new";  // in place of an id
constexpr std::string_view kNewcomers = "registration";  // the protocol in which a player gets one
constexpr std::int64_t kMinDeadlineMs = 100;
constexpr std::int64_t kMaxDeadlineMs = 60'000;
constexpr std::int64_t kMaxEpoch = 999'999'999;
constexpr std::int64_t kMaxTries = 1000;
constexpr std::int64_t kMaxBatch = 10'000;  // items, by the specification
constexpr std::int64_t kMaxMailKept = 1'000'000;  // of one producer
constexpr std::string_view kLookUps = "administration";  // the protocol in which the Host is asked who others are
const std::vector<std::string> kRoles = {"wallet", "vendor", "broker", "host"};

struct ParameterRule {
  const char* name;
  std::int64_t roles::Parameters::*member;
  std::int64_t min;
  std::int64_t max;
};

// The bounds are those of the specification; where it has none, what makes sense at all.
constexpr std::array<ParameterRule, 28> kParameters = {{
    {"T_order", &roles::Parameters::t_order, protocol::T_order_min, protocol::T_order_max},
    {"T_endorse", &roles::Parameters::t_endorse, protocol::T_endorse_min, protocol::T_endorse_max},
    {"T_redeliver", &roles::Parameters::t_redeliver, protocol::T_redeliver_min, kMaxSeconds},
    {"T_register", &roles::Parameters::t_register, protocol::T_register_min, kMaxSeconds},
    {"T_settle", &roles::Parameters::t_settle, protocol::T_settle_min, kMaxSeconds},
    {"T_claim", &roles::Parameters::t_claim, protocol::T_claim_min, kMaxSeconds},
    {"T_answer", &roles::Parameters::t_answer, protocol::T_answer_min, kMaxSeconds},
    {"T_call", &roles::Parameters::t_call, 1, kMaxSeconds},
    {"T_call_check", &roles::Parameters::t_call_check, 1, kMaxSeconds},
    {"T_ask", &roles::Parameters::t_ask, 1, kMaxSeconds},
    {"T_cm", &roles::Parameters::t_cm, 1, kMaxSeconds},
    {"T_skew", &roles::Parameters::t_skew, 1, kMaxSeconds},
    {"T_receipt", &roles::Parameters::t_receipt, protocol::T_receipt_min, protocol::T_receipt_max},
    {"N_cm", &roles::Parameters::n_cm, protocol::N_cm_min, kMaxMailKept},
    {"T_arb", &roles::Parameters::t_arb, 1, kMaxSeconds},
    {"T_broker", &roles::Parameters::t_broker, 1, kMaxSeconds},
    {"N_broker", &roles::Parameters::n_broker, 1, kMaxTries},
    {"T_batchmin", &roles::Parameters::t_batchmin, 0, kMaxSeconds},
    {"T_stmt", &roles::Parameters::t_stmt, 1, kMaxSeconds},
    {"T_call_batch", &roles::Parameters::t_call_batch, 1, kMaxSeconds},
    {"T_hold", &roles::Parameters::t_hold, protocol::T_hold_min, kMaxSeconds},
    {"T_dir", &roles::Parameters::t_dir, 1, kMaxSeconds},
    {"T_dir_stale", &roles::Parameters::t_dir_stale, 0, kMaxSeconds},
    {"T_session", &roles::Parameters::t_session, 1, kMaxSeconds},
    {"T_lock", &roles::Parameters::t_lock, 1, kMaxSeconds},
    {"N_tries", &roles::Parameters::n_tries, 1, kMaxTries},
    {"T_probe", &roles::Parameters::t_probe, 1, kMaxSeconds},
    {"T_epoch", &roles::Parameters::t_epoch, protocol::T_epoch_min, kMaxSeconds},
}};

std::int64_t amount_in(ObjectReader& reader, const char* key, std::int64_t min) {
  return reader.integer(key, min, kMaxAmount);
}

void read_paycard(ObjectReader& reader, roles::NodeConfig& config, Files files) {
  roles::PaycardConfig card;
  card.broker = reader.text("broker");
  card.paycard = reader.text("paycard");
  card.secret = reader.hex("secret", kSecretBytes);
  card.active = reader.flag_or("active", false);
  if (files == Files::of_this_machine) {
    card.shared_object = reader.text_or("shared_object", "");
    card.manifest = reader.text_or("manifest", "");
    if (card.shared_object.empty() != card.manifest.empty()) reader.wrong("manifest", "and shared_object come together");
  }
  const auto same = [&](const roles::PaycardConfig& other) { return other.paycard == card.paycard; };
  if (std::any_of(config.paycards.begin(), config.paycards.end(), same)) reader.wrong("paycard", "is there twice");
  config.paycards.push_back(std::move(card));
}

void read_new_paycard(ObjectReader& reader, roles::NodeConfig& config, Files files) {
  roles::NewPaycardConfig card;
  card.broker = reader.text("broker");
  card.product = reader.text("product");
  if (files == Files::of_this_machine) {
    card.shared_object = reader.text("shared_object");
    card.manifest = reader.text("manifest");
  }
  const auto same = [&](const roles::NewPaycardConfig& other) { return other.product == card.product; };
  if (std::any_of(config.new_paycards.begin(), config.new_paycards.end(), same)) reader.wrong("product", "is there twice");
  config.new_paycards.push_back(std::move(card));
}

void read_item(ObjectReader& reader, roles::NodeConfig& config) {
  roles::ItemConfig item;
  item.item = reader.text("item");
  item.text = reader.text("text");
  item.amount = amount_in(reader, "amount", 1);
  item.currency = reader.text("currency");
  item.media_type = reader.text_or("media_type", "application/octet-stream");
  item.data = reader.base64("data");
  item.content_hash = reader.flag_or("content_hash", false);
  item.url = reader.text_or("url", "");
  item.stock = reader.optional_integer("stock", 0, kMaxAmount);
  config.items.push_back(std::move(item));
}

void read_account(ObjectReader& reader, roles::NodeConfig& config) {
  roles::AccountConfig account;
  account.account = reader.text("account");
  account.limit = amount_in(reader, "limit", 0);
  account.balance = reader.optional_integer("balance", -kMaxAmount, kMaxAmount).value_or(0);
  account.currency = reader.text("currency");
  config.accounts.push_back(std::move(account));
}

paycard::Scheme scheme_in(ObjectReader& reader) {
  const auto scheme = paycard::scheme_of(reader.text_or("scheme", std::string(paycard::kPlain)));
  if (!scheme) reader.wrong("scheme", fmt::format("must be {} or {}", paycard::kPlain, paycard::kNumbered));
  return scheme.value_or(paycard::Scheme::plain);
}

void check_account(ObjectReader& reader, const roles::NodeConfig& config, const std::string& name) {
  const auto known = [&](const roles::AccountConfig& account) { return account.account == name; };
  if (std::none_of(config.accounts.begin(), config.accounts.end(), known)) {
    reader.wrong("account", "names no account of this Broker");
  }
}

void read_binding(ObjectReader& reader, roles::NodeConfig& config) {
  roles::BindingConfig binding;
  binding.wallet = reader.text("wallet");
  binding.paycard = reader.text("paycard");
  binding.account = reader.text("account");
  binding.secret = reader.hex("secret", kSecretBytes);
  binding.scheme = scheme_in(reader);
  check_account(reader, config, binding.account);
  config.bindings.push_back(std::move(binding));
}

void read_paycard_file(ObjectReader& reader, roles::NodeConfig& config) {
  roles::PaycardFileConfig file;
  file.product = reader.text("product");
  file.version = reader.text("version");
  file.file_hash = crypto::to_hex(reader.hex("file_hash", kSecretBytes));
  config.paycard_files.push_back(std::move(file));
}

// What no document can carry would never be asked.
bool can_be_asked(const roles::QuestionConfig& question) {
  const auto form = roles::spelled_as<msg::AnswerForm>(question.form);
  if (!form || question.choices.empty() == (*form == msg::AnswerForm::choice)) return false;
  msg::Question asked = roles::question_of(question, 1);
  const std::string written = codec::write_fragment("Question", msg::kQuestionType, &asked);
  return codec::read_fragment(written, "Question", msg::kQuestionType, &asked, roles::kRecordFamily).has_value();
}

roles::QuestionConfig question_in(ObjectReader& reader) {
  roles::QuestionConfig question;
  question.prompt = reader.text("prompt");
  question.form = reader.text_or("form", question.form);
  question.choices = reader.texts("choices");
  question.max_len = reader.optional_integer("max_len", 1, question.max_len).value_or(question.max_len);
  question.answer = reader.text("answer");
  if (!can_be_asked(question)) reader.wrong("prompt", "and the rest make no question that a message can carry");
  if (!roles::fits_question(roles::question_of(question, 1), question.answer)) reader.wrong("answer", "does not fit the form");
  return question;
}

void read_enrolment(ObjectReader& reader, roles::NodeConfig& config) {
  roles::EnrolmentConfig enrolment;
  enrolment.issue_code = reader.text("issue_code");
  enrolment.paycard = reader.text("paycard");
  enrolment.account = reader.text("account");
  enrolment.scheme = scheme_in(reader);
  check_account(reader, config, enrolment.account);
  reader.list("questions", [&](ObjectReader& entry) { enrolment.questions.push_back(question_in(entry)); });
  const std::int64_t at_a_time = codec::field_named(msg::kTakeQuestionResponseInnerType, "Question")->max;
  const auto most = std::min(static_cast<std::int64_t>(enrolment.questions.size()), at_a_time);
  if (most == 0) reader.wrong("questions", "must be there: without them anybody with the code would get the Paycard");
  enrolment.asked = reader.optional_integer("asked", 1, most).value_or(most);
  const auto shares = [&](const roles::EnrolmentConfig& other) {
    return other.issue_code == enrolment.issue_code || other.paycard == enrolment.paycard || other.account == enrolment.account;
  };
  const auto bound = [&](const roles::BindingConfig& binding) { return binding.paycard == enrolment.paycard; };
  if (std::any_of(config.enrolments.begin(), config.enrolments.end(), shares) ||
      std::any_of(config.bindings.begin(), config.bindings.end(), bound)) {
    reader.wrong("paycard", "has to have an issue code and an account of its own, and no binding");  // QP-PAY-007
  }
  config.enrolments.push_back(std::move(enrolment));
}

void read_own_key(ObjectReader& reader, std::vector<roles::SigningKeyConfig>& keys) {
  roles::SigningKeyConfig key;
  key.pkcs8 = reader.base64("key");
  if (const auto loaded = crypto::RsaPrivateKey::load(key.pkcs8); !loaded) {
    reader.wrong("key", fmt::format("is no PKCS#8 key to use: {}", crypto::text_of(loaded.error())));
  }
  key.not_before_ms = time_in(reader, "not_before");
  key.not_after_ms = last_of(time_in(reader, "not_after"));
  keys.push_back(std::move(key));
}

void read_shared_key(ObjectReader& reader, roles::NodeConfig& config) {
  roles::SharedKeyConfig shared;
  shared.peer = reader.text("peer");
  shared.epoch = reader.integer("epoch", 1, kMaxEpoch);
  shared.key = reader.hex("key", kSecretBytes);
  if (reader.has("valid_to")) shared.valid_to_ms = last_of(time_in(reader, "valid_to"));
  config.shared_keys.push_back(std::move(shared));
}

void read_software(ObjectReader& reader, roles::SoftwareConfig& software) {
  software.name = reader.text("name");
  software.version = reader.text("version");
  software.release_hash = crypto::to_hex(reader.hex("release_hash", kHashBytes));
}

void read_ticket(ObjectReader& reader, roles::NodeConfig& config) {
  roles::TicketConfig given;
  given.wallet = reader.text("wallet");
  if (!is_id_of("wallet", given.wallet)) reader.wrong("wallet", "is no id of a wallet");
  given.ticket = crypto::to_hex(reader.hex("ticket", kTicketBytes));
  config.tickets.push_back(std::move(given));
}

void read_policy_keys(ObjectReader& reader, roles::NodeConfig& config) {
  if (config.role == "vendor") {
    config.vendor_name = reader.text_or("name", "");
    config.receipt_from = reader.optional_integer("receipt_from", 0, kMaxAmount);
  }
  if (config.role == "broker") {
    config.decline_above = reader.optional_integer("decline_above", 0, kMaxAmount);
    config.max_open = reader.optional_integer("max_open", 0);
    config.oldest_paycards = oldest_in(reader);
    config.value_after_s = reader.optional_integer("value_after", 1, kMaxSeconds).value_or(config.value_after_s);
  }
  if (config.role == "broker" || config.role == "vendor") config.source_addresses = sources_in(reader);
  if (config.role == "host") {
    config.vote_policy = reader.text_or("vote", config.vote_policy);
    if (config.vote_policy != "anchored" && config.vote_policy != "literal") {
      reader.wrong("vote", "must be anchored or literal");
    }
    config.fee_bp = reader.optional_integer("fee_bp", 0, kMaxBasisPoints).value_or(config.fee_bp);
    config.probes_locally = reader.flag_or("probes_locally", false);
    config.broker_codes = reader.texts("broker_codes");
  }
  if (config.role == "broker" || config.role == "host") {
    config.max_batch = reader.optional_integer("max_batch", 1, kMaxBatch).value_or(config.max_batch);
    config.commission_bp = reader.optional_integer("commission_bp", 0, kMaxBasisPoints).value_or(config.commission_bp);
  }
}

void read_listen(ObjectReader& reader, DaemonConfig& config) {
  if (config.node.role == "wallet") return;  // a wallet serves nobody: the key is unknown there
  if (!reader.has("listen")) reader.wrong("listen", "is missing");
  reader.object("listen", [&](ObjectReader& listen) {
    config.listen_address = listen.text("address");
    config.listen_port = static_cast<std::uint16_t>(listen.integer("port", 0, 65535));
  });
  config.authorities = reader.texts("authorities");
}

void read_protocols(ObjectReader& reader, roles::NodeConfig& node) {
  node.protocols = reader.texts("protocols");
  const std::vector<std::string> known = codec::protocol_names();
  const std::vector<std::string> linked = roles::linked_protocols();
  if (node.protocols.empty() && linked.size() < known.size()) node.protocols = linked;
  for (const std::string& name : node.protocols) {
    if (std::find(linked.begin(), linked.end(), name) != linked.end()) continue;
    if (std::find(known.begin(), known.end(), name) != known.end()) {
      reader.wrong("protocols", fmt::format("names \"{}\", which this build is without", name));
      continue;
    }
    const std::string meant = likeliest(name, known);
    reader.wrong("protocols", fmt::format("names \"{}\", which is none{}", name.substr(0, 40),
                                          meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
  }
}

void read_node(ObjectReader& reader, roles::NodeConfig& node) {
  node.id = reader.text("player");
  if (node.id == kNewPlayer && node.role != "host") {
    node.id.clear();
  } else if (!node.id.empty() && !is_id_of(node.role, node.id)) {
    reader.wrong("player", fmt::format("is no id of a {}", node.role));
  }
  node.host = reader.text_or("host", node.role == "host" ? node.id : "H1");
  node.profile = reader.text_or("profile", "F");
  if (node.profile != "F" && node.profile != "H") reader.wrong("profile", "must be F or H");
  read_protocols(reader, node);
  if (node.id.empty() && node.role != "host" && reader.has("player") && !roles::serves(node, kNewcomers)) {
    reader.wrong("player", fmt::format("must be an id: the protocol {} is not served", kNewcomers));
  }
  node.currencies = reader.texts("currencies");
  read_parameters(reader, node.parameters);
  read_fixtures(reader, node, Files::of_this_machine);
  read_policy(reader, node);
}

// Everybody but the Host may begin with the Host's entry in place of a directory.
void read_directory_source(ObjectReader& reader, ServeConfig& config) {
  config.host_entry = reader.text_or("host_entry", "");
  const bool asks = !config.host_entry.empty() && config.daemon.node.role != "host";
  if (asks && reader.has("directory")) reader.wrong("directory", "and host_entry exclude each other");
  config.directory = asks ? "" : reader.text("directory");
  const std::vector<std::string> linked = roles::linked_protocols();
  const bool looks_up = std::find(linked.begin(), linked.end(), kLookUps) != linked.end();
  if (!config.host_entry.empty() && !looks_up) {
    reader.wrong("host_entry", fmt::format("needs the protocol {}, which this build is without", kLookUps));
  }
}

// Without a key to sign with there is nothing to run.
std::int64_t settle_every_in(ObjectReader& reader, const roles::NodeConfig& node) {
  if (node.role != "vendor") return 0;
  const auto given = reader.optional_integer("settle_every", 1, kMaxSeconds);
  const bool settles = roles::serves(node, "settlement") && !node.signing_keys.empty();
  return settles ? given.value_or(protocol::T_batchmin_default) : 0;
}

Level level_in(ObjectReader& reader) {
  const std::string name = reader.text_or("log_level", "info");
  for (const Level level : {Level::debug, Level::info, Level::warning, Level::error}) {
    if (name == name_of(level)) return level;
  }
  reader.wrong("log_level", "must be debug, info, warning or error");
  return Level::info;
}

}  // namespace

std::vector<roles::Player> read_players(ObjectReader& reader, const char* key) {
  std::vector<roles::Player> players;
  reader.list(key, [&](ObjectReader& entry) {
    roles::Player player = player_in(entry);
    const auto same = [&](const roles::Player& other) { return other.id == player.id; };
    if (std::any_of(players.begin(), players.end(), same)) entry.wrong("id", "is there twice");
    players.push_back(std::move(player));
  });
  return players;
}

void read_parameters(ObjectReader& reader, roles::Parameters& parameters) {
  reader.object("parameters", [&](ObjectReader& inner) {
    for (const auto& rule : kParameters) {
      if (const auto given = inner.optional_integer(rule.name, rule.min, rule.max)) parameters.*rule.member = *given;
    }
  });
}

void read_fixtures(ObjectReader& reader, roles::NodeConfig& config, Files files) {
  reader.object("fixtures", [&](ObjectReader& inner) {
    if (config.role == "wallet") {
      inner.list("paycards", [&](ObjectReader& entry) { read_paycard(entry, config, files); });
      inner.list("new_paycards", [&](ObjectReader& entry) { read_new_paycard(entry, config, files); });
      inner.object("software", [&](ObjectReader& entry) { read_software(entry, config.software); });
    } else if (config.role == "vendor") {
      inner.list("items", [&](ObjectReader& entry) { read_item(entry, config); });
      config.brokers_accepted = inner.texts("brokers_accepted");
    } else if (config.role == "broker") {
      inner.list("accounts", [&](ObjectReader& entry) { read_account(entry, config); });
      inner.list("bindings", [&](ObjectReader& entry) { read_binding(entry, config); });
      inner.list("paycard_files", [&](ObjectReader& entry) { read_paycard_file(entry, config); });
      inner.list("enrolments", [&](ObjectReader& entry) { read_enrolment(entry, config); });
      if (files == Files::of_this_machine) inner.list("tickets", [&](ObjectReader& entry) { read_ticket(entry, config); });
    }
    inner.list("keys", [&](ObjectReader& entry) { read_shared_key(entry, config); });
    inner.list("signing_keys", [&](ObjectReader& entry) { read_own_key(entry, config.signing_keys); });
    inner.list("sealing_keys", [&](ObjectReader& entry) { read_own_key(entry, config.sealing_keys); });
  });
}

void read_policy(ObjectReader& reader, roles::NodeConfig& config) {
  reader.object("policy", [&](ObjectReader& inner) { read_policy_keys(inner, config); });
}

tl::expected<ServeConfig, std::string> parse_config(std::string_view role, std::string_view text) {
  if (std::find(kRoles.begin(), kRoles.end(), role) == kRoles.end()) {
    const std::string meant = likeliest(role, kRoles);
    return tl::make_unexpected(fmt::format("there is no role \"{}\"{}", role.substr(0, 40),
                                           meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
  }
  Problem problem;
  const Json json = parse_json(text, problem);
  ServeConfig config;
  if (!problem.found()) {
    ObjectReader reader(json, "", problem);
    config.daemon.node.role = role;
    read_node(reader, config.daemon.node);
    read_listen(reader, config.daemon);
    config.daemon.source_address = reader.text_or("source", "");
    config.ledger = reader.text("ledger");
    read_directory_source(reader, config);
    config.trace = reader.text_or("trace", "");
    if (role == "wallet") {
      config.paycard_host = reader.text_or("paycard_host", "");
      const auto deadline = reader.optional_integer("paycard_deadline", kMinDeadlineMs, kMaxDeadlineMs);
      config.paycard_deadline_ms = deadline.value_or(config.paycard_deadline_ms);
    }
    config.daemon.node.trace = !config.trace.empty();
    config.log_level = level_in(reader);
    config.settle_every = settle_every_in(reader, config.daemon.node);
    reader.done();
  }
  if (problem.found()) return tl::make_unexpected(problem.text());
  return config;
}

tl::expected<std::vector<roles::Player>, std::string> parse_directory(std::string_view text) {
  Problem problem;
  const Json json = parse_json(text, problem);
  if (problem.found()) return tl::make_unexpected(problem.text());
  ObjectReader reader(json, "", problem);
  auto players = read_players(reader, "players");
  if (!reader.has("players")) reader.wrong("players", "is missing");
  reader.done();
  if (problem.found()) return tl::make_unexpected(problem.text());
  return players;
}

}  // namespace quickpay::daemon
