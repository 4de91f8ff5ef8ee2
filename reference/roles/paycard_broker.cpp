#include "reference/roles/paycard_broker.hpp"

#include <algorithm>
#include <utility>

#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/paycard/paycard.hpp"
#include "reference/roles/deviation.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/questions.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/paycard/generated/broker_applicant.hpp"
#include "statemachines/paycard/generated/broker_paycard.hpp"

namespace quickpay::roles {
namespace {

namespace applicant = statemachines::broker_applicant;
namespace machine = statemachines::broker_paycard;
using msg::admin::AnswerResponse;
using msg::admin::AnswerResponseResponse;
using msg::admin::ConfirmPaycard;
using msg::admin::ConfirmPaycardResponse;
using msg::admin::RemovePaycard;
using msg::admin::TakeQuestion;
using msg::admin::TakeQuestionResponse;

constexpr std::int64_t kMsOfSecond = 1000;

const msg::ConfirmPaycardInner* confirm_in(const Request* request) {
  return request ? request->opened<msg::ConfirmPaycardInner>(msg::admin::kConfirmPaycardInnerDocument) : nullptr;
}
const msg::TakeQuestionInner* take_in(const Request* request) {
  return request ? request->opened<msg::TakeQuestionInner>(msg::admin::kTakeQuestionInnerDocument) : nullptr;
}
const msg::AnswerResponseInner* answer_in(const Request* request) {
  return request ? request->opened<msg::AnswerResponseInner>(msg::admin::kAnswerResponseInnerDocument) : nullptr;
}

std::string session_in(const Request& request) {
  if (const auto* taken = take_in(&request)) return taken->session_id;
  const auto* answered = answer_in(&request);
  return answered ? answered->session_id : std::string();
}

/// A field that counts.
std::int64_t counted(const ledger::Record& record, const std::string& name) { return number(record, name).value_or(0); }

/// What is left of a lock: whole seconds, at least one.
std::optional<std::int64_t> lock_left_s(const ledger::Record& record, std::int64_t now_ms) {
  const auto due = number(record, "due.T_lock");
  if (!due) return std::nullopt;
  return std::max<std::int64_t>(1, (*due - now_ms + kMsOfSecond - 1) / kMsOfSecond);
}

/// Answers a request of one who is locked out, saying for how long.
void reply_locked(Stage& stage, Turn& turn) {
  if (!turn.request) return;
  stage.answers.give(*turn.request, protocol::QP_E_LOCKED, {}, lock_left_s(turn.record, stage.facts.now_ms));
}

/// An open question: its number and its place in the configuration.
struct OpenQuestion {
  std::int64_t no = 0;
  std::size_t place = 0;
};

constexpr const char* kOpenNumbers = "open_no";    // of the open questions, in the order of …
constexpr const char* kOpenPlaces = "open_place";  // … their places

void keep_open(ledger::Record& record, const std::vector<OpenQuestion>& open) {
  std::vector<std::int64_t> numbers, places;
  for (const OpenQuestion& question : open) {
    numbers.push_back(question.no);
    places.push_back(static_cast<std::int64_t>(question.place));
  }
  keep_all(record, kOpenNumbers, numbers);
  keep_all(record, kOpenPlaces, places);
}

std::vector<OpenQuestion> open_questions(const ledger::Record& record) {
  const auto numbers = recall_all<std::int64_t>(record, kOpenNumbers);
  const auto places = recall_all<std::int64_t>(record, kOpenPlaces);
  std::vector<OpenQuestion> out;
  for (std::size_t i = 0; i < std::min(numbers.size(), places.size()); ++i) {
    out.push_back({numbers[i], static_cast<std::size_t>(places[i])});
  }
  return out;
}

}  // namespace

// ---- what both machines ask

const EnrolmentConfig* PaycardDesk::by_code(std::string_view issue_code) const {
  const EnrolmentConfig* found = nullptr;  // all are compared, so that time does not tell how far a guess came
  for (const EnrolmentConfig& enrolment : stage_.facts.config.enrolments) {
    if (crypto::equal_constant_time(enrolment.issue_code, issue_code)) found = &enrolment;
  }
  return found;
}

const EnrolmentConfig* PaycardDesk::by_paycard(std::string_view paycard) const {
  for (const EnrolmentConfig& enrolment : stage_.facts.config.enrolments) {
    if (enrolment.paycard == paycard) return &enrolment;
  }
  return nullptr;
}

bool PaycardDesk::file_issued(const msg::ConfirmPaycardInner& asked) const {
  const auto& files = stage_.facts.config.paycard_files;
  return std::any_of(files.begin(), files.end(), [&](const PaycardFileConfig& file) {
    return file.product == asked.product && file.version == asked.version && file.file_hash == asked.file_hash;
  });
}

bool PaycardDesk::code_good(std::string_view issue_code, std::string_view wallet) {
  const EnrolmentConfig* enrolment = by_code(issue_code);
  if (!enrolment) return false;
  const auto record = stage_.store.find(machine::table().id, enrolment->paycard);
  if (record && is_in(*record, machine::table(), machine::State::REMOVED)) return false;
  const auto binding = stage_.store.find(kBindingMachine, enrolment->paycard);
  return !binding || field(*binding, "wallet") == wallet;
}

std::string PaycardDesk::paycard_of_session(const Request& request) {
  const std::string session = session_in(request);
  const auto known = session.empty() ? std::nullopt : stage_.store.find(kSessionMachine, session);
  if (!known || field(*known, "wallet") != request.sender()) return {};
  return std::string(field(*known, "paycard"));
}

// ---- broker.applicant

BrokerApplicant::BrokerApplicant(Stage& stage)
    : Actor(machine_for(stage.facts.config, applicant::table(), applicant::make_msm()), stage), desk_(stage) {
  stage.add(*this);
}

bool BrokerApplicant::wallet_fits(const Turn& turn) const {
  const auto* asked = confirm_in(turn.request);
  return asked && asked->wallet_info.wallet_id == turn.key() && stage_.facts.directory.living("wallet", turn.key());
}

bool BrokerApplicant::holds(std::uint8_t predicate, const Turn& turn) {
  using applicant::Predicate;
  const auto* asked = confirm_in(turn.request);
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::wallet_fits: return wallet_fits(turn);
    case Predicate::file_issued: return asked && desk_.file_issued(*asked);
    case Predicate::code_good: return asked && desk_.code_good(asked->issue_code, turn.key());
    case Predicate::last_code: return counted(turn.record, "codes") + 1 >= stage_.facts.spans.tries;
    case Predicate::session_named: return turn.request && !desk_.paycard_of_session(*turn.request).empty();
  }
  return false;
}

