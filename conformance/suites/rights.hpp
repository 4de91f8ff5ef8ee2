// Right and wrong requests as tables: what the suites of registration, keys and Add Paycard share.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

// ---- right ones

/// Plays a right request and judges it under that check, and under those beside it.
using Play = std::function<void(Session&, const std::string& check)>;

/// A check beside the main one.
struct Also {
  const char* end;  ///< of its id, after that of the main one
  const char* title;
  std::vector<std::string> requirements = {};  ///< empty: those of the request
};

struct Right {
  std::string id;
  const char* title;
  std::string rows;
  std::vector<std::string> requirements;
  Play play;
  std::string mutation = {};
  std::vector<Also> more = {};
  const char* profile = "";
  Arrange arrange = {};
};

/// Adds a scenario each, `<family>.<id>`.
void add_rights(Suite& suite, const std::string& family, const std::vector<Right>& all);

/// The check that a newcomer is a player like any other: what it then says in micropayment is taken.
Also also_taken(const char* title);
/// Judges it, after `came` said that the newcomer was taken. Nothing where that is not so, not applicable where micropayment
/// is not claimed.
void judge_taken(Session& session, const std::string& check, const Reply& came, const std::function<Sending()>& says);

// ---- wrong ones

/// `Scene`: what a scenario has at hand, made of its session.
template <class Scene>
struct Wrong {
  std::string id;
  const char* title;
  std::string row;
  const char* code;
  std::vector<std::string> requirements;
  std::string mutation;
  std::function<bool(Scene&)> reach;
  std::function<Reply(Scene&)> ask;
  const char* twin = "";  ///< empty: that of the table
  Arrange arrange = nullptr;
  const char* profile = "";
};

/// What the wrong requests of a table have in common.
template <class Scene>
struct WrongTable {
  std::string family;                           ///< before each id, and before the twins
  std::string twin;                             ///< of those that name none
  std::function<bool(Session&, Scene&)> benign;  ///< Refusal::benign
  std::vector<Part> parts = {};
  std::function<bool(const Entry&)> forbidden = {};  ///< beside a QP-OK, …
  std::string forbidden_text = {};                   ///< … in words
};

/// The refusal that has to be earned, in a session.
template <class Scene>
Refusal refusal_of(Session& session, const WrongTable<Scene>& table, const Wrong<Scene>& one) {
  const auto scene = std::make_shared<Scene>(session);
  Refusal refusal;
  refusal.reach = [scene, one] { return one.reach(*scene); };
  refusal.stimulus = [scene, one] { return one.ask(*scene); };
  refusal.codes = {one.code};
  if (table.forbidden) {
    refusal.forbidden = table.forbidden;
    refusal.forbidden_text = table.forbidden_text;
  }
  refusal.benign = [&session, scene, benign = table.benign] { return benign(session, *scene); };
  return refusal;
}

/// Adds a scenario each, `<family>.<id>`.
template <class Scene>
void add_wrongs(Suite& suite, const WrongTable<Scene>& table, const std::vector<Wrong<Scene>>& all) {
  for (const Wrong<Scene>& one : all) {
    suite.refused(
        {.id = fmt::format("{}.{}", table.family, one.id),
         .title = one.title,
         .subject = one.row,
         .requirements = one.requirements,
         .mutation = one.mutation,
         .twin = fmt::format("{}.{}", table.family, *one.twin == '\0' ? table.twin : one.twin),
         .parts = table.parts,
         .profile = one.profile},
        [table, one](Session& session) { return refusal_of(session, table, one); }, one.arrange);
  }
}

// ---- asked in vain

/// What a user or an owner asks for that cannot be done, and what must not be sent then. `Who`: the words of a suite.
template <class Who>
struct InVain {
  const char* id;
  const char* title;
  std::string row;
  std::vector<std::string> requirements;
  std::function<bool(Who&)> reach;
  std::function<IutResult<Outcome>(Who&)> ask;
  std::string forbidden;  ///< a message
  const char* mutation = "";
  const char* profile = "";
  Arrange arrange = {};
};

template <class Who>
Negative in_vain(const std::string& check, const InVain<Who>& one, std::vector<std::string> refusals,
                 std::function<bool(Session&)> benign) {
  const auto outcome = std::make_shared<IutResult<Outcome>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.reach = [one](Session& s) {
    Who who(s);
    return one.reach(who);
  };
  plan.stimulus = [outcome, one](Session& s) {
    Who who(s);
    *outcome = one.ask(who);
    return true;
  };
  plan.reaction = [outcome](Session&) { return reaction_of(*outcome); };
  plan.forbidden = [message = one.forbidden](const Entry& entry) {
    return entry.by_iut && entry.kind == EntryKind::request && entry.message == message;
  };
  plan.forbidden_text = "no " + one.forbidden;
  plan.refusals = std::move(refusals);
  plan.benign = std::move(benign);
  return plan;
}

// ---- words for wrong ones

/// True of every scene: there is nothing to reach.
inline constexpr auto anything = [](auto&) { return true; };
/// Another text of the same length at `path`, of hexadecimal digits or Base64.
void spoil(Element& document, const char* path);

}  // namespace quickpay::conformance
