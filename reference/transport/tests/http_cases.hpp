// Requests with what must come of them, as bytes: the HTTP part of the attack corpus. The pure policy and the server on
// a socket are both held to this table.
#pragma once

#include <string>
#include <vector>

#include "reference/transport/http_policy.hpp"

namespace quickpay::transport::tests {

inline constexpr const char* kPath = "/p/1/first";
inline constexpr const char* kOtherPath = "/p/1/second";
inline constexpr const char* kFilePath = "/p/1/file";
inline constexpr const char* kType = "application/test+xml";
inline constexpr const char* kHost = "127.0.0.1:7777";
inline constexpr std::size_t kLimit = 100;  ///< bytes of a body at kPath

struct HttpCase {
  std::string id;              ///< of the corpus, with a word that tells the variants apart
  std::string bytes;           ///< what a client sends
  std::vector<unsigned> want;  ///< statuses of the answers, in order; after one that is not 200 the connection closes
};

/// The table that the cases are made for: kPath and kOtherPath take POST, kFilePath takes GET.
PathTable case_paths();
/// All cases. `host` takes the place of kHost.
std::vector<HttpCase> http_cases(const std::string& host = kHost);

}  // namespace quickpay::transport::tests
