#include "conformance/suites/rights.hpp"

#include "conformance/peers/build.hpp"

namespace quickpay::conformance {

namespace {
const char* const kTaken = ".taken";
}  // namespace

void add_rights(Suite& suite, const std::string& family, const std::vector<Right>& all) {
  for (const Right& one : all) {
    const std::string id = fmt::format("{}.{}", family, one.id);
    std::vector<CheckInfo> more;
    for (const Also& also : one.more) {
      more.push_back(suite.check(id + also.end, also.title, also.requirements.empty() ? one.requirements : also.requirements, true));
    }
    suite.positive({.id = id,
                    .title = one.title,
                    .subject = one.rows,
                    .requirements = one.requirements,
                    .mutation = one.mutation,
                    .more = std::move(more),
                    .profile = one.profile},
                   [check = suite.name(id), one](Session& s) { one.play(s, check); }, one.arrange);
  }
}

Also also_taken(const char* title) { return {kTaken, title}; }

void judge_taken(Session& session, const std::string& check, const Reply& came, const std::function<Sending()>& says) {
  if (!came.ok()) {
    return;
  }
  if (!session.world().plan().claims("micropayment")) {
    return session.emit(check + kTaken, Verdict::not_applicable, {Reason::none, {}, {}, {}, "it does not claim micropayment"});
  }
  judge_ok(session, check + kTaken, session.world().send(says()));
}

void spoil(Element& document, const char* path) {
  std::string text = text_at(document, path);
  text[1] = text[1] == 'a' ? 'b' : 'a';
  set_text(document, path, text);
}

}  // namespace quickpay::conformance
