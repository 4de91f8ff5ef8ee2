# qp_embed(TARGET NAMESPACE BASE FILE…): the files as texts in a generated source of TARGET: a function
# `const std::vector<std::pair<std::string_view, std::string_view>>& embedded()` in NAMESPACE gives (path, text), paths relative to
# BASE. A changed file is embedded anew by the next build.
function(qp_embed TARGET NAMESPACE BASE)
  set(entries "")
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${BASE}/${file}")
    file(READ "${BASE}/${file}" text)
    string(APPEND entries "      {R\"QPEMBED(${file})QPEMBED\", R\"QPEMBED(${text})QPEMBED\"},\n")
  endforeach()
  set(out "${CMAKE_CURRENT_BINARY_DIR}/${TARGET}_embedded.cpp")
  file(WRITE "${out}.new"
"#include <string_view>
#include <utility>
#include <vector>

namespace ${NAMESPACE} {

const std::vector<std::pair<std::string_view, std::string_view>>& embedded() {
  static const std::vector<std::pair<std::string_view, std::string_view>> kFiles = {
${entries}  };
  return kFiles;
}

}  // namespace ${NAMESPACE}
")
  configure_file("${out}.new" "${out}" COPYONLY)  # touches it only where it changed
  target_sources(${TARGET} PRIVATE "${out}")
endfunction()
