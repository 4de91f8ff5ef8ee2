#include "reference/roles/paycard_wallet.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "reference/codec/canonical.hpp"
#include "reference/codec/leaf.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/seal.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/questions.hpp"
#include "reference/roles/seals.hpp"
#include "reference/roles/times.hpp"
#include "reference/roles/wallet_offers.hpp"
#include "statemachines/paycard/generated/wallet_paycard.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::wallet_paycard;
namespace admin = msg::admin;
using machine::Effect;
using machine::Predicate;

constexpr std::size_t kKeyDigits = 32;
constexpr std::int64_t kMsOfSecond = 1000;
constexpr codec::Family kValues{"value", 128 * 1024, 1024, 8};  // of what a Paycard gives

/// The record of a product and an issue code. A digest, since keys stand in traces and events, where a code has no place.
std::string key_of(const std::string& product, const std::string& issue_code) {
  return crypto::sha256_hex(product + "/" + issue_code).substr(0, kKeyDigits);
}

const NewPaycardConfig* product_of(const NodeConfig& config, std::string_view product) {
  for (const NewPaycardConfig& each : config.new_paycards) {
    if (each.product == product) return &each;
  }
  return nullptr;
}

/// The sealing key of the Broker, DER; empty if there is none that is good now.
std::string seal_key_of(const Facts& facts, std::string_view broker) {
  const Player* entry = facts.directory.living("broker", broker);
  const PlayerKey* key = entry && entry->accepted ? sealing_key(*entry, facts.now_ms) : nullptr;
  return key ? key->spki : std::string();
}

/// E(WalletInfo): the software, and nothing about its user (QP-ADM-009, QP-ANON-011).
std::string wallet_info(const Facts& facts) {
  msg::WalletInfo info;
  info.wallet_id = facts.config.id;
  return codec::canonical("WalletInfo", msg::kWalletInfoType, &info);
}

std::optional<msg::Sealed> sealed_in(const Consulted& consulted) {
  msg::Sealed sealed;
  const bool done = consulted.result == paycard::Result::done;
  if (!done || !codec::read_canonical(consulted.out, "Sealed", msg::kSealedType, &sealed, kValues)) return std::nullopt;
  return sealed;
}

/// The questions that a Paycard gave, if a user can answer them: no number is there twice.
std::optional<msg::TakeQuestionResponseInner> questions_in(const Consulted& consulted) {
  msg::TakeQuestionResponseInner inner;
  const auto& type = msg::kTakeQuestionResponseInnerType;
  if (!codec::read_canonical(consulted.out, "TakeQuestionResponseInner", type, &inner, kValues)) return std::nullopt;
  std::set<std::int64_t> numbers;
  for (const msg::Question& question : inner.question) {
    if (!numbers.insert(question.no).second) return std::nullopt;
  }
  return inner;
}

bool answers_all(const std::vector<msg::Question>& questions, const std::vector<msg::QuestionAnswer>& given) {
  return given.size() == questions.size() && std::all_of(questions.begin(), questions.end(), [&](const msg::Question& question) {
           const auto answer = std::find_if(given.begin(), given.end(), [&](const auto& each) { return each.no == question.no; });
           return answer != given.end() && fits_question(question, answer->value);
         });
}

/// A Paycard that is not this Wallet's yet, as the port knows it.
std::string name_of(const ledger::Record& record) {
  return paycard::name_of_product(field(record, "broker"), field(record, "product"));
}

std::string entry(const paycard::State& state, std::string_view name) {
  const auto found = state.find(std::string(name));
  return found == state.end() ? std::string() : found->second;
}

}  // namespace

WalletPaycard::WalletPaycard(Stage& stage)
    : Actor(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage), paycards_(stage) {
  stage.add(*this);
}

bool WalletPaycard::holds(std::uint8_t predicate, const Turn& turn) {
  if (!depends_on(table(), predicate, turn)) return false;  // a Paycard is asked where something hangs on it
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::card_certified: return certified(turn);
    case Predicate::card_goes_on: return goes_on(turn);
    case Predicate::answers_complete: return answers_complete(turn);
    case Predicate::token_made: return token_made(turn);
  }
  return false;
}

// ---- the Paycard

/// What the Wallet puts into the store for one call, and takes out again.
paycard::State WalletPaycard::given(const ledger::Record& record) const {
  paycard::State state{{std::string(paycard::kWalletEntry), stage_.facts.config.id},
                       {std::string(paycard::kFileHashEntry), std::string(field(record, "file_hash"))}};
  const std::string key = seal_key_of(stage_.facts, field(record, "broker"));
  if (!key.empty()) state.emplace(paycard::kSealKeyEntry, key);
  return state;
}