void BrokerApplicant::apply(statemachines::EffectId effect, Turn& turn) {
  using applicant::Effect;
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_count_code: return set_number(turn.record, "codes", counted(turn.record, "codes") + 1);
    case Effect::perform_forget_codes: turn.record.fields.erase("codes"); return;
    case Effect::start_T_lock:
      return stage_.start(turn, "T_lock", after_span(stage_.facts.now_ms, stage_.facts.spans.lock));
    case Effect::reply_QP_E_LOCKED: return reply_locked(stage_, turn);
    case Effect::reply_QP_E_FORBIDDEN:
    case Effect::reply_QP_E_PAYCARD:
    case Effect::reply_QP_E_SESSION:
    case Effect::ignore:
    case Effect::hand_over_confirm:
    case Effect::hand_over_ask:
    case Effect::hand_over_judge: return stage_.common(effect, turn);
  }
}

std::string BrokerApplicant::port_key(std::string_view, const Turn& turn) {
  if (const auto* asked = confirm_in(turn.request)) {
    const EnrolmentConfig* enrolment = desk_.by_code(asked->issue_code);
    return enrolment ? enrolment->paycard : std::string();
  }
  return turn.request ? desk_.paycard_of_session(*turn.request) : std::string();
}

// ---- broker.paycard

BrokerPaycard::BrokerPaycard(Stage& stage)
    : Actor(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage),
      desk_(stage),
      inquiries_(stage.facts, stage.store),
      seals_(stage.facts) {
  stage.add(*this);
}

bool BrokerPaycard::holds(std::uint8_t predicate, const Turn& turn) {
  using machine::Predicate;
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::key_good: return key_good(turn);
    case Predicate::answers_right: return answers_right(turn);
    case Predicate::last_try: return counted(turn.record, "tries") + 1 >= stage_.facts.spans.tries;
    case Predicate::of_sender: return bound(turn) != nullptr;
    case Predicate::token_right: return token_right(turn);
  }
  return false;
}

bool BrokerPaycard::key_good(const Turn& turn) const {
  const auto* asked = confirm_in(turn.request);
  return asked && (!asked->wallet_info.pub_key || keeps_key_policy(*asked->wallet_info.pub_key));
}

