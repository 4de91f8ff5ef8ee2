#include "conformance/kit/steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "conformance/adapter/protocol.hpp"
#include "reference/codec/protocols.hpp"

namespace quickpay::conformance::kit {

namespace {

using Words = std::set<std::string>;

constexpr std::int64_t kPurchaseMs = 1'500;  ///< deadline_ms of operations: nobody answers the product
constexpr std::size_t kManyPlayers = 5'000;  ///< a line of about 0.7 MiB
constexpr std::uint64_t kLargeNumber = 9'007'199'254'740'991;  ///< the largest integer that every JSON reader keeps

/// Runs a step that needs a session.
template <Answer (*kAsk)(Bench&)>
Answer in_session(Bench& bench) {
  if (const auto there = bench.session(); !there) {
    return fault(there.error());
  }
  return kAsk(bench);
}

Answer claims_role(Bench& bench) {
  const Json& roles = bench.hello()["roles"];
  const bool there = std::find(roles.begin(), roles.end(), bench.options().role) != roles.end();
  return there ? Answer{} : fault(fmt::format("\"roles\" does not name {}", bench.options().role));
}

/// A word that nobody knows claims nothing, and was probably meant to.
std::optional<std::string> unknown_word(const Json& hello, const char* field, const Words& known) {
  for (const Json& word : hello.value(field, Json::array())) {
    if (known.count(word.get<std::string>()) == 0) {
      return fmt::format("\"{}\": {} is none of {}", field, word.dump(), fmt::join(known, ", "));
    }
  }
  return std::nullopt;
}

const std::map<std::string, Words>& shapes() {
  static const std::map<std::string, Words> kShapes = {
      {"orders", {"vendor", "order", "state"}},
      {"balance", {"account", "limit", "held", "owed", "currency"}},
      {"cases", {"vendor", "order", "broker", "commit", "delivery", "statements"}},
      {"claims", {"order", "state", "broker", "amount", "currency"}},
      {"book", {"vendor", "currency", "net", "paid"}},
      {"verdicts", {"vendor", "order", "broker", "state"}},
      {"goods", {"vendor", "order", "sha256"}}};
  return kShapes;
}

/// What can be observed: the lists above, and the state.
Words observations() {
  Words all = {"state"};
  for (const auto& [what, fields] : shapes()) {
    all.insert(what);
  }
  return all;
}

Answer claims_known_words(Bench& bench) {
  const std::vector<std::string> protocols = codec::protocol_names();
  for (const auto& [field, known] : {std::pair<const char*, Words>{"roles", {"wallet", "vendor", "broker", "host"}},
                                     {"profiles", {"F", "H"}},
                                     {"protocols", Words(protocols.begin(), protocols.end())},
                                     {"observes", observations()}}) {
    if (const auto wrong = unknown_word(bench.hello(), field, known)) {
      return fault(*wrong);
    }
  }
  return {};
}

Answer says_what_it_is(Bench& bench) {
  const Json& impl = bench.hello()["impl"];
  const bool named = impl.value("name", Json()).is_string() && impl.value("version", Json()).is_string();
  return named ? Answer{} : Answer{Mark::note, "\"impl\" without name or version: the report cannot say what was certified"};
}

Answer sets_up(Bench& bench) {
  const auto made = bench.new_session();
  return made ? Answer{} : fault(made.error());
}

Answer open_if_server(Bench& bench) {
  return !bench.server() || bench.port_open() ? Answer{} : fault(fmt::format("nothing accepts connections at {}", bench.where()));
}

Answer listens(Bench& bench) {
  return bench.server() ? open_if_server(bench) : Answer{Mark::absent, "a Wallet listens nowhere"};
}

Answer takes_directory(Bench& bench) {
  const auto reply = bench.command({{"cmd", "directory"}, {"directory", bench.directory(2)}});
  if (!reply) {
    return fault(reply.error());
  }
  return reply->contains("unsupported") ? fault("unsupported: without it the product does not know where the others listen") : Answer{};
}

Answer takes_long_lines(Bench& bench) {
  const auto reply = bench.command({{"cmd", "directory"}, {"directory", bench.directory(kManyPlayers)}});
  return reply ? Answer{} : fault(reply.error());
}

Answer keeps_the_number(Bench& bench) {
  Json line = {{"id", kLargeNumber}, {"cmd", "x-number"}};
  const auto reply = bench.odd_command(line);
  return reply ? Answer{} : fault(fmt::format("command {}: {}", kLargeNumber, reply.error()));
}

Answer refuses_unknown_commands(Bench& bench) {
  const auto reply = bench.odd_command({{"cmd", "x-levitate"}, {"session", "none"}});
  if (!reply) {
    return fault(reply.error());
  }
  return refused(*reply) ? Answer{} : fault("neither \"unsupported\" nor \"error\"");
}

Answer survives_unknown_sessions(Bench& bench) {
  const auto reply = bench.odd_command({{"cmd", "fence"}, {"session", "nobody-set-this-up"}});
  if (!reply) {
    return fault(reply.error());
  }
  return refused(*reply) ? Answer{} : Answer{Mark::note, "a session that was never set up is obeyed"};
}

Answer survives_garbage(Bench& bench) {
  bench.talk().raw("this is no JSON\n{\"cmd\":\"hello\"}\n");
  const auto reply = bench.odd_command({{"cmd", "x-after-garbage"}});
  return reply ? Answer{} : Answer{Mark::note, "the runner sends none, and would start it again: " + reply.error()};
}

// ---------------------------------------------------------------- operations

struct Operation {
  const char* op;
  Json args;
  bool cannot_succeed;  ///< nobody answers the product, or there is no such thing
};

bool claims(const Bench& bench, const std::string& protocol) {
  const Json claimed = bench.hello().value("protocols", Json::array());
  return std::find(claimed.begin(), claimed.end(), protocol) != claimed.end();
}

std::vector<Operation> operations_of(const Bench& bench) {
  const std::string& role = bench.options().role;
  const Json purchase = {{"vendor", "V1001"}, {"item", "news-1"}, {"confirm", "yes"}};
  if (role == "wallet") {
    std::vector<Operation> all = {
        {"pay-micro", purchase, true}, {"try-again", {{"ref", "no such purchase"}}, true}, {"activate-paycard", {{"paycard", "P7"}}, false}};
    if (claims(bench, "regular")) all.push_back({"pay-regular", purchase, true});
    return all;
  }
  if (role == "broker") {
    return {{"block-paycard", {{"paycard", "P7"}, {"blocked", true}}, false},
            {"suspend", Json::object(), false},
            {"resume", Json::object(), false}};
  }
  if (role == "host") {
    return {{"suspend", Json::object(), false}, {"resume", Json::object(), false}};
  }
  std::vector<Operation> all = {{"settle-with-broker", Json::object(), true}, {"withdraw", {{"order", "no such order"}}, true}};
  if (claims(bench, "revoke")) {
    all.push_back({"revoke", {{"order", "no such order"}}, true});
    all.push_back({"contest", {{"order", "no such order"}}, true});
  }
  return all;
}

/// The reply to `do`, with the time that it says and a little more.
tl::expected<Json, std::string> operate(Bench& bench, const char* op, const Json& args) {
  return bench.command({{"cmd", "do"}, {"op", op}, {"args", args}, {"deadline_ms", kPurchaseMs}}, kPurchaseMs + bench.options().deadline_ms / 4);
}

Answer outcome_answer(const Operation& operation, const tl::expected<Json, std::string>& reply) {
  if (!reply) {
    return fault(fmt::format("{}: {}", operation.op, reply.error()));
  }
  if (reply->contains("unsupported")) {
    return {Mark::absent, fmt::format("{}: {}", operation.op, (*reply)["unsupported"].get<std::string>())};
  }
  if ((*reply)["outcome"] == "accepted" && operation.cannot_succeed) {
    return fault(fmt::format("{}: accepted, though nobody answers the product and there is nothing to accept", operation.op));
  }
  if ((*reply)["outcome"] == "pending" && !reply->contains("ref")) {
    return fault(fmt::format("{}: pending without \"ref\"", operation.op));
  }
  return {};
}

Answer does_operations(Bench& bench) {
  const std::vector<Operation> operations = operations_of(bench);
  Answer worst;
  for (const Operation& operation : operations) {
    if (const auto there = bench.session(); !there) {
      return fault(there.error());
    }
    Answer answer = outcome_answer(operation, operate(bench, operation.op, operation.args));
    if (answer.mark == Mark::fault) {
      return answer;
    }
    worst = answer.mark == Mark::ok ? worst : answer;
  }
  return worst;
}

Answer refuses_unknown_operations(Bench& bench) {
  const auto reply = operate(bench, "x-levitate", Json::object());
  if (!reply) {
    return reply.error().rfind("the adapter failed", 0) == 0 ? Answer{} : fault(reply.error());
  }
  return reply->value("outcome", Json()) == "accepted" ? fault("an operation that does not exist was accepted") : Answer{};
}

Answer awaits(Bench& bench) {
  const auto reply = bench.odd_command({{"cmd", "await"}, {"session", "none"}, {"ref", "no such purchase"}, {"deadline_ms", 100}});
  if (!reply) {
    return fault(reply.error());
  }
  return reply->value("outcome", Json()) == "accepted" ? fault("what nobody began was accepted") : Answer{};
}

// ---------------------------------------------------------------- observations

std::optional<std::string> shape_fault(const std::string& what, const Json& value) {
  const auto shape = shapes().find(what);
  if (shape == shapes().end()) {
    return value.is_object() ? std::nullopt : std::optional<std::string>("is no object");
  }
  if (!value.is_array()) {
    return "is no list";
  }
  for (const Json& item : value) {
    for (const std::string& field : shape->second) {
      if (!item.is_object() || !item.contains(field)) {
        return fmt::format("an item lacks \"{}\"", field);
      }
    }
  }
  return std::nullopt;
}

/// What an observation says; nothing where it is "unverifiable".
tl::expected<std::optional<Json>, std::string> observed(Bench& bench, const std::string& what) {
  return bench.command({{"cmd", "observe"}, {"what", what}}).map([](const Json& reply) {
    return reply.contains("value") ? std::optional<Json>(reply["value"]) : std::nullopt;
  });
}

Answer shows_what_it_claims(Bench& bench) {
  const Json claimed = bench.hello().value("observes", Json::array());
  for (const Json& what : claimed) {
    const auto value = observed(bench, what);
    if (!value) {
      return fault(fmt::format("{}: {}", what.get<std::string>(), value.error()));
    }
    const auto wrong = *value ? shape_fault(what, **value) : std::optional<std::string>("is claimed, and not there");
    if (wrong) {
      return fault(fmt::format("{} {}", what.get<std::string>(), *wrong));
    }
  }
  return claimed.empty() ? Answer{Mark::absent, "\"observes\" names nothing"} : Answer{};
}

Answer invents_nothing(Bench& bench) {
  const auto reply = bench.odd_command({{"cmd", "observe"}, {"session", "none"}, {"what", "x-weather"}});
  if (!reply) {
    return fault(reply.error());
  }
  return reply->contains("value") ? fault("something that does not exist has a value") : Answer{};
}

// ---------------------------------------------------------------- fence, clock, restart, ends

Answer fences(Bench& bench) {
  const auto reply = bench.command({{"cmd", "fence"}});
  if (!reply) {
    return fault(reply.error());
  }
  if (reply->contains("unsupported")) {
    return bench.claims("fence") ? fault("\"fence\" is claimed, and unsupported") : Answer{Mark::absent, "no fence: that something was not sent stays open"};
  }
  return bench.claims("fence") ? Answer{} : Answer{Mark::note, "it can fence, and does not claim it: \"fence\": true"};
}

Answer moves_the_clock(Bench& bench) {
  const auto reply = bench.command({{"cmd", "clock"}, {"advance_ms", 60'000}});
  if (!reply) {
    return fault(reply.error());
  }
  if (reply->contains("unsupported")) {
    return bench.virtual_clock() ? fault("a virtual clock is claimed, and unsupported") : Answer{Mark::absent, "wall clock: checks of long timers stay open"};
  }
  if (!bench.virtual_clock()) {
    return {Mark::note, "it can move its clock, and does not claim it: \"clock\": \"virtual\""};
  }
  const std::string now = (*reply)["now"];
  return now == "2026-11-22T12:01:00Z" ? Answer{} : fault(fmt::format("\"now\" is {} and not 60 s after that of setup", quotable(now, 40)));
}

template <bool kHard>
Answer restarts(Bench& bench) {
  const auto reply = bench.command({{"cmd", "restart"}, {"hard", kHard}});
  if (!reply) {
    return fault(reply.error());
  }
  if (reply->contains("unsupported")) {
    return {Mark::absent, "no restart: what outlives one stays open"};
  }
  if (const auto wrong = bench.take_listen(*reply)) {
    return fault(*wrong);
  }
  return open_if_server(bench);
}

Answer tears_down(Bench& bench) {
  const auto reply = bench.command({{"cmd", "teardown"}});
  bench.forget_session();
  if (!reply) {
    return fault(reply.error());
  }
  return bench.server() && bench.port_open() ? fault(fmt::format("something still listens at {}", bench.where())) : Answer{};
}

Answer forgets(Bench& bench) {
  if (const auto made = bench.new_session(); !made) {
    return fault("a second session: " + made.error());
  }
  const Json claimed = bench.hello().value("observes", Json::array());
  for (const Json& what : claimed) {
    const auto value = observed(bench, what);
    if (what != "state" && what != "balance" && value && *value && !(*value)->empty()) {
      return fault(fmt::format("{} of an earlier session are still there", what.get<std::string>()));
    }
  }
  return open_if_server(bench);
}

Answer ends_with_bye(Bench& bench) {
  const auto reply = bench.odd_command({{"cmd", "bye"}});
  bench.forget_session();
  if (!reply) {
    return fault(reply.error());
  }
  return bench.talk().ended_within(bench.options().end_ms) ? Answer{} : fault(fmt::format("it still runs {} ms later", bench.options().end_ms));
}

Answer ends_with_stdin(Bench& bench) {
  bench.talk().kill();
  if (const auto made = bench.session(); !made) {
    return fault(made.error());
  }
  bench.talk().close_input();
  const bool ended = bench.talk().ended_within(bench.options().end_ms);
  bench.forget_session();
  if (!ended) {
    return fault(fmt::format("it still runs {} ms after the end of stdin", bench.options().end_ms));
  }
  return bench.server() && bench.port_open() ? fault(fmt::format("its product still listens at {}", bench.where())) : Answer{};
}

Answer writes_replies_only(Bench& bench) {
  const auto& stray = bench.talk().stray();
  return stray.empty() ? Answer{} : fault(fmt::format("{} line(s) on stdout are none; the first: {}", stray.size(), stray.front()));
}

constexpr std::array kSteps = {
    Step{"§3", "says what it is", says_what_it_is},
    Step{"§3", "claims the role", claims_role},
    Step{"§3", "claims what exists", claims_known_words},
    Step{"§4", "sets a session up, and ignores a field that it does not know", sets_up},
    Step{"§4", "listens where it says", in_session<listens>},
    Step{"§4", "takes a directory that replaces the first", in_session<takes_directory>},
    Step{"§1", "takes a line of 0.7 MiB", in_session<takes_long_lines>},
    Step{"§1", "answers under the number of the command", in_session<keeps_the_number>},
    Step{"§1", "answers a command that it does not know", in_session<refuses_unknown_commands>},
    Step{"§1", "answers a session that was never set up", in_session<survives_unknown_sessions>},
    Step{"§1", "goes on after a line that is no command", in_session<survives_garbage>},
    Step{"§5", "does each operation of the role", does_operations},
    Step{"§5", "refuses an operation that does not exist", in_session<refuses_unknown_operations>},
    Step{"§5", "accepts nothing that was not begun", in_session<awaits>},
    Step{"§6", "shows what it claims to show", in_session<shows_what_it_claims>},
    Step{"§6", "invents nothing", in_session<invents_nothing>},
    Step{"§7", "fences", in_session<fences>},
    Step{"§7", "moves the clock by what it is told", in_session<moves_the_clock>},
    Step{"§7", "stops in order and starts again", in_session<restarts<false>>},
    Step{"§7", "is killed and starts again", in_session<restarts<true>>},
    Step{"§7", "tears a session down and frees its address", in_session<tears_down>},
    Step{"§2", "begins the next session without memory", forgets},
    Step{"§1", "ends after bye", in_session<ends_with_bye>},
    Step{"§1", "ends, product and all, when stdin ends", ends_with_stdin},
    Step{"§1", "writes replies and nothing else to stdout", writes_replies_only}};

}  // namespace

std::span<const Step> steps() { return kSteps; }

}  // namespace quickpay::conformance::kit
