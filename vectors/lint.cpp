#include "vectors/lint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "vectors/load.hpp"
#include "vectors/schema.hpp"

namespace quickpay::vectors {
namespace {

std::string word(const Json& vector, const char* member) { return vector.value(member, std::string()); }

/// What a step is given that a mutation can change.
Json given_of(const Json& vector) {
  Json given = vector.value("given", Json::object());
  given["event"] = vector.value("event", Json());
  return given;
}

/// What a mutation makes of what its base was given; of a predicate, implications may force more.
bool changed_so(const Json& base, const Json& vector, const Json& mutation) {
  Json before = given_of(base);
  const Json after = given_of(vector);
  if (mutation.contains("state")) before["state"] = mutation["state"];
  if (mutation.contains("event")) before["event"] = mutation["event"];
  if (mutation.contains("predicate")) {
    const Json &was = before["holds"], &is = after["holds"];
    const auto there = [&](const Json& list) { return std::find(list.begin(), list.end(), mutation["predicate"]) != list.end(); };
    if (there(was) == there(is) || there(is) != mutation["holds"].get<bool>()) return false;
    before["holds"] = is;
  }
  if (mutation.contains("then")) {
    const Json& expect = base["expect"];
    before = {{"state", expect["next"]}, {"variables", expect["variables"]}, {"holds", after["holds"]}, {"event", mutation["then"]}};
  }
  return before == after;
}

class Linter {
 public:
  explicit Linter(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::vector<std::string> run() {
    for (const Json& entry : checked("tombstones", load("tombstones.json"))) gone(entry);
    for (const VectorFile& file : load_files(folder_, read_)) {
      file_ = file.path.lexically_relative(folder_).string();
      one_file(file);
    }
    file_ = "notes.json";
    notes(checked("notes", load("notes.json")));
    for (const std::string& each : read_) faults_.push_back("json: " + each);
    if (ids_.empty()) faults_.push_back(fmt::format("json: {} holds no vectors", folder_.string()));
    return std::move(faults_);
  }

 private:
  Json load(const char* name) {
    file_ = name;
    return load_json(folder_ / name, read_);
  }

  void fault(const char* rule, const std::string& what) { faults_.push_back(fmt::format("{}: {}: {}", rule, file_, what)); }

  /// The value if it keeps its schema, else nothing.
  Json checked(const std::string& kind, Json value) {
    if (value.is_discarded()) return Json::object();
    auto known = schemas_.find(kind);
    if (known == schemas_.end())
      known = schemas_.emplace(kind, load_json(folder_ / "schemas" / (kind + ".schema.json"), read_)).first;
    if (known->second.is_discarded()) return Json::object();
    const std::string found = schema_fault(known->second, value);
    if (found.empty()) return value;
    fault("schema", found);
    return Json::object();
  }

  void gone(const Json& entry) {
    if (!gone_.insert(word(entry, "id")).second) fault("id", word(entry, "id") + " is gone twice");
  }

  void one_file(const VectorFile& file) {
    const Json json = checked(file.kind + "-vectors", file.json);
    if (json.empty()) return;
    if (json["count"] != json["vectors"].size()) fault("count", "another number of vectors than it says");
    std::map<std::string, const Json*> valid;
    std::set<std::string> rows, defaults;
    for (const Json& vector : json["vectors"]) {
      const std::string id = word(vector, "id");
      identity(id);
      for (const Json& flag : vector.value("flags", Json::array())) flags_.insert(flag.get<std::string>());
      based(vector, valid);
      because(vector);
      const Json expect = vector.value("expect", Json::object());
      if (expect.contains("row")) rows.insert(word(expect, "row"));
      if (expect.contains("default")) defaults.insert(word(expect, "default"));
      if (word(vector, "result") == "valid") valid.emplace(id, &vector);
    }
    for (const std::string& name : rows) {
      if (file.kind == "state" && defaults.count(name) != 0) fault("name", name + " is a row and a default");
    }
  }

  void identity(const std::string& id) {
    const auto [at, fresh] = ids_.emplace(id, file_);
    if (!fresh) fault("id", fmt::format("{} is in {}, too", id, at->second));
    if (gone_.count(id) != 0) fault("id", id + " was used before and is gone");
  }

  void based(const Json& vector, const std::map<std::string, const Json*>& valid) {
    const std::string id = word(vector, "id"), base = word(vector, "base");
    const auto at = valid.find(base);
    if (word(vector, "result") != "invalid" && base.empty()) return;
    if (at == valid.end()) return fault("base", id + " has no valid base before it");
    if (vector.contains("mutation") && vector.contains("given") && at->second->contains("event") &&
        !changed_so(*at->second, vector, vector["mutation"]))
      fault("mutation", id + " differs from its base otherwise than it says");
  }

  void because(const Json& vector) {
    const bool acceptable = word(vector, "result") == "acceptable", reason = !word(vector, "because").empty();
    if (acceptable && !reason) fault("because", word(vector, "id") + " is acceptable without a reason");
    if (!acceptable && reason) fault("because", word(vector, "id") + " has a reason without need");
  }

  void notes(const Json& notes) {
    for (const std::string& flag : flags_) {
      if (!notes.contains(flag)) fault("note", "none on the flag " + flag);
    }
    for (const auto& [flag, note] : notes.items()) {
      if (flags_.count(flag) == 0) fault("note", "no vector has the flag " + flag);
    }
  }

  std::filesystem::path folder_;
  std::string file_;  ///< that is looked at
  std::map<std::string, Json> schemas_;
  std::map<std::string, std::string> ids_;  ///< id → file
  std::set<std::string> gone_, flags_;
  std::vector<std::string> faults_, read_;
};

}  // namespace

std::vector<std::string> lint(const std::filesystem::path& folder) {
  try {
    return Linter(folder).run();
  } catch (const Json::exception& error) {
    return {std::string("json: ") + error.what()};
  }
}

}  // namespace quickpay::vectors