Consulted WalletPaycard::consult(const ledger::Record& record, paycard::Call call, const std::vector<std::string>& in) {
  Consulted consulted;
  paycard::Port* port = stage_.facts.config.paycard_port;
  if (!port) return consulted;
  const paycard::State put = given(record);
  const paycard::State state = paycard::merged(entries_of(record), put);
  auto reply = port->call(name_of(record), call, in, state);
  if (!reply) return consulted;
  consulted.result = reply->result;
  consulted.out = std::move(reply->out);
  consulted.stored = paycard::merged(state, reply->changed);
  for (const auto& [name, value] : put) consulted.stored.erase(name);
  return consulted;
}

msg::Head WalletPaycard::head_for(const codec::MessageType& message, const ledger::Record& record) const {
  const MessageOps* ops = ops_of(message);
  return ops ? stage_.outbox.new_head(*ops, field(record, "broker")) : msg::Head{};
}

Consulted WalletPaycard::ask_for_questions(const ledger::Record& record, const std::string& answer_aad,
                                           const std::string& boxed) {
  const codec::MessageType& next = admin::kTakeQuestionMessage;
  const msg::Head head = head_for(next, record);
  const std::string aad = crypto::box_context(next.request->root, msg::kHeadType, &head);
  Consulted consulted = consult(record, paycard::Call::session, {answer_aad, boxed, aad});
  consulted.head = head;
  return consulted;
}

Consulted WalletPaycard::take(const ledger::Record& record, paycard::Call call, std::string_view root, const msg::Head& head,
                              const msg::Boxed& boxed) {
  const std::string aad = crypto::box_context(root, msg::kHeadType, &head);
  const std::string box = codec::canonical("Boxed", msg::kBoxedType, &boxed);
  return call == paycard::Call::session ? ask_for_questions(record, aad, box) : consult(record, call, {aad, box});
}

bool WalletPaycard::trusts(const ledger::Record& record, const ledger::Call& call, const AnyDocument& response) {
  consulted_.reset();
  const auto judge = [&](const auto& answer, paycard::Call then, const codec::MessageType& type) {
    if (answer.body.status.code != protocol::QP_OK) return true;
    if (!answer.body.boxed) return false;
    consulted_ = take(record, then, type.response->root, answer.head, *answer.body.boxed);
    consulted_->about = call.msg_id;
    return consulted_->result != paycard::Result::refused;
  };
  if (const auto* confirmed = as<admin::ConfirmPaycardResponse>(&response)) {
    return judge(*confirmed, paycard::Call::session, admin::kConfirmPaycardMessage);
  }
  if (const auto* taken = as<admin::TakeQuestionResponse>(&response)) {
    return judge(*taken, paycard::Call::questions, admin::kTakeQuestionMessage);
  }
  if (const auto* added = as<admin::AnswerResponseResponse>(&response)) {
    return judge(*added, paycard::Call::finish, admin::kAnswerResponseMessage);
  }
  return true;
}

// ---- predicates

bool WalletPaycard::certified(const Turn& turn) {
  const Facts& facts = stage_.facts;
  const NewPaycardConfig* product = turn.user ? product_of(facts.config, turn.user->product) : nullptr;
  if (!product || !facts.config.paycard_port) return false;
  const auto manifest = facts.config.paycard_port->start(paycard::name_of_product(product->broker, product->product));
  if (!manifest || seal_key_of(facts, product->broker).empty()) return false;
  ledger::Record record = turn.record;
  record.fields["broker"] = product->broker;
  record.fields["product"] = product->product;
  record.fields["file_hash"] = manifest->file_hash;
  const codec::MessageType& message = admin::kConfirmPaycardMessage;
  const msg::Head head = head_for(message, record);
  const std::string guard = crypto::random_bytes(facts.random, paycard::kGuardKeyEntryBytes);
  consulted_ = consult(record, paycard::Call::confirm, {crypto::box_context(message.request->root, msg::kHeadType, &head),
                                                        wallet_info(facts), turn.user->issue_code, guard});
  consulted_->head = head;
  return sealed_in(*consulted_) && entry(consulted_->stored, paycard::kGuardKeyEntry) == guard;
}

