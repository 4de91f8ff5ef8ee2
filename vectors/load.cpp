#include "vectors/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace quickpay::vectors {

namespace fs = std::filesystem;

Json load_json(const fs::path& file, std::vector<std::string>& faults) {
  std::ifstream stream(file, std::ios::binary);
  Json json = stream ? Json::parse(stream, nullptr, false) : Json(Json::value_t::discarded);
  if (json.is_discarded()) faults.push_back(fmt::format("{} is no JSON", file.string()));
  return json;
}

std::vector<VectorFile> load_files(const fs::path& folder, std::vector<std::string>& faults) {
  std::vector<VectorFile> out;
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder / "generated", error), end; !error && at != end; at.increment(error)) {
    paths.push_back(at->path());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::string kind : kKinds) {
    for (const fs::path& path : paths) {
      if (path.filename().string().rfind(kind + "-", 0) == 0) out.push_back({path, kind, load_json(path, faults)});
    }
    const fs::path own = folder / kind / (kind + ".json");
    if (fs::exists(own, error)) out.push_back({own, kind, load_json(own, faults)});
  }
  std::erase_if(out, [](const VectorFile& each) { return each.json.is_discarded(); });
  return out;
}

}  // namespace quickpay::vectors
