// What every element of a specification has, and where it stands.
#pragma once

#include <string>
#include <vector>

namespace quickpay::spec {

/// Where an element stands in its source file; lines and columns count from 1.
struct Location {
  std::string file;  ///< relative to the folder of the specification's root file
  int line = 0;
  int column = 0;
};

/// What every element of a specification carries.
struct Common {
  std::string id;
  std::string since;
  std::string deprecated;
  std::string replaced_by;
  std::vector<std::string> requirements;  ///< ids, in the order written
  std::string text;                       ///< English, white space folded
  Location at;                            ///< not part of the canonical form
};

}  // namespace quickpay::spec