/// A Paycard keeps the guard key that was agreed, and is the one that was named first and by its manifest, no other.
bool WalletPaycard::goes_on(const Turn& turn) const {
  if (!consulted_ || !turn.call || consulted_->about != turn.call->msg_id) return false;
  if (consulted_->result != paycard::Result::done) return false;
  const paycard::State& stored = consulted_->stored;
  const std::string named = entry(stored, paycard::kPaycardEntry);
  const auto same = [&](const std::string& name) { return !has_field(turn.record, name) || field(turn.record, name) == named; };
  if (!codec::carries(admin::kRemovePaycardBodyType, "Paycard", named) || !same("only_for") || !same("paycard")) return false;
  const auto kept = entries_of(turn.record);
  if (entry(stored, paycard::kGuardKeyEntry) != entry(kept, paycard::kGuardKeyEntry) || paycards_.find(named)) return false;
  if (turn.get<admin::ConfirmPaycardResponse>()) return sealed_in(*consulted_).has_value();
  return !turn.get<admin::TakeQuestionResponse>() || questions_in(*consulted_);
}

bool WalletPaycard::answers_complete(const Turn& turn) {
  const auto posed =
      recall<msg::TakeQuestionResponseInner>(turn.record, "Questions", msg::kTakeQuestionResponseInnerType);
  if (!turn.user || !posed || !answers_all(posed->question, turn.user->answers)) return false;
  const msg::AnswerList list{turn.user->answers};
  const codec::MessageType& message = admin::kAnswerResponseMessage;
  const msg::Head head = head_for(message, turn.record);
  const crypto::Secret told(codec::canonical("AnswerList", msg::kAnswerListType, &list));
  consulted_ = consult(turn.record, paycard::Call::answers,
                       {crypto::box_context(message.request->root, msg::kHeadType, &head), std::string(told.view())});
  consulted_->head = head;
  return sealed_in(*consulted_).has_value();
}

bool WalletPaycard::token_made(const Turn& turn) {
  const auto card = paycards_.in_use(field(turn.record, "paycard"));
  removal_ = card ? paycards_.prove_removal(*card) : std::nullopt;
  return removal_.has_value();
}

// ---- effects

void WalletPaycard::apply(statemachines::EffectId effect, Turn& turn) {
  const Facts& facts = stage_.facts;
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_begin: return begin(turn);
    case Effect::send_ConfirmPaycard: return send_confirm(turn);
    case Effect::send_TakeQuestion: return send_take(turn);
    case Effect::send_AnswerResponse: return send_answers(turn);
    case Effect::outbox_RemovePaycard: return send_removal(turn);
    case Effect::perform_show_questions: return show_questions(turn);
    case Effect::perform_keep_paycard: return keep_paycard(turn);
    case Effect::perform_forget_adding: return forget(turn);
    case Effect::perform_retire_paycard: return retire(turn);
    case Effect::start_T_session: return stage_.start(turn, "T_session", after_span(facts.now_ms, facts.spans.session));
    case Effect::stop_T_session:
    case Effect::drop_ConfirmPaycard:
    case Effect::drop_TakeQuestion:
    case Effect::drop_AnswerResponse:
    case Effect::tell_not_certified:
    case Effect::tell_failed:
    case Effect::tell_incomplete:
    case Effect::tell_added:
    case Effect::tell_wrong_answers:
    case Effect::tell_refused:
    case Effect::tell_expired:
    case Effect::alarm:
    case Effect::refuse:
    case Effect::retry:
    case Effect::ignore: return stage_.common(effect, turn);
  }
}

void WalletPaycard::begin(Turn& turn) {
  const NewPaycardConfig* product = turn.user ? product_of(stage_.facts.config, turn.user->product) : nullptr;
  if (!product || !consulted_) return;
  const auto manifest = stage_.facts.config.paycard_port->start(paycard::name_of_product(product->broker, product->product));
  auto& fields = turn.record.fields;
  fields["broker"] = product->broker;
  fields["product"] = product->product;
  if (manifest) fields["file_hash"] = manifest->file_hash;
  if (manifest && manifest->paycard) fields["only_for"] = *manifest->paycard;
}

namespace {

template <class Request>
void send(Stage& stage, Turn& turn, const codec::MessageType& message, const Consulted& consulted) {
  const MessageOps* ops = ops_of(message);
  const auto sealed = sealed_in(consulted);
  if (!ops || !sealed) return;
  Document<Request> request;
  request.value.head = consulted.head;
  request.value.body.sealed = *sealed;
  put_entries(turn.record, consulted.stored);
  stage.outbox.send(turn.record.machine, turn.key(), *ops, request, {});
}

}  // namespace

void WalletPaycard::send_confirm(Turn& turn) {
  if (consulted_) send<admin::ConfirmPaycard>(stage_, turn, admin::kConfirmPaycardMessage, *consulted_);
}

