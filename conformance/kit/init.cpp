#include "conformance/kit/init.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <utility>

#include "conformance/report/text.hpp"

namespace quickpay::conformance::templates {
const std::vector<std::pair<std::string_view, std::string_view>>& embedded();
}

namespace quickpay::conformance::kit {

namespace {

struct Language {
  std::string_view name;
  std::string_view build;  ///< FOLDER stands for the folder
  std::string_view run;
};

constexpr std::array kLanguages = {
    Language{"python", "", "python3 FOLDER/adapter.py"},
    Language{"cpp", "c++ -std=c++20 -O2 -pthread FOLDER/adapter.cpp -o FOLDER/adapter", "FOLDER/adapter"},
    Language{"js", "", "node FOLDER/adapter.js"}};
constexpr std::array<std::string_view, 4> kRoles = {"wallet", "vendor", "broker", "host"};

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

/// The first thing to try: what a player of that role does first.
std::string_view first_scenarios(std::string_view role) {
  return role == "vendor" ? "vendor.get-order.*" : role == "broker" ? "broker.inquiry.*" : role == "host" ? "host.register-commit.*" : "wallet.*";
}

/// A path as it stands in a command: with ./ where a shell would look for a program of that name.
std::string as_program(const std::filesystem::path& folder) {
  const std::string text = folder.generic_string();
  return folder.is_absolute() || text.rfind("./", 0) == 0 || text.rfind("../", 0) == 0 ? text : "./" + text;
}

std::vector<std::string> next_commands(const Language& language, const std::string& role, const std::filesystem::path& folder, const std::string& quickpay) {
  const std::string path = as_program(folder);
  const std::string run = shell_quoted(replaced(std::string(language.run), "FOLDER", path));
  std::vector<std::string> next;
  if (!language.build.empty()) {
    next.push_back(replaced(std::string(language.build), "FOLDER", path));
  }
  next.push_back(fmt::format("{} check-adapter --role {} --adapter {}", quickpay, role, run));
  next.push_back(fmt::format("{} certify --role {} --adapter {} --select '{}' --out report/mine", quickpay, role, run, first_scenarios(role)));
  return next;
}

struct File {
  std::filesystem::path path;
  std::string text;
};

std::vector<File> files_of(const Language& language, const std::string& role, const std::filesystem::path& folder) {
  const std::string prefix = std::string(language.name) + "/template/";
  std::vector<File> files;
  for (const auto& [path, text] : templates::embedded()) {
    if (path.substr(0, prefix.size()) == prefix) {
      files.push_back({folder / path.substr(prefix.size()), replaced(std::string(text), "@ROLE@", role)});
    }
  }
  return files;
}

}  // namespace

tl::expected<Started, std::string> init_adapter(const std::string& role, const std::string& lang, const std::filesystem::path& folder,
                                                const std::string& quickpay) {
  const auto language = std::find_if(kLanguages.begin(), kLanguages.end(), [&](const Language& known) { return known.name == lang; });
  if (language == kLanguages.end()) {
    return tl::unexpected(std::string("--lang is one of python, cpp, js"));
  }
  if (std::find(kRoles.begin(), kRoles.end(), role) == kRoles.end()) {
    return tl::unexpected(std::string("--role is one of wallet, vendor, broker, host"));
  }
  const std::vector<File> files = files_of(*language, role, folder);
  std::error_code error;
  for (const File& file : files) {
    if (std::filesystem::exists(file.path, error)) {
      return tl::unexpected(fmt::format("{} is there already; nothing was written", file.path.string()));
    }
  }
  std::filesystem::create_directories(folder, error);
  Started started;
  for (const File& file : files) {
    std::ofstream out(file.path, std::ios::binary);
    out << file.text;
    if (!out.flush()) {
      return tl::unexpected(fmt::format("cannot write {}", file.path.string()));
    }
    started.written.push_back(file.path);
  }
  started.next = next_commands(*language, role, folder, quickpay);
  return started;
}

}  // namespace quickpay::conformance::kit
