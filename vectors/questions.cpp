#include "vectors/questions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reference/crypto/encoding.hpp"
#include "vectors/load.hpp"
#include "vectors/vectors.hpp"

namespace quickpay::vectors {
namespace {

constexpr std::size_t kMaxShown = 200;  ///< bytes of a value in a sentence

/// The members of `from` with these names, as far as it has them.
Json picked(const Json& from, std::initializer_list<const char*> names) {
  Json out = Json::object();
  for (const char* name : names) {
    if (from.contains(name)) out[name] = from[name];
  }
  return out;
}

std::string shown(const Json& value) {
  const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() > kMaxShown ? text.substr(0, kMaxShown) + "…" : text;
}

class Maker {
 public:
  tl::expected<void, std::string> add(const VectorFile& file) {
    if (file.kind == "codec") return codec(file);
    for (const Json& vector : file.json.at("vectors")) {
      Question made{vector.at("id"), file.kind, Json::object(), Json::object(), Json::object()};
      if (file.kind == "crypto" && !crypto(file.json, vector, made)) return tl::unexpected(made.id + " names no vector of the codec");
      if (file.kind == "state") state(file.json, vector, made);
      if (file.kind == "scenario") scenario(vector, made);
      if (file.kind == "ledger") ledger(vector, made);
      if (file.kind == "vote") vote(vector, made);
      out.push_back(std::move(made));
    }
    return {};
  }

  /// Bodies of the codec's vectors, which other kinds refer to.
  tl::expected<void, std::string> bodies(const VectorFile& file) {
    auto loaded = load_codec_vectors(file.path);
    if (!loaded) return tl::unexpected(loaded.error());
    for (CodecVector& each : *loaded) {
      if (each.valid) bodies_[each.id] = {each.document, each.path, std::move(each.body)};
    }
    return {};
  }

  std::vector<Question> out;

 private:
  struct Body {
    std::string document;
    std::string path;
    std::string bytes;
  };

  tl::expected<void, std::string> codec(const VectorFile& file) {
    const auto loaded = load_codec_vectors(file.path);
    if (!loaded) return tl::unexpected(loaded.error());
    for (const CodecVector& each : *loaded) {
      Question made{each.id, "codec", {{"document", each.document}, {"path", each.path}, {"body", crypto::base64_encode(each.body)}},
                    {{"result", each.valid ? "valid" : "invalid"}}, Json::object()};
      if (each.valid) made.may["canonical"] = {{"bytes", each.canonical_bytes}, {"sha256", each.canonical_sha256}};
      if (!each.valid) made.must["code"] = each.code;
      out.push_back(std::move(made));
    }
    return {};
  }

  bool crypto(const Json& file, const Json& vector, Question& made) const {
    const auto body = bodies_.find(vector.at("document").get<std::string>());
    if (body == bodies_.end()) return false;
    made.asked = picked(vector, {"operation", "purpose", "element", "left_out", "value"});
    made.asked["document"] = body->second.document;
    made.asked["path"] = body->second.path;
    made.asked["body"] = crypto::base64_encode(body->second.bytes);
    const std::string key = vector.at("key");
    if (vector.at("operation") == "verify") made.asked["key"] = file.at("keys").at(key).at("spki");
    if (vector.at("operation") == "mac") made.asked["key"] = file.at("secrets").at(key);
    made.must = picked(vector, {"result"});
    made.may = picked(vector, {"code", "canonical"});
    return true;
  }

  static void state(const Json& file, const Json& vector, Question& made) {
    made.asked = picked(vector, {"given", "event"});
    made.asked["machine"] = file.at("machine");
    expect(vector.at("expect"), made);
  }

  static void expect(const Json& expect, Question& made) {
    made.must = picked(expect, {"next", "variables", "effects"});
    for (const char* name : {"row", "default"}) made.may[name] = expect.value(name, Json());  // null: none is taken
  }

  static void scenario(const Json& vector, Question& made) {
    if (!vector.contains("steps")) {
      made.asked = picked(vector, {"given", "event", "machine"});
      return expect(vector.at("expect"), made);
    }
    made.asked["steps"] = made.must["steps"] = Json::array();
    for (const Json& step : vector["steps"]) {
      Json asked = picked(step, {"machine", "event"});
      asked["holds"] = step.at("given").at("holds");
      made.asked["steps"].push_back(std::move(asked));
      made.must["steps"].push_back(picked(step.at("expect"), {"next", "variables", "effects"}));
    }
  }

  static void ledger(const Json& vector, Question& made) {
    made.asked = picked(vector, {"operation", "given"});
    made.must = vector.value("expect", Json::object());
    made.must["result"] = vector.at("result");
  }

  static void vote(const Json& vector, Question& made) {
    made.asked = picked(vector, {"commit", "delivery", "order", "proof", "suspended", "revoked", "broker", "vendor", "wallet"});
    made.must = picked(vector, {"decision", "code", "waits"});
    made.may = picked(vector, {"literal"});
    if (!vector.contains("waits")) made.may["waits"] = nullptr;  // it is decided: nobody is waited for
  }

  std::map<std::string, Body> bodies_;
};

}  // namespace

tl::expected<std::vector<Question>, std::string> questions_in(const std::filesystem::path& folder,
                                                              const std::vector<std::string>& kinds) {
  std::vector<std::string> faults;
  const auto files = load_files(folder, faults);
  if (!faults.empty()) return tl::unexpected(faults.front());
  const auto wanted = [&](const std::string& kind) {
    return kinds.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  try {
    Maker maker;
    for (const VectorFile& file : files) {
      if (file.kind == "codec" && wanted("crypto"))
        if (auto done = maker.bodies(file); !done) return tl::unexpected(done.error());
      if (!wanted(file.kind)) continue;
      if (auto done = maker.add(file); !done) return tl::unexpected(done.error());
    }
    return std::move(maker.out);
  } catch (const Json::exception& error) {
    return tl::unexpected(std::string("a file of vectors: ") + error.what() + "; `quickpay vectors lint` says more");
  }
}

std::string difference(const Question& question, const Json& answer) {
  for (const Json* members : {&question.must, &question.may}) {
    for (const auto& [name, wanted] : members->items()) {
      const bool there = answer.is_object() && answer.contains(name);
      if (!there && members == &question.must) return fmt::format("no {}, expected {}", name, shown(wanted));
      if (there && answer[name] != wanted) return fmt::format("{} is {}, expected {}", name, shown(answer[name]), shown(wanted));
    }
  }
  return {};
}

}  // namespace quickpay::vectors