/// The answer that opened the session is kept: after wrong answers the Paycard is shown it again, to ask for new questions.
void WalletPaycard::send_take(Turn& turn) {
  auto& fields = turn.record.fields;
  if (const auto* opened = turn.get<admin::ConfirmPaycardResponse>(); opened && opened->body.boxed && consulted_) {
    fields["opening.aad"] =
        crypto::box_context(admin::kConfirmPaycardMessage.response->root, msg::kHeadType, &opened->head);
    fields["opening.box"] = codec::canonical("Boxed", msg::kBoxedType, &*opened->body.boxed);
    fields["paycard"] = entry(consulted_->stored, paycard::kPaycardEntry);
  } else {
    consulted_ = ask_for_questions(turn.record, fields["opening.aad"], fields["opening.box"]);
  }
  send<admin::TakeQuestion>(stage_, turn, admin::kTakeQuestionMessage, *consulted_);
}

void WalletPaycard::send_answers(Turn& turn) {
  turn.record.fields.erase("Questions");
  if (consulted_) send<admin::AnswerResponse>(stage_, turn, admin::kAnswerResponseMessage, *consulted_);
}

void WalletPaycard::show_questions(Turn& turn) {
  const auto questions = consulted_ ? questions_in(*consulted_) : std::nullopt;
  if (!questions) return;
  keep(turn.record, "Questions", msg::kTakeQuestionResponseInnerType, *questions);
  put_entries(turn.record, consulted_->stored);
  show(turn);
}

void WalletPaycard::show(Turn& turn) {
  const auto posed =
      recall<msg::TakeQuestionResponseInner>(turn.record, "Questions", msg::kTakeQuestionResponseInnerType);
  if (!posed) return;
  for (const msg::Question& question : posed->question) {
    std::map<std::string, std::string> details{{"no", std::to_string(question.no)},
                                               {"form", std::string(msg::to_string(question.form))},
                                               {"max_len", std::to_string(question.max_len)},
                                               {"broker", std::string(field(turn.record, "broker"))},
                                               {"of", std::to_string(posed->question.size())}};
    for (std::size_t i = 0; i < question.choice.size(); ++i) details["choice_" + std::to_string(i + 1)] = question.choice[i];
    stage_.event(turn, "question", question.prompt, std::move(details));
  }
}

void WalletPaycard::keep_paycard(Turn& turn) {
  if (!consulted_) return;
  PaycardConfig card{std::string(field(turn.record, "broker")), std::string(field(turn.record, "paycard")), {}};
  card.product = field(turn.record, "product");
  paycards_.add(card, consulted_->stored, turn.key());
  turn.record.fields = {{"broker", card.broker}, {"product", card.product}, {"paycard", card.paycard}};
}

void WalletPaycard::forget(Turn& turn) { turn.record.fields.clear(); }

void WalletPaycard::send_removal(Turn& turn) {
  const MessageOps* ops = ops_of(admin::kRemovePaycardMessage);
  if (!ops || !removal_) return;
  Document<admin::RemovePaycard> notice;
  notice.value.head = stage_.outbox.new_head(*ops, field(turn.record, "broker"), removal_->msg_id);
  auto& body = notice.value.body;
  body.paycard = field(turn.record, "paycard");
  body.paycard_token = removal_->token;
  body.reason = msg::RemovalReason::user;
  paycards_.keep(*removal_);
  const std::int64_t give_up = stage_.facts.now_ms + stage_.facts.spans.settle * kMsOfSecond;
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, notice, {true, 0, give_up});
}

void WalletPaycard::retire(Turn& turn) {
  const std::string paycard(field(turn.record, "paycard"));
  paycards_.retire(paycard);
}

// ---- the user

tl::expected<std::string, Refusal> WalletPaycard::add(const UserInput& input) {
  if (!serves(stage_.facts.config, "paycard")) return tl::unexpected(Refusal{"not-served"});
  const auto& type = msg::kConfirmPaycardInnerType;
  if (!codec::carries(type, "IssueCode", input.issue_code)) return tl::unexpected(Refusal{"unfit-code"});
  consulted_.reset();
  Turn turn = stage_.open(*this, key_of(input.product, input.issue_code));
  turn.user = &input;
  stage_.run(turn, "add");
  if (turn.record.state == turn.original.state) return tl::unexpected(Refusal{turn.told.value_or("out-of-state")});
  return turn.key();
}

tl::expected<void, Refusal> WalletPaycard::remove(std::string_view paycard) {
  const std::string key = paycards_.adding_of(paycard);
  if (key.empty()) return tl::unexpected(Refusal{"unknown-paycard"});
  Turn turn = stage_.open(*this, key);
  const UserInput nothing;
  turn.user = &nothing;
  stage_.run(turn, "remove");
  if (turn.record.state == turn.original.state) return tl::unexpected(Refusal{turn.told.value_or("out-of-state")});
  return {};
}

}  // namespace quickpay::roles