/// Each open question once and nothing else. All answers are compared, whatever the first one was.
bool BrokerPaycard::answers_right(const Turn& turn) const {
  const auto* given = answer_in(turn.request);
  const EnrolmentConfig* enrolment = desk_.by_paycard(turn.key());
  const std::vector<OpenQuestion> open = open_questions(turn.record);
  if (!given || !enrolment || open.empty() || given->answer.size() != open.size()) return false;
  bool right = true;
  for (const OpenQuestion& question : open) {
    const auto of_it = [&](const msg::QuestionAnswer& answer) { return answer.no == question.no; };
    const auto at = std::find_if(given->answer.begin(), given->answer.end(), of_it);
    const bool known = question.place < enrolment->questions.size() && at != given->answer.end();
    right = known && crypto::equal_constant_time(at->value, enrolment->questions[question.place].answer) && right;
  }
  return right;
}

const BindingConfig* BrokerPaycard::bound(const Turn& turn) {
  const auto* asked = turn.get<RemovePaycard>();
  return asked ? inquiries_.binding(asked->head.sender.value_or(""), asked->body.paycard) : nullptr;
}

bool BrokerPaycard::token_right(const Turn& turn) {
  const auto* asked = turn.get<RemovePaycard>();
  const BindingConfig* binding = bound(turn);
  if (!asked || !binding) return false;
  const msg::Removal removal{binding->wallet, binding->paycard, asked->head.msg_id};
  return paycard::check_removal(binding->secret, removal, asked->body.paycard_token, binding->scheme);
}

void BrokerPaycard::apply(statemachines::EffectId effect, Turn& turn) {
  using machine::Effect;
  const Facts& facts = stage_.facts;
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_open_session: return open_session(turn);
    case Effect::perform_pose_questions: return pose_questions(turn);
    case Effect::perform_use_up_questions: return keep_open(turn.record, {});
    case Effect::perform_count_try: return set_number(turn.record, "tries", counted(turn.record, "tries") + 1);
    case Effect::perform_forget_tries: turn.record.fields.erase("tries"); return;
    case Effect::perform_end_session: return end_session(turn);
    case Effect::perform_bind: return bind(turn);
    case Effect::perform_unbind: return unbind(turn);
    case Effect::start_T_session: return stage_.start(turn, "T_session", after_span(facts.now_ms, facts.spans.session));
    case Effect::start_T_lock: return stage_.start(turn, "T_lock", after_span(facts.now_ms, facts.spans.lock));
    case Effect::reply_QP_E_LOCKED: return reply_locked(stage_, turn);
    case Effect::reply_QP_OK: return answer(turn);
    case Effect::reply_QP_E_KEY:
    case Effect::reply_QP_E_ANSWER:
    case Effect::reply_QP_E_PAYCARD:
    case Effect::reply_QP_E_FORBIDDEN:
    case Effect::reply_QP_E_SESSION:
    case Effect::set_bound_yes:
    case Effect::stop_T_session:
    case Effect::stop_T_lock:
    case Effect::ignore: return stage_.common(effect, turn);
  }
}

/// The last session is the only one whose id leads here.
void BrokerPaycard::open_session(Turn& turn) {
  const auto* asked = confirm_in(turn.request);
  if (!asked) return;
  auto& fields = turn.record.fields;
  stage_.store.erase(kSessionMachine, field(turn.record, "session_id"));
  const std::string session = stage_.facts.fresh_id();
  fields["session_id"] = session;
  fields["wallet"] = turn.request->sender();
  fields["reply_key"] = asked->reply_key;
  fields.erase("open");
  keep(turn.record, "WalletInfo", msg::kWalletInfoType, asked->wallet_info);
  stage_.store.put({std::string(kSessionMachine), session, "GIVEN", {},
                    {{"paycard", turn.key()}, {"wallet", turn.request->sender()}}});
}

