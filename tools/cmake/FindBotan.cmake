# Finds Botan 2.19 or 3 through pkg-config; defines Botan::Botan.
find_package(PkgConfig REQUIRED)
pkg_search_module(BOTAN REQUIRED IMPORTED_TARGET botan-3 botan-2)
if(NOT TARGET Botan::Botan)
  add_library(Botan::Botan INTERFACE IMPORTED)
  target_link_libraries(Botan::Botan INTERFACE PkgConfig::BOTAN)
endif()
set(Botan_FOUND TRUE)
