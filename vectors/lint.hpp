// What is wrong with the vectors as data.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace quickpay::vectors {

/// Faults of a folder of vectors (the room `vectors/`), one sentence each. The rules, by the name that the sentence begins with:
///  - json: a file is no JSON, or there are no vectors;
///  - schema: a file departs from schemas/<kind>-vectors.schema.json;
///  - id: there twice (in any two files), or on the list of those that are gone;
///  - name: a row and a default of one machine have the same name, so that an expectation means two things;
///  - count: the number of vectors is another one than the file says;
///  - base: an invalid vector has no valid base before it;
///  - mutation: a step of a machine differs from its base otherwise than the mutation says;
///  - note: a flag without a note in notes.json, or a note that nobody uses;
///  - because: an acceptable vector without a reason, or a reason without need.
std::vector<std::string> lint(const std::filesystem::path& folder);

}  // namespace quickpay::vectors