/// Which questions is a matter of chance, and each gets the next number of this Paycard.
void BrokerPaycard::pose_questions(Turn& turn) {
  const EnrolmentConfig* enrolment = desk_.by_paycard(turn.key());
  if (!enrolment) return;
  std::vector<std::size_t> places(enrolment->questions.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  const auto asked = std::min(places.size(), static_cast<std::size_t>(enrolment->asked));
  std::int64_t next = counted(turn.record, "next_no");
  std::vector<OpenQuestion> open;
  for (std::size_t i = 0; i < asked; ++i) {
    std::swap(places[i], places[i + static_cast<std::size_t>(stage_.facts.below(places.size() - i))]);
    open.push_back({++next, places[i]});
  }
  set_number(turn.record, "next_no", next);
  keep_open(turn.record, open);
}

void BrokerPaycard::end_session(Turn& turn) { turn.record.fields.erase("reply_key"); }

/// One record a Paycard: whatever secret it held before is dead with the same unit.
void BrokerPaycard::bind(Turn& turn) {
  const EnrolmentConfig* enrolment = desk_.by_paycard(turn.key());
  if (!enrolment) return;
  ledger::Record binding{std::string(kBindingMachine), turn.key(), "BOUND", {}, {}};
  binding.fields["wallet"] = field(turn.record, "wallet");
  binding.fields["account"] = enrolment->account;
  std::string secret = crypto::random_hex(stage_.facts.random, crypto::kBoxKeyBytes);
  Deviation* deviation = stage_.facts.config.deviation;
  binding.fields["secret"] = deviation ? deviation->override_secret(std::move(secret)) : std::move(secret);
  binding.fields["scheme"] = enrolment->scheme == paycard::Scheme::plain ? paycard::kPlain : paycard::kNumbered;
  binding.fields["activated_at"] = format_time(stage_.facts.now_ms);
  stage_.store.put(binding);
}

/// Orders that were endorsed before need no secret any more.
void BrokerPaycard::unbind(Turn& turn) {
  stage_.store.put({std::string(kBlockedMachine), turn.key(), std::string(kRemovedState), {}, {}});
  auto binding = stage_.store.find(kBindingMachine, turn.key());
  if (!binding) return;
  binding->fields.erase("secret");
  stage_.store.put(*binding);
}

void BrokerPaycard::answer(Turn& turn) {
  if (!turn.request) return;
  stage_.answers.give(*turn.request, protocol::QP_OK, [&](AnyDocument& response) {
    auto boxed = box_for(turn, response.head());
    if (auto* confirmed = as<ConfirmPaycardResponse>(&response)) confirmed->body.boxed = std::move(boxed);
    if (auto* taken = as<TakeQuestionResponse>(&response)) taken->body.boxed = std::move(boxed);
    if (auto* answered = as<AnswerResponseResponse>(&response)) answered->body.boxed = std::move(boxed);
  });
}

std::optional<msg::Boxed> BrokerPaycard::box_for(const Turn& turn, const msg::Head& head) const {
  const codec::MessageType& type = *turn.request->ops->type;
  const auto key = crypto::from_hex(field(turn.record, "reply_key"));
  if (!type.response_inner || !key) return std::nullopt;
  const auto boxed = [&](const auto& inner) {
    return seals_.box(*key, *type.response_inner, &inner, type.response->root, head);
  };
  if (confirm_in(turn.request)) return boxed(session_opened(turn));
  if (take_in(turn.request)) return boxed(questions_posed(turn));
  return boxed(paycard_given(turn));
}

msg::ConfirmPaycardResponseInner BrokerPaycard::session_opened(const Turn& turn) const {
  const EnrolmentConfig* enrolment = desk_.by_paycard(turn.key());
  msg::ConfirmPaycardResponseInner out;
  out.nonce = confirm_in(turn.request)->nonce;
  out.session_id = field(turn.record, "session_id");
  out.paycard = turn.key();
  out.expires_at = format_time(stage_.facts.now_ms + stage_.facts.spans.session * kMsOfSecond);
  out.questions_needed = enrolment ? enrolment->asked : 1;
  return out;
}

msg::TakeQuestionResponseInner BrokerPaycard::questions_posed(const Turn& turn) const {
  const EnrolmentConfig* enrolment = desk_.by_paycard(turn.key());
  msg::TakeQuestionResponseInner out;
  out.nonce = take_in(turn.request)->nonce;
  for (const OpenQuestion& open : open_questions(turn.record)) {
    if (enrolment) out.question.push_back(question_of(enrolment->questions.at(open.place), open.no));
  }
  return out;
}

msg::AnswerResponseResponseInner BrokerPaycard::paycard_given(const Turn& turn) const {
  msg::AnswerResponseResponseInner out;
  const auto* given = answer_in(turn.request);
  const auto binding = stage_.store.find(kBindingMachine, turn.key());
  if (!given || !binding) return out;
  out.nonce = given->nonce;
  out.paycard = turn.key();
  out.paycard_secret = field(*binding, "secret");
  for (const AccountConfig& account : stage_.facts.config.accounts) {
    if (account.account != field(*binding, "account") || account.limit == 0) continue;
    out.limit = msg::SpendingLimit{account.limit, account.currency};
  }
  out.activated_at = field(*binding, "activated_at");
  return out;
}

// ---- the protocol

bool BrokerPaycards::serve(Request& request) {
  if (const auto* removal = as<RemovePaycard>(request.document.get())) {
    stage_.serve(paycards_, removal->body.paycard, request);
    return true;
  }
  if (!request.document->sealed()) return false;
  stage_.serve(applicants_, request.sender(), request);
  return true;
}

}  // namespace quickpay::roles
